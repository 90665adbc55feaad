"""`feedpub build --profile` says where the time went, and says it truly."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from command import Run
from running_service import serving
from small_site import COUNT, Site

from feedpub.cli.views import print_profile
from feedpub.publish import Report

SOUND = range(4, COUNT)
"""Items about which there is nothing to say on stderr."""

LINE = re.compile(r"(\w+) +(\d+\.\d{3}) +(\d+)%(?:  (.+))?")
BUSY = """
import time
while time.process_time() < 0.4:
    pass
from feedpub.cli import main
main()
"""


class Line(NamedTuple):
    seconds: float
    share: int
    work: str


def table_of(run: Run) -> dict[str, Line]:
    """Return the lines of the table, which must be all that stderr has."""
    head, *lines = run.stderr.splitlines()
    assert head.split() == ["stage", "seconds", "share"]
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found), lines
    return {m[1]: Line(float(m[2]), int(m[3]), m[4] or "") for m in found if m}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path).fill(SOUND)


def test_every_stage_of_the_report_is_told_and_they_add_up(site: Site) -> None:
    run = site.run_process("build", "--profile", "--report", "json")
    assert run.code == 0
    table, seconds = table_of(run), run.report["seconds"]
    stages = [name for name in seconds if name != "total"]
    assert list(table) == ["start", "open", *stages, "other", "total"]
    for name in stages:
        assert table[name].seconds == pytest.approx(seconds[name], abs=0.0006)
    *parts, total = table.values()
    assert sum(line.seconds for line in parts) == pytest.approx(total.seconds, abs=0.01)
    assert sum(line.share for line in parts) == pytest.approx(total.share, abs=8)
    assert total.share == 100
    within, _, text = total.work.partition(" ")
    assert text == "of it in the rescan"
    assert float(within) == pytest.approx(seconds["total"], abs=0.0006)


def test_it_says_what_the_stages_did(site: Site) -> None:
    run = site.run("build", "--profile", "--report", "json")
    table, report = table_of(run), run.report
    written = sum(report[kind]["written"] for kind in ("feeds", "pages", "archives", "lists"))
    feeds = report["feeds"]["rendered"] + report["archives"]["rendered"]
    assert table["scan"].work == f"{len(SOUND)} files"
    assert table["parse"].work == f"{len(SOUND)} files read"
    assert table["render"].work == f"{feeds} feed documents"
    assert table["pages"].work == f"{report['pages']['rendered']} pages"
    assert table["lists"].work == f"{report['lists']['rendered']} documents"
    assert table["write"].work == f"{written} documents to replace"
    # What an unchanged site does not do takes no line.
    table = table_of(site.run("build", "--profile"))
    assert table.keys() == {"start", "open", "scan", "verify", "other", "total"}
    site.edit(7, title="Another title")
    assert table_of(site.run("build", "--profile"))["parse"].work == "1 file read"


def test_what_came_before_the_command_is_in_it(site: Site) -> None:
    site.build()
    table = table_of(site.run_process("build", "--profile", launcher=("-c", BUSY)))
    assert table["start"].seconds + 0.01 >= 0.4
    assert table["total"].seconds >= table["start"].seconds


def test_stdout_stays_as_it_is(site: Site) -> None:
    site.build()
    plain, told = site.run("build"), site.run("build", "--profile")
    assert (plain.stderr, plain.code, told.code) == ("", 0, 0)
    time = re.compile(r"in \d+ ms")
    assert time.sub("", told.stdout) == time.sub("", plain.stdout) != ""
    quiet = site.run("-q", "build", "--profile")
    assert quiet.stdout == ""
    assert table_of(quiet)


def test_a_dry_run_has_one_too(site: Site) -> None:
    run = site.run("build", "--dry-run", "--profile")
    assert table_of(run)["write"].work.endswith(" documents to replace")
    assert not site.out.exists()


def test_a_build_that_the_service_did_has_the_way_to_it(site: Site) -> None:
    with serving(site):
        table = table_of(run := site.run_process("build", "--profile", "--report", "json"))
    assert run.code == 0
    assert table["open"].seconds > 0
    assert table["scan"].seconds == pytest.approx(run.report["seconds"]["scan"], abs=0.0006)


def test_a_rescan_that_took_no_time_has_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_profile(Report(seconds={"total": 0.0}), start=0.0, outside=0.0)
    told = capsys.readouterr()
    assert told.out == ""
    assert "total        0.000     0%  0.000 of it in the rescan" in told.err


def test_help_names_it(site: Site) -> None:
    assert "--profile" in site.run("build", "--help").stdout
    assert json.loads(site.run("build", "--report", "json").stdout)
