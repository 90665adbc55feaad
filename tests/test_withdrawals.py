"""X4: what is withdrawn leaves every document, and Atom says so for thirty days."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import feedparser
import pytest
from small_site import EPOCH, Site, name

AT = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
DAY = 86_400
MONTH = 30 * DAY


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that was built once, with a text ledger."""
    site = Site(tmp_path / "site", ledger=True).fill()
    assert site.run("build").code == 0
    return site


def announced(site: Site, feed: str = "") -> list[tuple[str, str]]:
    """Return what Atom and JSON Feed say is gone from a feed: ids, and since when."""
    root = ElementTree.parse(site.out / feed / "atom.xml").getroot()
    found = [(each.attrib["ref"], each.attrib["when"]) for each in root.findall(AT)]
    extras = json.loads((site.out / feed / "feed.json").read_bytes())["_feedpub"]
    assert [(e["id"], e["date"]) for e in extras.get("withdrawn", ())] == found
    return found


def id_of(site: Site, title: str) -> str:
    found = feedparser.parse(site.out / "atom.xml")
    [entry] = [e for e in found.entries if e.title == title]
    return str(entry.id)


def test_x4_each_feed_it_was_in_announces_it(site: Site) -> None:
    gone = id_of(site, "Item 6")
    documents = list(site.out.rglob("atom.xml"))
    holding = {p.parent for p in documents if gone in p.read_text(encoding="utf-8")}
    assert 1 < len(holding) < len(documents)
    site.edit(6, removed=True)
    assert site.run("build", epoch=EPOCH + DAY).code == 0
    for folder in (p.parent for p in documents):
        text = (folder / "atom.xml").read_text(encoding="utf-8")
        was_in = folder in holding
        told = announced(site, str(folder.relative_to(site.out)))
        assert told == ([(gone, "2026-01-02T00:00:00Z")] if was_in else []), folder
        assert ("xmlns:at" in text) is was_in, "declared only where it is used (F10)"
        parsed = feedparser.parse(folder / "atom.xml")
        assert not parsed.bozo
        assert gone not in {e.id for e in parsed.entries}
    assert "Item 6" not in "".join(p.read_text("utf-8") for p in site.out.rglob("*.xml"))


def test_x4_it_is_announced_for_thirty_days(site: Site) -> None:
    site.edit(6, removed=True)
    for epoch, expected in ((0, 1), (DAY, 1), (MONTH - 1, 1), (MONTH, 0), (MONTH + 1, 0)):
        assert site.run("build", epoch=EPOCH + epoch).code == 0
        assert len(announced(site)) == expected, epoch
    (site.content / name(6)).unlink()
    assert site.run("build", epoch=EPOCH + MONTH + DAY).code == 0
    assert announced(site) == [], "it was gone before its file was"


def test_x4_a_deleted_file_and_one_put_off_are_withdrawn_too(site: Site) -> None:
    gone = [id_of(site, "Item 6"), id_of(site, "Item 7")]
    (site.content / name(6)).unlink()
    site.edit(7, publishedDateTime="2026-03-01T00:00:00Z")
    assert site.run("build").code == 0
    assert sorted(ref for ref, _ in announced(site)) == sorted(gone)


def test_x4_what_comes_back_is_announced_no_longer(site: Site) -> None:
    gone = id_of(site, "Item 6")
    site.edit(6, removed=True)
    assert site.run("build").code == 0
    site.edit(6, topics=["Rivers"])
    assert site.run("build", epoch=EPOCH + DAY).code == 0
    assert id_of(site, "Item 6") == gone
    for folder in site.out.rglob("atom.xml"):
        assert "deleted-entry" not in folder.read_text(encoding="utf-8"), folder


def test_x4_the_text_ledger_alone_announces_the_same(site: Site) -> None:
    site.edit(6, removed=True)
    assert site.run("build").code == 0
    before = site.feeds()
    assert announced(site)
    shutil.rmtree(site.state)
    shutil.rmtree(site.out)
    assert site.run("build").code == 0
    assert site.feeds() == before
    assert site.run("build", epoch=EPOCH + MONTH).code == 0
    assert announced(site) == []


def test_x4_of_very_many_only_the_last_are_announced(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    for number in range(1050):
        site.write(f"{number}.md", title=f"T{number}", webUrl=f"https://www.example.org/{number}",
                   publishedDateTime="2025-01-01T00:00:00Z")  # fmt: skip
    site.configure()
    assert site.run("build").code == 0
    for number in range(1050):
        (site.content / f"{number}.md").unlink()
        if number == 39:
            assert site.run("build", epoch=EPOCH + 1).code == 0
    assert site.run("build", "--accept-removals", epoch=EPOCH + 2).code == 0
    told = announced(site)
    assert len(told) == 1000
    assert {when for _, when in told} == {"2026-01-01T00:00:02Z"}
