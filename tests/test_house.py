"""The house stays as small as it is: tests/house.toml says how large each layer may be."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

TESTS = Path(__file__).parent
PRODUCT = TESTS.parent / "feedpub"
HOUSE = tomllib.loads((TESTS / "house.toml").read_text(encoding="utf-8"))
FRONT = {"cli", "wiring", "starter", "__init__", "__main__"}
MOST, LEAST = 450, 25
"""Lines of a module that needs no reason."""


class Module(NamedTuple):
    """What is counted of a module; `path` is below feedpub/."""

    path: str
    layer: str
    lines: int
    statements: int
    docstrings: int


@cache  # by a test, not by each worker that only collects
def modules() -> tuple[Module, ...]:
    return tuple(_counted())


def _counted() -> Iterator[Module]:
    for file in sorted(PRODUCT.rglob("*.py")):
        path, text = file.relative_to(PRODUCT), file.read_text(encoding="utf-8")
        nodes = [*ast.walk(ast.parse(text))]
        layer = path.parts[0].removesuffix(".py")
        yield Module(
            path.as_posix(),
            "front" if layer in FRONT else layer,
            len(text.splitlines()),
            sum(isinstance(node, ast.stmt) for node in nodes),
            sum(map(_docstring_lines, nodes)),
        )


def _docstring_lines(node: ast.AST) -> int:
    """Return how many lines `node` has if it is a docstring, also that of a variable."""
    match node:
        case ast.Expr(value=ast.Constant(value=str()), lineno=first, end_lineno=int(last)):
            return last - first + 1
    return 0


def test_every_layer_has_its_bounds() -> None:
    assert {module.layer for module in modules()} == HOUSE["layers"].keys()


@pytest.mark.parametrize("layer", [*HOUSE["layers"], "whole"])
def test_no_layer_is_larger_than_it_may_be(layer: str) -> None:
    part = [module for module in modules() if layer in (module.layer, "whole")]
    size = sum(m.lines for m in part), sum(m.statements for m in part), len(part)
    whole = [HOUSE["whole"][key] for key in ("lines", "statements", "modules")]
    bounds = HOUSE["layers"].get(layer, whole)
    assert all(map(int.__le__, size, bounds)), f"{layer} has {size}, may have {bounds}"


def test_no_docstring_is_saved() -> None:
    docstrings, statements = (
        sum(m.docstrings for m in modules()),
        sum(m.statements for m in modules()),
    )
    assert docstrings / statements >= HOUSE["whole"]["docstrings"]


def test_modules_that_are_long_or_short_have_a_reason() -> None:
    long = {module.path for module in modules() if module.lines > MOST}
    short = {module.path for module in modules() if module.lines < LEAST}
    assert long <= HOUSE["long"].keys(), long - HOUSE["long"].keys()
    assert short <= HOUSE["short"].keys(), short - HOUSE["short"].keys()
    assert all((*HOUSE["long"].values(), *HOUSE["short"].values()))


def test_no_module_has_the_name_of_another_one() -> None:
    names = Counter(Path(module.path).stem for module in modules())
    twice = {name for name, times in names.items() if times > 1} - {"__init__", "__main__"}
    assert twice <= HOUSE["twice"].keys(), twice - HOUSE["twice"].keys()


def test_the_tests_are_installed_from_versions_alone() -> None:
    """No address of a registry, and no library whose version is left to the day."""
    lines = (TESTS.parent / ".ci" / "constraints.txt").read_text(encoding="ascii").splitlines()
    pins = [re.fullmatch(r"([\w.-]+)==[\w.+!-]+", line) for line in lines]
    assert all(pins), [line for line, pin in zip(lines, pins, strict=True) if not pin]
    known = {_plain(pin[1]) for pin in pins if pin}
    project = tomllib.loads((TESTS.parent / "pyproject.toml").read_text(encoding="utf-8"))
    asked_for = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["serve"],
        *project["dependency-groups"]["dev"],
    ]
    names = {_plain(re.split(r"[<>=~!\[ ]", each)[0]) for each in asked_for} - {"feedpub"}
    assert names <= known, names - known


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
