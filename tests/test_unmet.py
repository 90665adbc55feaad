"""What the config names and the content does not have is a warning with what may be meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_site import Site

NAMES: dict[str, tuple[dict[str, Any], str]] = {
    "only": ({"topics": {"only": ["Wbe", "AI"]}}, "topics.only: Wbe is a topic … mean Web?"),
    "except": ({"topics": {"except": ["Ribers"]}}, "topics.except: Ribers is a … mean Rivers?"),
    "retired": (
        {"topics": {"retired": ["Zebras"]}},
        "topics.retired: Zebras … mend or remove it",
    ),
    "define": (
        {"topics": {"define": {"River": {"title": "x"}, "Up": {}, "Web": {"parent": "Up"}}}},
        "topics.define: River is a topic that no item has; did you mean Rivers?",
    ),
    "from above": (
        {"content": {"exclude": ["content/old/**"]}},
        '"content/old/**" leaves out nothing in content.root, which it is … mend or remove it',
    ),
}
FINE: list[dict[str, Any]] = [
    {"topics": {"only": ["web", "ＡＩ"], "except": ["RIVERS"]}},
    {"topics": {"define": {"Nets": {"aliases": ["Web"]}}, "retired": ["Rivers"]}},
    {"content": {"exclude": ["old", "**/x.md", "_drafts/**", ".git/**", "node_modules/**"]}},
]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path / "site").fill(range(4, 9))
    site.write("old/x.md", title="Old", webUrl="https://www.example.org/x", date="2025-12-01")
    return site


def warnings(site: Site, command: str) -> list[str]:
    done = site.run(command, "--report", "json")
    assert done.code == (4 if "name-unmatched" in done.codes() and command == "check" else 0)
    found = [p for p in done.report["problems"] if p["code"] == "name-unmatched"]
    assert all(p["path"] == str(site.root / "feedpub.yaml") and p["line"] == 1 for p in found)
    return [p["message"] for p in found]


@pytest.mark.parametrize(("keys", "told"), NAMES.values(), ids=NAMES)
def test_what_nothing_has_is_told_with_what_may_be_meant(
    keys: dict[str, Any], told: str, site: Site
) -> None:
    site.configure(**keys)
    for command in ("check", "build", "build"):
        [said] = warnings(site, command)
        first, _, last = told.partition(" … ")
        assert first in said
        assert said.endswith(last or first), said
    assert site.run("build", "--strict").code == 4
    assert "name-unmatched" not in site.run("build", "--dry-run").stderr


@pytest.mark.parametrize("keys", FINE)
def test_what_is_there_or_left_out_anyway_is_not_told(keys: dict[str, Any], site: Site) -> None:
    site.configure(**keys)
    assert warnings(site, "check") == warnings(site, "build") == []


def test_an_address_for_a_feed_that_nothing_is_in_is_told_by_a_build(site: Site) -> None:
    site.edit(4, category="Old Books")
    addresses = {
        "category/old-books": {"rss": "books.xml"},
        "category/Old Books": {"atom": "b.xml"},
    }
    site.configure(feeds={"by": ["category"], "addresses": addresses})
    [said] = warnings(site, "build")
    assert said.startswith("feeds.addresses: category/old-books is a category that no item has; ")
    assert said.endswith('did you mean "Old Books"?')
    site.edit(4, category="old-books")
    assert [each for each in warnings(site, "build") if "category/old-books" in each] == []


def test_it_is_told_until_it_is_there_and_never_again(site: Site) -> None:
    site.configure(topics={"except": ["Sponsored"]}, content={"exclude": ["ads/**"]})
    assert len(warnings(site, "build")) == 2
    site.write("ads/a.md", title="Ad")
    item = site.edit(4, topics=["Sponsored"])
    assert warnings(site, "build") == []
    item.unlink()
    (site.content / "ads" / "a.md").unlink()
    assert warnings(site, "build") == []
