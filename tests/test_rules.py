"""The page of rules, feedpub/RULES.md, says what the code cites and the tests hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PRODUCT = TESTS.parent / "feedpub"
PAGE = (PRODUCT / "RULES.md").read_text(encoding="utf-8")
HOUSE_PAGE = (PRODUCT / "README.md").read_text(encoding="utf-8")
RULES = dict(re.findall(r"^- \*\*(\w+)\*\* (.+(?:\n  .+)*)", PAGE, re.MULTILINE))
"""Each rule by its code."""

NOT_YET = {code for code, text in RULES.items() if text.startswith("*Not yet:*")}
"""The rules of which nothing is built. Of others a part may be: it follows that mark."""

CODE = re.compile(rf"\b([{''.join(sorted({code[0] for code in RULES}))}])([1-9]\d?)\b(?:-\1(\d+))?")


def codes(text: str) -> set[str]:
    """Return the codes that `text` names; `D3-D6` names four."""
    return {
        f"{letter}{number}"
        for letter, first, last in CODE.findall(text)
        for number in range(int(first), int(last or first) + 1)
    }


def held() -> Iterator[tuple[str, str]]:
    """Yield each code that a test names, and that test: in its name, or in its docstring."""
    for file in TESTS.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named = re.match(r"test((?:_[a-z]\d+)*)_", node.name)
                assert named, node.name
                for code in codes(
                    f"{named[1].upper().replace('_', ' ')} {ast.get_docstring(node)}"
                ):
                    yield code, f"{file.name}::{node.name}"


def test_every_rule_that_the_code_cites_is_on_the_page() -> None:
    files = [*PRODUCT.rglob("*.py"), *PRODUCT.rglob("*.html"), TESTS.parent / "README.md"]
    cited = {
        (code, file.name) for file in files for code in codes(file.read_text(encoding="utf-8"))
    }
    assert len(cited) > 200
    assert not {(code, file) for code, file in cited if code not in RULES}


def test_every_rule_is_held_by_a_test_or_not_built_yet() -> None:
    tests = dict(held())
    assert tests.keys() <= RULES.keys(), "tests name rules that are not on the page"
    print("not yet:", *sorted(NOT_YET))
    untested = RULES.keys() - tests.keys()
    assert untested == NOT_YET, {code: tests.get(code, "no test") for code in untested ^ NOT_YET}


def test_rules_stand_in_their_order_each_once() -> None:
    found = list(re.findall(r"\*\*([A-Z])(\d+)\*\*", PAGE))
    by_letter: dict[str, list[int]] = {}
    for letter, number in found:
        by_letter.setdefault(letter, []).append(int(number))
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in by_letter.values())
    assert len(found) == len(RULES)


@pytest.mark.parametrize("page", ["RULES.md", "README.md"])
def test_pages_name_files_that_there_are_and_no_issue(page: str) -> None:
    text = (PRODUCT / page).read_text(encoding="utf-8")
    assert not re.search(r"#\d|\bissues? \d", text)
    for name in re.findall(r"`([a-z_/]+\.(?:py|toml|md))`", text):
        assert (PRODUCT / name).exists() or (TESTS.parent / name).exists(), name


def test_each_place_that_is_named_is_there() -> None:
    """Who changes the product finds by a table where something is, which names what it is there."""
    places = HOUSE_PAGE.partition("## Where is …")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z_/]+\.py)`(?: \((`[^)]+`)\))?", places)
    assert len(named) > 20
    for path, names in named:
        text = (PRODUCT / path).read_text(encoding="utf-8")
        for name in re.findall(r"`(\w+)`", names):
            assert re.search(rf"^(?:def|class) {name}\b|^{name}\b.* = ", text, re.MULTILINE), name


def test_few_words_are_our_own_and_each_is_in_use() -> None:
    table = HOUSE_PAGE.partition("## Words")[2].partition("## ")[0]
    words = re.findall(r"^\| ([a-z ]+) \|", table, re.MULTILINE)[1:]
    assert 10 < len(words) <= 25
    code = "".join(file.read_text(encoding="utf-8") for file in PRODUCT.rglob("*.py"))
    assert [word for word in words if not re.search(rf"\b{word}", code, re.IGNORECASE)] == []
