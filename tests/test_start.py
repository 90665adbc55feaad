"""How much is imported before anything is done: what an unchanged site pays at each build."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from feedpub.cli import cli

OURS = "feedpub"
HEAVY = {
    *("asyncio", "concurrent", "ctypes", "difflib", "email", "http", "importlib.metadata"),
    *("importlib.resources", "logging", "multiprocessing", "random", "secrets", "shutil"),
    *("socket", "ssl", "subprocess", "tempfile", "traceback", "unittest", "urllib.request"),
    *("xml", "zipfile", "zoneinfo"),
}
"""Modules of the standard library that take a millisecond or more, with what they import."""

IDLE = {
    "feedpub.core.front_matter",
    "feedpub.core.normalize",
    "feedpub.formats.checks",
    "feedpub.formats.jsonfeed",
    "feedpub.formats.pages",
    "feedpub.formats.syndication",
    "feedpub.publish.read",
    "feedpub.publish.render",
    "feedpub.publish.settle",
}
"""Modules of ours that have nothing to do when nothing changed."""

PROGRAM = """
import json, sys
before = set(sys.modules)
from feedpub.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
finally:
    print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
"""


def imported(folder: Path, *arguments: str) -> set[str]:
    """Return the modules that the command imports, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def third_party(modules: set[str]) -> set[str]:
    """Return the packages that are neither feedpub's nor Python's, nor traces of Cython."""
    packages = {name.partition(".")[0] for name in modules if "cython" not in name}
    return packages - sys.stdlib_module_names - {OURS}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site that was built."""
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "one.md").write_text(
        "---\ntitle: One\nwebUrl: https://e.org/1\ndate: 2026-01-01\n---\nText <br>\n"
    )
    (tmp_path / "feedpub.yaml").write_text("site: {url: 'https://e.org/', title: T}\n")
    assert imported(tmp_path, "build") >= IDLE | {"feedgen", "lxml"}
    return tmp_path


def test_an_unchanged_build_imports_what_it_needs_and_nothing_else(site: Path) -> None:
    modules = imported(site, "build")
    # msgspec, which imports typing_extensions, reads the rows of the state; what makes the HTML of
    # bodies is asked for its versions, since other ones may give other bytes.
    needed = {"click", "msgspec", "nh3", "pyromark", "typing_extensions", "yaml"}
    assert third_party(modules) == needed
    assert modules & HEAVY == set()
    assert modules & (IDLE | {"feedpub.service"}) == set()


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], *([name, "--help"] for name in cli.commands)]
)
def test_help_imports_click_and_no_more(tmp_path: Path, arguments: list[str]) -> None:
    modules = imported(tmp_path, *arguments)
    assert third_party(modules) == {"click"}
    assert {name for name in modules if name.startswith(OURS)} <= {
        "feedpub",
        "feedpub.cli",
        "feedpub.core",
        "feedpub.core.problems",
    }
