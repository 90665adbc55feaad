"""What an older feedpub left behind goes on as if nothing had been."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from older_state import (
    BROKEN,
    DAMAGED,
    DERIVED,
    EMPTY,
    LAST_BUILD,
    ODD,
    STATES,
    open_state,
    write_first,
)
from small_site import DAY, EPOCH, Run, Site, url

from feedpub.catalogue import Catalogue
from feedpub.catalogue.migrations import VERSION
from feedpub.core.model import Kept, Site as SiteOf
from feedpub.core.problems import PublishError
from feedpub.core.stories import Authority, State, Story
from feedpub.edges.sqlite import DamagedError, open_catalogue, read_catalogue
from feedpub.publish import settings
from feedpub.publish.settings import Settings

NOW = LAST_BUILD + DAY
SITE = SiteOf("https://e.org/", "T")
AUTHORITY = Authority("e.org", "2026-01-01")


@pytest.fixture(params=[version for version in STATES if int(version.partition("-")[0]) < 12])
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Site:
    """A site whose last build was made by a feedpub whose rows are converted."""
    return open_state(tmp_path / "site", request.param)


def state(site: Site) -> Path:
    return site.state / "catalogue.sqlite3"


def items(site: Site, feed: str = "") -> dict[str, Any]:
    """Return what JSON Feed has of items, also in the archives of the feed, by title."""
    documents = [site.out / feed / "feed.json", *(site.out / feed).glob("archive/*/feed.json")]
    return {
        item["title"]: item for path in documents for item in json.loads(path.read_bytes())["items"]
    }


def ledger(site: Site) -> list[dict[str, Any]]:
    return [json.loads(line) for line in site.ledger.read_bytes().splitlines()]


def known(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line of the ledger without what is read of the files again, not kept of them."""
    story = line.get("story", {})
    return {**line, "story": {k: v for k, v in story.items() if k not in {"link", "mark"}}}


def test_a_broken_file_shows_its_last_good_item_after_an_upgrade(site: Site) -> None:
    site.build(epoch=NOW)
    [item] = items(site, "providers/étoile").values()
    assert (item["title"], item["date_published"]) == ("Item 10", "2025-12-11T08:00:00Z")
    assert [author["name"] for author in item["authors"]] == ["Étoile"]
    assert item["image"] == "https://www.example.org/a.png"
    assert "Beyond 7" in item["content_html"]
    assert "Beyond 8" not in item["content_html"]


def test_a_comment_in_a_file_updates_nothing_after_an_upgrade(site: Site) -> None:
    site.build(epoch=NOW)
    before, shown = ledger(site), items(site)
    for path in ("i00.md", "i06.md", ODD, DERIVED):
        file = site.content / path
        file.write_text(file.read_text("utf-8").replace("---", "---\n# noted", 1), "utf-8")
    report = site.build(epoch=NOW)
    assert (report["documents"]["parsed"], report["feeds"]["written"]) == (4, 0)
    assert items(site) == shown
    after = ledger(site)
    changed = [line for line, old in zip(after, before, strict=True) if line != old]
    assert {line["story"].pop("content") for line in changed} != {""}
    assert len(changed) == 4
    for line in (*before, *after):
        line.get("story", {}).pop("content", None)
    assert after == before


def test_c9_links_to_files_are_followed_from_the_first_build_after_an_upgrade(site: Site) -> None:
    site.write("linking.md", "To [it](i06.md).", title="Linking", date="2025-12-31")
    site.build(epoch=NOW)
    assert f'<a href="{url(6)}">it</a>' in items(site)["Linking"]["content_html"]


def copies(catalogue: Catalogue, site: Site) -> dict[str, object]:
    """Return what is kept of the files that are sound, but what is read of them again."""
    paths = [os.fspath(path.relative_to(site.content)) for path in site.content.rglob("*.md")]
    found = {file.seen.path: file.copy for file in catalogue.files.get(paths)}
    return {
        path: copy._replace(link="", mark="", heat=0, headline="")
        for path, copy in found.items()
        if copy and not copy.broken
    }


def kept(site: Site, *, outdated: bool) -> Kept:
    """Return the entry that is kept of an item of which all is known, but what rendering makes.

    Without the mail addresses of authors: they were kept once, and never published.
    """
    with open_catalogue(state(site)) as catalogue:
        [number] = catalogue.stories.with_keys([url(10)])
        if not outdated:
            catalogue.entries.outdate([number])
        found = catalogue.entries.get([number])[1][number]
    authors = tuple(author._replace(email="") for author in found.entry.authors)
    return found._replace(entry=found.entry._replace(content="", authors=authors))


def test_what_is_converted_is_what_would_be_made_of_the_files_today(
    site: Site, tmp_path: Path
) -> None:
    fresh = site.copy(tmp_path / "fresh")
    fresh.build(epoch=EPOCH)
    with open_catalogue(state(site)) as upgraded, open_catalogue(state(fresh)) as made:
        assert copies(upgraded, site) == copies(made, site)
    again = site.copy(tmp_path / "again")
    write_first(again)
    again.build(epoch=EPOCH)
    old, new = kept(site, outdated=True), kept(again, outdated=False)
    assert len(old.links) > len(old.entry.related)
    assert old == new


@pytest.mark.parametrize("kinds", ["READ", "COMPOSED"])
def test_other_fields_have_all_read_or_composed_again(
    kinds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever adds a field to what is stored has nothing else to think of."""
    own = Settings(SITE, AUTHORITY)
    before = own.fingerprints()
    assert own.fingerprints() == before
    for place, kind in enumerate(getattr(settings, kinds)):
        other = namedtuple(kind.__name__, [*kind._fields, "license"])
        among = [*getattr(settings, kinds)]
        among[place] = other
        with monkeypatch.context() as patched:
            patched.setattr(settings, kinds, tuple(among))
            after = own.fingerprints()
        assert (after["reading"] != before["reading"]) is (kinds == "READ")
        assert after["rendering"] != before["rendering"]
        assert after["selection"] == before["selection"]


def look(site: Site, command: str) -> Run:
    return site.run(command, *([site.content / BROKEN] if command == "explain" else []), epoch=NOW)


@pytest.mark.parametrize("command", ["topics", "explain"])
def test_who_only_looks_sees_in_an_old_state_what_is_there(site: Site, command: str) -> None:
    before = state(site).read_bytes()
    first = look(site, command)
    assert first.code == 0, first.stderr
    assert state(site).read_bytes() == before
    site.build(epoch=NOW)
    assert look(site, command).stdout == first.stdout


@pytest.mark.parametrize("command", ["topics", "explain", "build"])
def test_the_state_of_a_newer_feedpub_is_left_alone(site: Site, command: str) -> None:
    with closing(sqlite3.connect(state(site))) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
        newer.execute(f"PRAGMA application_id = {VERSION + 1}")
    done = look(site, command)
    done.check_plain_failure()
    assert "a newer feedpub wrote the state file" in done.stderr


@pytest.mark.parametrize(
    ("at", "old", "new"),
    [(60, b"\0", b"\7"), (47, b"\4", b"\5"), (None, b"path BLOB", b"bath BLOB")],
)
def test_a_damaged_schema_is_damage_and_not_a_newer_feedpub(
    at: int | None, old: bytes, new: bytes, tmp_path: Path
) -> None:
    site = Site(tmp_path / "site").fill()
    site.build()
    data = state(site).read_bytes()
    at = data.index(old) if at is None else at
    assert data[at : at + len(old)] == old
    state(site).write_bytes(data[:at] + new + data[at + len(old) :])
    done = site.run("build")
    assert (done.code, "damaged" in done.stderr, "newer" in done.stderr) == (0, True, False)
    assert list(site.state.glob("*.damaged-1"))


def test_a_mistake_of_ours_throws_no_state_away(tmp_path: Path) -> None:
    site = Site(tmp_path / "site").fill()
    site.build()
    with pytest.raises(PublishError) as caught, open_catalogue(state(site)) as catalogue:
        catalogue._db.execute("SELECT x FROM stories")  # type: ignore[attr-defined]  # private
    assert not isinstance(caught.value, DamagedError)
    assert not list(site.state.glob("*.damaged-*"))


@pytest.mark.parametrize("site", ["9-4b41268"], indirect=True)
def test_rows_that_cannot_be_converted_change_nothing(site: Site) -> None:
    with closing(sqlite3.connect(state(site))) as old, old:
        old.execute("UPDATE entries SET data = '[' WHERE story = (SELECT max(story) FROM entries)")
        before = list(old.iterdump())
    with pytest.raises(DamagedError), read_catalogue(state(site)):
        pass
    with closing(sqlite3.connect(state(site))) as old:
        assert list(old.iterdump()) == before
    with pytest.raises(DamagedError), open_catalogue(state(site)):
        pass
    with closing(sqlite3.connect(state(site))) as old:
        assert list(old.iterdump()) == before


def test_a_state_file_of_an_older_feedpub_still_opens(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite3")) as old, old:
        old.executescript(EMPTY.read_text(encoding="utf-8"))
        old.execute(
            "INSERT INTO stories VALUES (7, 0, 90, 20, 30, 'tag:x', '[2, 5]', ?)",
            (
                '{"id":"tag:x","basis":"https://x.org/a","explicit":"",'
                '"original_key":"https://x.org/a","web_key":"https://x.org/b","path":"a.md",'
                '"title":"t","date":20,"content":"c","mark":"1-m","first_seen":10,"published":20,'
                '"updated":30,"first_out":20,"state":0,"due":90}',
            ),
        )
    keys = ("https://x.org/a", "", "https://x.org/a", "https://x.org/b")
    known = Story("tag:x", *keys, "a.md", "t", 20, "c", "1-m", 10, 20, 30, 20, State.OUT, 90)
    with open_catalogue(tmp_path / "catalogue.sqlite3") as opened:
        assert opened.stories.get([7]) == {7: known}
        assert opened.feeds.memberships([7]) == {7: [2, 5]}
        moved = known._replace(updated=95, due=None)
        opened.stories.put([(7, known, moved, [5])])
        assert opened.stories.get([7]) == {7: moved}
        assert opened.feeds.memberships([7]) == {7: [5]}


@pytest.mark.parametrize("version", ["2", *STATES])
def test_an_upgraded_state_has_the_schema_of_a_new_one(tmp_path: Path, version: str) -> None:
    if version in STATES:
        shutil.copy(state(open_state(tmp_path / "site", version)), tmp_path / "old.sqlite3")
    else:
        with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as old:
            old.executescript(EMPTY.read_text(encoding="utf-8"))
    found = []
    for name in ("old.sqlite3", "new.sqlite3"):
        with open_catalogue(tmp_path / name) as catalogue:
            query = "SELECT type, name FROM sqlite_schema ORDER BY name"
            things = catalogue._db.execute(query).fetchall()
            columns = {
                name: catalogue._db.execute(f"PRAGMA table_info({name})").fetchall()
                for kind, name in things
                if kind == "table"
            }
            found.append((things, columns))
    assert found[0] == found[1]


def test_the_sound_of_a_broken_file_stays_after_an_upgrade(tmp_path: Path) -> None:
    """Until 11, an entry had one enclosure; what is kept of it is all that there is of the item."""
    site = Site(tmp_path / "site").fill(range(1))
    file = {"url": "https://www.example.org/a.mp3", "type": "audio/mpeg", "length": 9}
    path = site.edit(0, enclosure=file)
    site.build()
    with closing(sqlite3.connect(state(site))) as old, old:
        [(data,)] = old.execute("SELECT data FROM entries").fetchall()
        row = json.loads(data)
        [row["entry"]["enclosure"]] = row["entry"].pop("enclosures")
        old.execute("UPDATE entries SET data = ?", [json.dumps(row)])
        old.execute("ALTER TABLE files DROP COLUMN ctime_ns")
        old.execute("DROP INDEX members_edited")
        old.execute("ALTER TABLE members DROP COLUMN edited")
        old.execute("PRAGMA user_version = 11")
    path.write_text(DAMAGED, encoding="utf-8")
    site.build()
    [item] = items(site).values()
    sent = {"url": file["url"], "mime_type": file["type"], "size_in_bytes": 9}
    assert item["attachments"] == [sent]
