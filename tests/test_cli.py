"""The command line as its users meet it: every command and option."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from command import Run, run_here
from small_site import DRAFT, EPOCH, LINKING, OUT_AT_FIRST, Files, Site, files_below

from feedpub import __version__, commit
from feedpub.edges.lock import lock
from feedpub.edges.sqlite import DamagedError

COMMANDS = [
    *(
        "build",
        "preview",
        "serve",
        "refresh",
        "push",
        "adopt",
        "check",
        "explain",
        "topics",
        "compare",
        "init",
    ),
    "state",
    "schema",
]
ESCAPE = "\x1b["
STATUSES = (
    "published",
    "withheld",
    "scheduled",
    "duplicate",
    "quarantined",
    "not_items",
    "undated",
)
DUPLICATE, BROKEN, FUTURE, TEXT = "twice.md", "broken.md", "future.md", "text.md"

pytestmark = pytest.mark.timeout(90)


def write_odd_items(site: Site) -> None:
    """Add a file of each kind that is not simply published; the usual ones hold a draft."""
    again = "https://www.example.org/4"
    site.write(DUPLICATE, title="Again", webUrl=again, publishedDateTime="2025-12-20T08:00:00")
    site.write(FUTURE, title="Later", webUrl=f"{again}0", publishedDateTime="2026-02-01T08:00:00Z")
    (site.content / BROKEN).write_text("---\ntitle: never closed\n", encoding="utf-8")
    (site.content / TEXT).write_text("# No front matter\n", encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site with an item of every kind, built once; tests must not change it."""
    site = Site(tmp_path_factory.mktemp("built")).fill()
    write_odd_items(site)
    site.build()
    return site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a small site that was never built."""
    return Site(tmp_path).fill(range(4))


def feedpub(*arguments: str | Path, cwd: Path = Path()) -> Run:
    """Run feedpub without a site."""
    return run_here(*arguments, cwd=cwd)


def no_trace(root: Path) -> Files:
    """Return all files below `root`, to see that none came, went or changed."""
    return files_below(root)


# --- help, version, usage --------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_everywhere(command: str, flag: str) -> None:
    done = feedpub(*command.split(), flag)
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ")


def test_help_names_the_commands_in_the_order_of_their_first_use() -> None:
    text = feedpub("--help").stdout
    assert re.findall(r"^  (\w+) ", text.partition("Commands:")[2], re.MULTILINE) == COMMANDS


def test_version() -> None:
    python = ".".join(map(str, sys.version_info[:3]))
    assert feedpub("--version").stdout == (
        f"feedpub, version {__version__} (commit {commit()}, Python {python})\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["bild"],
        ["build", "--ful"],
        ["build", "--report", "xml"],
        ["build", "extra"],
        ["explain"],
        ["--config"],
        ["--config", "nowhere.yaml", "build"],
    ],
)
def test_a_usage_error_ends_with_2_and_writes_nothing(arguments: list[str], tmp_path: Path) -> None:
    done = feedpub(*arguments, cwd=tmp_path)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_without_a_config_it_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    done = feedpub("build", cwd=tmp_path)
    assert done.code == 2
    for part in ("feedpub.yaml", "config/feedpub.yaml", "--config", "feedpub init"):
        assert part in done.stderr


@pytest.mark.parametrize("place", ["feedpub.yaml", "config/feedpub.yaml"])
def test_the_config_is_found_in_the_working_directory(place: str, site: Site) -> None:
    config = site.root / place
    config.parent.mkdir(exist_ok=True)
    (site.root / "feedpub.yaml").rename(config)
    if place != "feedpub.yaml":
        site.content.rename(config.parent / "content")
    assert feedpub("build", cwd=site.root).code == 0
    assert (config.parent / "out" / "rss.xml").is_file()


def test_the_config_is_found_in_a_folder_above_and_with_the_other_suffix(site: Site) -> None:
    below = site.content / "a" / "b"
    below.mkdir(parents=True)
    (site.root / "feedpub.yaml").rename(site.root / "feedpub.yml")
    done = feedpub("build", "-v", cwd=below)
    assert done.code == 0
    assert "feedpub: the config is ../../../feedpub.yml\n" in done.stderr
    assert (site.out / "rss.xml").is_file()
    assert feedpub("check", cwd=site.root).stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--config", "the.yaml", "-v", "check"],
        ["check", "-v", "--config", "the.yaml"],
        ["--config", "the.yaml", "check", "-v"],
        ["--config", "other.yaml", "check", "--config=the.yaml", "--verbose"],
    ],
)
def test_config_and_verbosity_may_come_before_and_after_the_command(
    arguments: list[str], site: Site
) -> None:
    (site.root / "feedpub.yaml").rename(site.root / "the.yaml")
    done = feedpub(*arguments, cwd=site.root)
    assert done.stderr == "feedpub: the config is the.yaml\n"
    assert done.stdout.splitlines()[-1].startswith("Checked the config, ")
    quiet = {"-v": "-q", "--verbose": "--quiet"}
    silent = [quiet.get(argument, argument) for argument in arguments]
    assert feedpub(*silent, cwd=site.root).stdout == ""


# --- build -------------------------------------------------------------------------------------------


def test_build_says_in_one_line_what_it_did(site: Site) -> None:
    first = site.run("build")
    sentence, *advice = first.stdout.splitlines()
    assert first.code == 0
    assert re.fullmatch(
        r"3 items \(1 withheld\) in \d feeds: wrote (\d+) of \1 files to out in .*; 1 warning\.",
        sentence,
    ), sentence
    assert "out/index.html" in advice[0]
    assert "out/rss.xml" in advice[0]
    assert "set site.url" in advice[1], "it is that of the example"
    assert len(advice) == 2
    again = site.run("build")
    assert (again.code, len(again.stdout.splitlines())) == (0, 1)
    assert re.search(r": nothing to write, \d+ files in out unchanged, in ", again.stdout)
    site.edit(1, title="Another title")
    assert re.search(r"wrote \d+ of \d+ files", site.run("build").stdout)


def test_build_counts_files_that_it_removes(site: Site) -> None:
    pages = site.build()["pages"]["total"] + 2  # and what they load
    site.configure(feeds={"pages": False})
    dry = site.run("build", "--dry-run").stdout
    assert f" and would remove {pages} in " in dry
    assert f" and removed {pages} in " in site.run("build").stdout
    assert not list(site.out.rglob("index.html"))


def test_build_counts_what_is_not_out(built: Site) -> None:
    line = built.run("build").stdout
    aside = "1 withheld, 1 scheduled, 1 duplicate, 1 quarantined"
    assert line.startswith(f"{OUT_AT_FIRST} items ({aside}) in ")
    assert line.endswith("; 1 error, 2 warnings.\n")


def test_one_item_is_not_called_items(tmp_path: Path) -> None:
    assert (
        Site(tmp_path).fill(range(1)).run("build").stdout.startswith("1 item in 3 feeds: wrote 16")
    )


def test_problems_come_worst_first_and_infos_only_when_asked(built: Site) -> None:
    severities = re.findall(r": (error|warning|info): ", built.run("build").stderr)
    assert severities == ["error", "warning", "warning"]
    severities = re.findall(r": (error|warning|info): ", built.run("-v", "build").stderr)
    assert severities[:4] == ["error", "warning", "warning", "info"]
    assert re.findall(r": (error|warning|info): ", built.run("-q", "build").stderr) == ["error"]
    assert built.run("-q", "build").stdout == ""


def test_many_problems_are_shortened(site: Site) -> None:
    for number in range(30):
        (site.content / f"bad{number:02}.md").write_text("---\ntitle: x\n", encoding="utf-8")
    lines = site.run("build").stderr.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 11 more; -v shows them all"
    assert all(": error: " in line for line in lines[:-1])
    assert len(site.run("-v", "build").stderr.splitlines()) > 30
    assert len(site.run("check").stdout.splitlines()) > 30


def test_report_json_is_the_contract_and_the_only_thing_on_stdout(built: Site) -> None:
    done = built.run("-v", "build", "--report", "json")
    report = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert list(report) == [
        *("items", "documents", "feeds", "pages", "archives", "lists", "problems", "left_out"),
        "seconds",
    ]
    items = report["items"]
    assert set(items) == {"seen", *STATUSES, "withdrawn"}
    assert items["seen"] == sum(items[name] for name in STATUSES) == 16
    assert [items[name] for name in STATUSES] == [OUT_AT_FIRST, 1, 1, 1, 1, 1, 0]
    assert set(report["documents"]) == {"parsed", "unchanged", "removed"}
    for name in ("feeds", "pages", "archives", "lists"):
        assert set(report[name]) == {"total", "rendered", "written", "unchanged"}
        assert report[name]["total"] == report[name]["written"] + report[name]["unchanged"]
    for problem in report["problems"]:
        assert list(problem) == ["path", "line", "code", "severity", "message"]
        assert problem["severity"] in {"info", "warning", "error"}
    assert {"total", "scan"} <= set(report["seconds"])


def test_report_counts_documents_and_feeds_of_this_run(site: Site) -> None:
    first = site.build()
    assert first["documents"] == {"parsed": 4, "unchanged": 0, "removed": 0}
    assert first["feeds"]["written"] == first["feeds"]["rendered"] == first["feeds"]["total"] > 4
    assert first["pages"]["total"] * 3 == first["feeds"]["total"]
    again = site.build()
    assert again["documents"] == {"parsed": 0, "unchanged": 4, "removed": 0}
    assert again["feeds"]["rendered"] == again["feeds"]["written"] == 0
    assert again["problems"] == first["problems"], "those of unchanged files too"
    (site.content / "i00.md").unlink()
    third = site.build()
    assert third["documents"] == {"parsed": 0, "unchanged": 3, "removed": 1}
    assert third["items"]["withdrawn"] == 1


def test_full_reads_every_file_again_and_ends_in_the_same_bytes(site: Site) -> None:
    site.build()
    before, looks = site.feeds(), site.looks()
    assert site.build("--full")["documents"]["parsed"] == 4
    assert (site.feeds(), site.looks()) == (before, looks)


def test_dry_run_says_what_it_would_replace_and_leaves_no_trace(site: Site) -> None:
    before = no_trace(site.root)
    done = site.run("build", "--dry-run")
    assert done.code == 0
    assert no_trace(site.root) == before, "not even a state"
    promised = re.findall(r"^would replace (.+)$", done.stdout, re.MULTILINE)
    assert "would write" in done.stdout.splitlines()[-1]
    assert site.run("build").code == 0
    assert set(promised) == {f"out/{path}" for path in site.feeds()}


def test_dry_run_beside_a_state_leaves_it_as_it_is(site: Site) -> None:
    site.build()
    site.edit(0, title="Another title")
    before = {**no_trace(site.root), "state/lock": b""}
    dry = site.run("build", "--dry-run", "--report", "json")
    assert {**no_trace(site.root), "state/lock": b""} == before
    real = site.build()
    for part in ("items", "documents", "feeds", "pages", "problems"):
        assert dry.report[part] == real[part], part
    assert real["feeds"]["written"] > 0


def test_a_state_without_one_of_its_tables_is_damaged(site: Site) -> None:
    site.build()
    feeds = site.feeds()
    with closing(sqlite3.connect(site.state / "catalogue.sqlite3")) as known:
        known.execute("DROP TABLE story_keys")
    done = site.run("build", "--full")
    assert (done.code, site.feeds()) == (0, feeds)
    assert "the state file was damaged: kept as" in done.stderr


def test_a_damaged_state_is_kept_aside_but_not_by_a_dry_run(site: Site) -> None:
    site.build()
    feeds, state = site.feeds(), site.state / "catalogue.sqlite3"
    state.write_bytes(b"no database at all" * 1_000)
    dry = site.run("build", "--dry-run")
    assert "a build would keep it aside" in dry.stderr
    assert [p.name for p in site.state.iterdir() if p.name != "lock"] == ["catalogue.sqlite3"]
    done = site.run("build")
    assert done.code == 0
    assert "kept as" in done.stderr
    assert "rebuilt from the files" in done.stderr
    assert site.feeds() == feeds


def test_a_state_that_is_damaged_again_is_a_plain_failure(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def damaged(*_: object, **__: object) -> Iterator[None]:
        raise DamagedError("the state file was damaged")
        yield

    monkeypatch.setattr("feedpub.wiring.locked_edges", damaged)
    done = site.run("build")
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr == "feedpub: the state file was damaged\n" * 2


def test_a_build_beside_another_run_is_refused_and_says_whose(site: Site) -> None:
    with lock(site.state, "feedpub adopt"):
        for arguments in (["build"], ["build", "--report", "json"]):
            done = site.run(*arguments)
            assert (done.code, done.stdout) == (3, "")
            assert "feedpub adopt" in done.stderr
            assert "Nothing was changed" in done.stderr
        assert site.run("build", "--dry-run").code == 0, "which needs no lock"
    assert not site.out.exists()


def test_a_slow_yaml_library_is_worth_a_word(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedpub.core.yaml_toml_json.LIBYAML", False)
    assert "ten times slower" in site.run("build").stderr
    assert "ten times slower" not in site.run("-q", "build", "--full").stderr


def test_strict_ends_with_4_from_warnings_on(site: Site) -> None:
    assert site.run("build", "--strict").code == 4
    (site.content / "i03.md").unlink()  # the one without a date, which is worth a warning
    done = site.run("build", "--strict", "--report", "json")
    assert (done.code, done.report["problems"]) == (0, [])


def test_the_roots_can_be_given(site: Site, tmp_path: Path) -> None:
    content, out, state = (tmp_path / name for name in ("c", "o", "s"))
    site.content.rename(content)
    cwd = tmp_path / "elsewhere"
    cwd.mkdir()
    done = site.run(
        "build", "--content", "../c", "--out", "../o", "--state", state.resolve(), cwd=cwd
    )
    assert done.code == 0, done.stderr
    assert (out / "rss.xml").is_file()
    assert (state / "catalogue.sqlite3").is_file()
    assert not site.out.exists()
    assert not site.state.exists()


def test_many_vanished_items_stay_out_until_accepted(tmp_path: Path) -> None:
    site = Site(tmp_path).fill(range(14))
    site.build()
    for file in sorted(site.content.iterdir())[1:]:
        file.unlink()
    before = site.feeds()
    refused = site.run("build")
    assert refused.code == 3
    assert "--accept-removals" in refused.stderr
    assert site.feeds() == before
    assert site.run("build", "--accept-removals").code == 0
    assert site.feeds() != before


def test_exit_code_1_when_a_feed_cannot_be_written(site: Site) -> None:
    site.out.mkdir()
    (site.out / "rss.xml").write_text("mine", encoding="utf-8")
    done = site.run("build")
    assert done.code == 1
    assert "rss.xml: error: " in done.stderr
    assert "Not everything could be published." in done.stdout
    assert (site.out / "rss.xml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("value", ["", "now", "-1", "1.5", "٣", "1e9", "9" * 12, " 1"])
def test_a_bad_source_date_epoch_ends_with_2_and_writes_nothing(value: str, site: Site) -> None:
    done = run_here(*site.command("build"), cwd=site.root, SOURCE_DATE_EPOCH=value)
    assert (done.code, done.stdout) == (2, "")
    assert "SOURCE_DATE_EPOCH" in done.stderr
    assert not site.state.exists()


def test_source_date_epoch_is_the_instant_of_the_run(site: Site) -> None:
    assert site.build(epoch=1_767_225_600)["items"]["scheduled"] == 0
    assert site.build("--accept-clock", epoch=86_400)["items"]["scheduled"] == 2


# --- check -------------------------------------------------------------------------------------------


def test_check_prints_every_problem_and_writes_nothing(built: Site) -> None:
    before = no_trace(built.root)
    done = built.run("check")
    assert (done.code, done.stderr) == (4, "")
    *lines, summary = done.stdout.splitlines()
    assert [re.split(": ", line)[1] for line in lines] == [
        *("error", "warning", "warning", "info"),
        *("quarantined", "scheduled", "withheld", "not_item", "duplicate"),
        "1 file without front matter (first",
    ]
    assert summary == ("Checked the config, 16 files and 14 items: 1 error, 2 warnings, 1 info.")
    assert no_trace(built.root) == before


def test_check_report_json(built: Site) -> None:
    done = built.run("check", "--report", "json")
    assert done.code == 4
    report = json.loads(done.stdout)
    assert list(report) == ["files", "items", "problems", "left_out"]
    assert (report["files"], report["items"]) == (16, 14)
    assert report["problems"][0]["code"] == "front-matter-unclosed"


def test_check_only_some_paths(built: Site) -> None:
    done = built.run("check", "content/" + BROKEN, "--report", "json")
    assert (done.code, json.loads(done.stdout)["files"]) == (4, 1)
    done = built.run("check", "i00.md", "../content/i01.md", cwd=built.content)
    assert done.code == 0
    assert done.stdout == "Checked the config, 2 files and 2 items: no problems.\n"
    assert "16 files" in built.run("check", ".", cwd=built.content).stdout
    assert "16 files" in built.run("check", built.content).stdout


def test_check_a_folder_only(site: Site) -> None:
    site.write("sub/a.md", title="A", webUrl="https://www.example.org/a", date="2025-01-01T00:00Z")
    site.write("subway.md")
    assert "1 file and 1 item" in site.run("check", "content/sub").stdout


@pytest.mark.parametrize("path", ["nowhere.md", "/etc", "content/nowhere.md", "out"])
@pytest.mark.parametrize("command", ["check", "explain"])
def test_a_path_that_is_not_there_or_not_content_is_a_usage_error(
    command: str, path: str, built: Site
) -> None:
    done = built.run(command, path)
    assert (done.code, done.stdout) == (2, "")
    assert path in done.stderr


def test_check_works_before_the_first_build_and_leaves_no_trace(site: Site) -> None:
    before = no_trace(site.root)
    assert site.run("check").code == 4
    assert no_trace(site.root) == before


def test_check_without_problems_ends_with_0(tmp_path: Path) -> None:
    done = Site(tmp_path).fill(range(2)).run("check")
    assert (done.code, done.stdout) == (
        0,
        "Checked the config, 2 files and 2 items: no problems.\n",
    )


def test_check_names_every_mistake_of_the_config_at_once(site: Site) -> None:
    site.configure(site={"titel": "x", "url": "example"}, feeds={"related": -1})
    done = site.run("check")
    assert (done.code, done.stdout) == (2, "")
    for part in ("site.titel", "did you mean title", "site.url", "feeds.related"):
        assert part in done.stderr


# --- explain -----------------------------------------------------------------------------------------

VERDICTS = {
    "i00.md": r"out, in the feed of everything, topic AI, topic C\+\+",
    DRAFT: "withheld: it is a draft",
    FUTURE: "scheduled: its date is in the future",
    DUPLICATE: r"a duplicate: the same story is published from i04\.md",
    BROKEN: "quarantined: see its problems",
    TEXT: "not an item: no front matter",
}


@pytest.mark.parametrize("file", VERDICTS)
def test_explain_says_where_an_item_is_out_or_why_not(file: str, built: Site) -> None:
    before = no_trace(built.content)
    done = built.run("explain", built.content / file)
    assert (done.code, done.stderr) == (0, "")
    name, verdict, *_ = done.stdout.splitlines()
    assert name == f"content/{file}"
    assert re.match(VERDICTS[file], verdict), verdict
    assert no_trace(built.content) == before


def test_explain_shows_fields_ledger_feeds_and_problems(built: Site) -> None:
    text = built.run("explain", f"content/{LINKING}").stdout
    for line in (
        r"  title +Item 5",
        r"  link +https://www\.example\.org/5",
        r"  published +2025-12-06T08:00:00Z",
        r"  related\[0\] +url: https://www\.example\.org/6, title: Our own",
        r"  id +tag:example\.org,2026-01-01:item/[0-9a-f]{32}",
        r"  first seen +2026-01-01T00:00:00Z",
        r"  topic +https://feeds\.example\.org/topics/ai/",
    ):
        assert re.search(f"^{line}$", text, re.MULTILINE), line
    assert "front-matter-unclosed" in built.run("explain", f"content/{BROKEN}").stdout


def test_explain_before_the_first_build(site: Site) -> None:
    done = site.run("explain", "content/i00.md")
    assert "will be out with the next build, in the feed of everything, topic AI" in done.stdout
    assert not site.state.exists()


def test_explain_a_file_that_broke_or_is_not_looked_at(site: Site) -> None:
    site.build()
    (site.content / "i00.md").write_text("---\ntitle: x\n", encoding="utf-8")
    assert "its last good item stays" in site.run("explain", "content/i00.md").stdout
    (site.content / "i00.md").write_text("---\nremoved: true\n", encoding="utf-8")
    assert "unusable now, and withheld" in site.run("explain", "content/i00.md").stdout
    (site.content / "_drafts").mkdir()
    for path in ("_drafts/a.md", "a.txt"):
        shutil.copy(site.content / "i01.md", site.content / path)
        said = site.run("explain", f"content/{path}").stdout
        assert "not looked at" in said
        assert "a name in its path does (_drafts, " in said
    assert "not looked at" in site.run("explain", "content").stdout


def test_explain_a_file_that_was_renamed_since(site: Site) -> None:
    site.build()
    (site.content / "i00.md").rename(site.content / "z.md")
    told = site.run("explain", "content/z.md").stdout
    assert "out, in the feed of everything" in told
    assert "duplicate" not in told


def test_explain_takes_a_path_through_a_link(site: Site, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(site.content)
    assert "will be out" in site.run("explain", "link/i00.md").stdout


# --- topics ------------------------------------------------------------------------------------------


def test_topics_report_json(built: Site) -> None:
    done = built.run("topics", "--report", "json")
    assert done.code == 0
    rows = json.loads(done.stdout)["topics"]
    assert {row["label"]: row["slug"] for row in rows} == {
        "AI": "ai",
        "C++": "c-plus-plus",
        "人工智能": "人工智能",
        "Rivers": "rivers",
        "Web": "web",
    }
    for row in rows:
        assert list(row) == ["label", "slug", "items", "newest", "addresses"]
        assert list(row["addresses"]) == ["rss", "atom", "json"]
        assert re.fullmatch(r"202[56]-\d\d-\d\dT0[08]:00:00Z", row["newest"])
    assert [r["items"] for r in rows] == sorted((r["items"] for r in rows), reverse=True)
    assert sum(r["items"] for r in rows) >= OUT_AT_FIRST


def test_topics_for_a_person(built: Site) -> None:
    done = built.run("topics")
    assert done.code == 0
    assert re.search(r"^人工智能  \(人工智能\)  \d items?, newest 2025-12-\d\d$", done.stdout, re.M)
    assert "https://feeds.example.org/topics/c-plus-plus/atom.xml\n" in done.stdout
    assert done.stdout.endswith("5 topics.\n")


def test_topics_before_the_first_build(site: Site) -> None:
    for report in ("text", "json"):
        done = site.run("topics", "--report", report)
        assert (done.code, done.stdout) == (1, "")
        assert "nothing was built yet" in done.stderr
    assert not site.state.exists()


# --- init --------------------------------------------------------------------------------------------


def test_init_writes_a_site_that_builds_at_once_without_a_problem(tmp_path: Path) -> None:
    done = feedpub("init", "my site", cwd=tmp_path)
    assert (done.code, done.stderr) == (0, "")
    assert "wrote my site/feedpub.yaml\n" in done.stdout
    assert re.search(r"Next: cd 'my site' && .*feedpub build\n$", done.stdout)
    built = feedpub("build", "--strict", cwd=tmp_path / "my site")
    assert (built.code, built.stderr) == (0, "")
    assert built.stdout.startswith("3 items in ")
    assert feedpub("check", cwd=tmp_path / "my site").code == 0


def test_init_refuses_a_folder_that_has_a_config(tmp_path: Path) -> None:
    (tmp_path / "feedpub.yml").write_text("mine", encoding="utf-8")
    before = no_trace(tmp_path)
    for target in (tmp_path, tmp_path / "feedpub.yml"):
        done = feedpub("init", target)
        assert (done.code, done.stdout) == (3, "")
        assert done.stderr.startswith("feedpub: ")
    assert no_trace(tmp_path) == before


def test_the_commands_it_advises_work(tmp_path: Path) -> None:
    """What `init` says can be pasted into a shell, however feedpub was called."""
    done = feedpub("init", "site", cwd=tmp_path)
    command = done.stdout.rpartition("Next: ")[2].strip()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env={**os.environ, "PATH": path},
    )
    assert (tmp_path / "site" / "out" / "rss.xml").is_file()


# --- terminals -----------------------------------------------------------------------------------------


def on_a_terminal(site: Site, *arguments: str, **env: str) -> str:
    """Run feedpub with a terminal as its stdin, stdout and stderr; return what it shows."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "feedpub", *site.command(*arguments)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", **env},
    )
    os.close(theirs)
    shown = b"".join(chunks(ours))
    os.close(ours)
    assert process.wait() in {0, 4}
    return shown.decode()


def chunks(file: int) -> Iterator[bytes]:
    """Read a terminal until its other side is closed, which Linux tells by an error."""
    while True:
        try:
            data = os.read(file, 65_536)
        except OSError:
            return
        if not data:
            return
        yield data


def test_colour_and_progress_on_a_terminal(site: Site) -> None:
    shown = on_a_terminal(site, "build")
    assert "\x1b[33mwarning\x1b[0m" in shown
    assert re.search(r"Reading +\[#+\] +100%", shown)
    assert re.search(r"Publishing +\[#+\] +100%", shown)
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l"), "the cursor is back"
    assert "Reading" not in on_a_terminal(site, "-q", "build", "--full")


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_it_is_not_wanted(env: dict[str, str], site: Site) -> None:
    shown = on_a_terminal(site, "check", **env)
    assert "warning" in shown
    assert ESCAPE not in shown


@pytest.mark.parametrize(
    "arguments", [["build"], ["check"], ["topics"], ["explain", "content/i00.md"]]
)
def test_no_escape_codes_where_there_is_no_terminal(
    arguments: list[str], built: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "")
    done = built.run(*arguments)
    assert ESCAPE not in done.stdout + done.stderr
    assert "Reading" not in done.stderr


def test_any_encoding_of_the_terminal_will_do(built: Site) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "latin-1", "SOURCE_DATE_EPOCH": str(EPOCH)}
    for command in ("topics", "check", "build"):
        done = subprocess.run(
            [sys.executable, "-m", "feedpub", *built.command(command)],
            capture_output=True,
            check=False,
            env=env,
        )
        assert done.returncode in {0, 4}, done.stderr
    raw = subprocess.run(
        [sys.executable, "-m", "feedpub", *built.command("topics", "--report", "json")],
        capture_output=True,
        check=True,
        env=env,
    ).stdout
    assert "人工智能" in {row["label"] for row in json.loads(raw.decode("utf-8"))["topics"]}


# --- ends that nobody planned --------------------------------------------------------------------------


def piped(site: Site, *arguments: str, into: str) -> tuple[int, str]:
    """Run feedpub in a shell, its stdout into something else; return its exit code and stderr."""
    feedpub = [sys.executable, "-m", "feedpub", *site.command(*arguments)]
    done = subprocess.run(
        ["bash", "-c", f'"$@" {into}; exit ${{PIPESTATUS[0]}}', "-", *feedpub],
        capture_output=True,
        text=True,
        check=False,
        cwd=site.root,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("command", "into"),
    [
        ("check", "head -1 >/dev/null"),
        ("check", "true"),
        ("topics", "true"),
        ("topics --report json", "head -1 >/dev/null"),
    ],
)
def test_a_reader_that_goes_away_is_no_bug(command: str, into: str, built: Site) -> None:
    code, stderr = piped(built, *command.split(), into=f"| {into}")
    assert code in {0, 1, 4}
    assert stderr == ""


def test_a_full_stdout_is_a_plain_failure(built: Site) -> None:
    assert piped(built, "check", into=">/dev/full") == (1, "feedpub: No space left on device\n")


INTERRUPTED = """
import signal, sys
from feedpub.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
begun = []
def interrupt(event, _):
    if event == "os.rename" and not begun:
        begun.append(event)
        signal.raise_signal(signal.SIGINT)
sys.addaudithook(interrupt)
main()
"""
"""Ctrl-C as the first file is about to be put in its place."""


def test_an_interrupt_ends_with_130_and_the_next_build_goes_on(tmp_path: Path) -> None:
    site = Site(tmp_path).fill()
    done = site.run_process("build", launcher=("-c", INTERRUPTED))
    assert (done.code, done.stdout) == (130, "")
    assert done.stderr.splitlines()[-1].startswith("feedpub: interrupted")
    assert "Traceback" not in done.stderr
    assert not (site.out / "atom.xml").exists()
    assert site.build()["items"]["published"] == OUT_AT_FIRST


def test_a_bug_says_where_and_never_what(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """S2: the message of an unexpected error may quote content."""

    def bug(*_: object) -> NoReturn:
        raise ZeroDivisionError("cAnArY")

    monkeypatch.setattr("feedpub.publish.rescan._expire", bug)
    for arguments, said in ((["build"], "with -v"), (["-v", "build"], "test_cli.py:")):
        done = site.run(*arguments)
        assert (done.code, done.stdout) == (1, "")
        assert "unexpected ZeroDivisionError" in done.stderr
        assert said in done.stderr
        assert "cAnArY" not in done.stderr
        assert "Traceback" not in done.stderr


def test_what_the_service_lacks_is_told_as_a_line_that_installs_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "uvloop" else 1)
    done = site.run("serve")
    assert done.code == 2
    said, _, line = done.stderr.partition("; run: ")
    assert said == "what answers browsers and readers needs uvloop"
    assert shlex.split(line)[:4] == [sys.executable, "-m", "pip", "install"]
    wanted = {re.split("[<>=]", each)[0] for each in shlex.split(line)[4:]}
    assert wanted == {"httptools", "prometheus-client", "uvicorn", "uvloop", "watchfiles"}
