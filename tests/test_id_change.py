"""I1: a lost state must not make readers show the whole site as new, unless a person says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import feedparser
import pytest
from running_service import serving
from small_site import DAY, EPOCH, Site, url

LATER = EPOCH + DAY


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The usual site, built."""
    site = Site(tmp_path / "site").fill()
    site.build()
    return site


def lose_state(site: Site) -> None:
    shutil.rmtree(site.state)


def move(site: Site) -> None:
    """Lose the state and have the domain of the ids another one."""
    lose_state(site)
    site.configure(site={"id_domain": "other.example"})


def test_another_domain_changes_nothing_while_the_state_is_there(site: Site) -> None:
    before = site.ids()
    site.configure(site={"id_domain": "other.example", "url": "https://new.example/"})
    site.build(epoch=LATER)
    assert site.ids() == before


def test_a_lost_state_alone_gives_the_same_ids_and_is_no_matter(site: Site) -> None:
    before = site.ids()
    lose_state(site)
    site.build(epoch=LATER)
    assert site.ids() == before


@pytest.mark.parametrize("formats", [["rss"], ["atom"], ["json"], ["rss", "atom", "json"]])
def test_a_lost_state_and_another_domain_are_refused(tmp_path: Path, formats: list[str]) -> None:
    site = Site(tmp_path / "site").fill()
    site.configure(feeds={"formats": formats})
    site.build()
    before = site.feeds()
    move(site)
    for _ in range(2):  # also the second time: nothing was learned
        done = site.run("build", epoch=LATER)
        assert done.code == 3
        assert "11 of 11 published items would get another id" in done.stderr
        assert "set site.id_domain: example.org and site.id_date: 2026-01-01" in done.stderr
        assert "--accept-id-change" in done.stderr
        assert site.feeds() == before


def test_long_texts_of_the_site_hide_no_id(site: Site) -> None:
    site.configure(site={"description": "x" * 4_100}, feeds={"formats": ["rss"]})
    site.build()
    move(site)
    assert site.run("build", epoch=LATER).code == 3


def test_the_advice_helps(site: Site) -> None:
    before = site.ids()
    move(site)
    assert site.run("build", epoch=LATER).code == 3
    site.configure(site={"id_domain": "example.org"})
    site.build(epoch=LATER)
    assert site.ids() == before


def test_a_person_can_accept_it_and_is_asked_once(site: Site) -> None:
    before = site.ids()
    move(site)
    site.build("--accept-id-change", epoch=LATER)
    now = site.ids()
    assert before.keys() == now.keys()
    assert all(own.startswith("tag:other.example,") for own in now.values())
    site.build(epoch=LATER)


def test_a_dry_run_names_the_ids_and_exits_as_the_build_would(site: Site) -> None:
    move(site)
    done = site.run("build", "--dry-run", epoch=LATER)
    assert done.code == 3
    assert "a build would be refused: 11 of 11 published items" in done.stderr
    assert "out/: new: 11 new, 11 with another id\n" in done.stdout
    told = site.run("build", "--dry-run", "--accept-id-change", "--report", "json", epoch=LATER)
    assert told.code == 0
    assert told.report["changes"][0]["ids"] == 11
    assert not site.state.exists()


def test_the_ledger_of_another_site_is_refused(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", ledger=True).fill()
    site.build()
    lose_state(site)
    text = site.ledger.read_text(encoding="utf-8")
    site.ledger.write_text(text.replace("tag:example.org,", "tag:example.net,"), encoding="utf-8")
    done = site.run("build", epoch=LATER)
    assert done.code == 3, done.stderr
    assert "11 of 11" in done.stderr


@pytest.mark.parametrize(("count", "code"), [(2, 0), (3, 3)])
def test_one_id_in_twenty_may_change(tmp_path: Path, count: int, code: int) -> None:
    site = Site(tmp_path / "site")

    def write(number: int, own: str | None) -> None:
        day = f"2025-11-{number % 28 + 1:02}T08:00:00Z"
        site.edit(number, id=own, publishedDateTime=day, draft=None, related=None)

    for number in range(40):
        write(number, None)
    site.build()
    before = site.feeds()
    lose_state(site)
    for number in range(count):
        write(number, f"own-{number}")
    done = site.run("build", epoch=LATER)
    assert done.code == code, done.stderr
    assert (site.feeds() == before) == bool(code)


def test_what_others_put_there_is_asked_for_the_ids_that_readers_have(site: Site) -> None:
    move(site)
    for path in site.out.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"feedpub", b"another"))
    done = site.run("build", epoch=LATER)
    assert done.code == 3
    assert f"feedpub adopt {site.out}." in done.stderr
    assert site.run("build", "--accept-id-change").code == 1, "foreign files are in the way"


def test_the_service_refuses_too_and_can_be_told(site: Site) -> None:
    move(site)
    with serving(site) as service:
        done = site.run("refresh")
        assert done.code == 3
        assert "another id" in done.stderr
        assert site.run("refresh", "--accept-id-change").code == 0
        service.stop()
    assert all(own.startswith("tag:other.example,") for own in site.ids().values())


def test_i1_new_items_have_their_link_as_id_and_keep_it(tmp_path: Path) -> None:
    """What was out keeps the id that it had; so does what moves, on a machine with the ledger alone."""
    site = Site(tmp_path / "site", ledger=True).fill(range(4, 7))
    site.build()
    before = site.ids()
    site.configure(site={"ids": "link"})
    site.fill(range(4, 9))
    site.write("twin.md", title="Twin", link=url(7), guid="a key", date="2025-12-01")
    site.build(epoch=EPOCH + DAY)
    ids = site.ids()
    assert {title: ids[title] for title in before} == before
    assert ids["Item 7"] == url(7) != ids["Twin"]
    assert ids["Twin"].startswith("tag:example.org,")
    rss = feedparser.parse((site.out / "rss.xml").read_bytes())
    assert not [entry for entry in rss.entries if entry.id == url(7) and entry.guidislink]
    site.edit(7, webUrl="https://www.example.org/elsewhere")
    for part in (site.state, site.out):
        shutil.rmtree(part)
    site.build(epoch=EPOCH + 2 * DAY)
    assert site.ids() == ids
