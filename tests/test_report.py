"""The report of a rescan: what it counts, and that it comes whole from a running service."""

from __future__ import annotations

import json
from pathlib import Path

from small_site import DAY, EPOCH, Site, name

from feedpub.catalogue.content_tables import Status
from feedpub.core.problems import problem
from feedpub.publish.report import Report, Tally, from_dict


def test_files_are_parsed_unchanged_or_removed(tmp_path: Path) -> None:
    site = Site(tmp_path / "site").fill(range(5))
    assert site.build()["documents"] == {"parsed": 5, "unchanged": 0, "removed": 0}
    site.edit(1, title="Another title")
    (site.content / name(2)).unlink()
    (site.content / name(3)).touch()
    told = site.build(epoch=EPOCH + DAY)["documents"]
    assert told == {"parsed": 1, "unchanged": 3, "removed": 1}
    told = site.build(epoch=EPOCH + 2 * DAY)["documents"]
    assert told == {"parsed": 0, "unchanged": 4, "removed": 0}


def test_what_a_service_tells_is_the_same_report() -> None:
    report = Report(
        statuses={status: status + 1 for status in Status},
        withdrawals=["a.md"],
        notice="1 of 9 items is withdrawn (first: a.md)",
        parsed=2,
        unchanged=3,
        removed=4,
        feeds=Tally(9, 8, 7),
        pages=Tally(6, 5, 4),
        archives=Tally(3, 2, 1),
        lists=Tally(4, 4, 0),
        problems=[problem("a.md", "story-duplicate", "text", 3)],
        seconds={"total": 1.5},
        held=1,
        failed=True,
        replaced=["rss.xml"],
    )
    own = {"failed": report.failed, "held": report.held, "replaced": report.replaced}
    told = json.loads(json.dumps({**report.as_dict(), **own}))
    assert from_dict(told) == report
