"""Each entry is rendered once for all documents that show it, and never shown as it no longer is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from feed_samples import PLAIN, RICH, SITE
from hypothesis import given, strategies as st
from small_site import DAY, EPOCH, Site

from feedpub.core.model import Entry
from feedpub.formats import DOCUMENTS
from feedpub.publish.render import NOT_XML, RenderedEntries, RenderEntries

RENDER = RenderEntries(SITE, tuple(DOCUMENTS))
ENTRIES = [
    *(RICH._replace(id=f"tag:e.org,2026:{n}", title=f"{n} < {n + 1}") for n in range(3)),
    RICH._replace(id="tag:e.org,2026:0", topics=()),
    PLAIN._replace(id="tag:e.org,2026:1", updated=PLAIN.updated + 1),
    PLAIN,
]


@given(st.lists(st.sampled_from(ENTRIES)), st.integers(0, 60_000))
def test_what_is_kept_is_what_would_be_rendered_now(entries: list[Entry], room: int) -> None:
    kept = RenderedEntries(room)
    kept.begin(RENDER)
    for entry in entries:
        [expected] = RENDER([entry])
        assert (kept.get(entry) or expected) == expected
        kept.put(entry, expected)


def test_no_more_is_kept_than_there_is_room_for() -> None:
    [a, b, c] = ENTRIES[:3]
    size = RENDER([a])[0].size
    kept = RenderedEntries(2 * size + 10)
    kept.begin(RENDER)
    for entry in (a, b, a, c):
        kept.put(entry, RENDER([entry])[0])
    assert [kept.get(entry) is not None for entry in (a, b, c)] == [True, False, True]
    kept.begin(RenderEntries(SITE._replace(related_in_rss=True), RENDER.formats))
    assert kept.get(a) is None, "another site renders it otherwise"


def test_entries_are_the_same_together_and_alone() -> None:
    wrong = PLAIN._replace(id="tag:e.org,2026:x", title="\ud800")
    entries = [RICH, wrong, PLAIN._replace(updated=1)]
    together = RENDER(entries)
    assert together == [RENDER([entry])[0] for entry in entries]
    assert together[0].faults == ()
    assert together[1].faults == (("", NOT_XML),)
    assert {fault for _, fault in together[2].faults} == {"updated before it was published"}


def test_an_item_of_many_feeds_is_rendered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: Counter[str] = Counter()
    render = RenderEntries.__call__

    def counted(self: RenderEntries, entries: list[Entry]) -> object:
        seen.update(entry.title for entry in entries)
        return render(self, entries)

    monkeypatch.setattr(RenderEntries, "__call__", counted)
    site = Site(tmp_path / "site").fill()
    site.build()
    assert seen
    assert set(seen.values()) == {1}
    seen.clear()
    site.edit(6, title="Another title")
    site.build(epoch=EPOCH + DAY)
    assert seen["Another title"] == 1
    assert "Another title" in (site.out / "rss.xml").read_text(encoding="utf-8")


def test_a_feed_stays_as_it_was_where_an_entry_fails_its_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path / "site").fill(range(3))
    site.build()
    before = site.feeds()
    checker = type(DOCUMENTS["rss"].load_checker())
    real = checker.entry
    monkeypatch.setattr(
        checker,
        "entry",
        lambda self, part, entry: ["a fault"] if entry.title == "Bad" else real(self, part, entry),
    )
    site.edit(0, title="Bad", topics=["Web"])
    done = site.run("build", "--report", "json", epoch=EPOCH + DAY)
    assert done.code == 1
    problems = [p for p in done.report["problems"] if p["code"] == "feed-rejected"]
    assert {p["path"] for p in problems} == {"./", "topics/web/"}
    assert "topics/web/rss.xml: item 2: a fault" in problems[1]["message"]
    after = site.feeds()
    kept = [
        f"{folder}{file}" for folder in ("", "topics/web/") for file in ("rss.xml", "index.html")
    ]
    assert [after[path] for path in kept] == [before[path] for path in kept]
