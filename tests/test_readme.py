"""The README is true: its blocks run, its tables are what the program does."""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from html import unescape
from pathlib import Path

import click
import feedparser
import pytest
import yaml
from command import run_here
from small_site import Site, files_below

from feedpub.cli import cli, state
from feedpub.config import KEYS
from feedpub.core import body
from feedpub.core.feeds import BY
from feedpub.core.fields import DEFAULT_FIELDS, DIALECTS
from feedpub.core.policy import LISTS, SCORES
from feedpub.core.problems import CODES, ConfigError, FeedpubError, PublishError, Refused

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?:<!-- command: (\w+) -->\n)?```(\w*)\n(.*?)```\n", README, re.DOTALL)
"""Name, language and text of every fenced block."""

DIALECT_TABLE = "| dialect | template code | what else only it has |"
PROBLEM_TABLE = "| problem | what it says | what to do |"

pytestmark = pytest.mark.timeout(90)


def block(start: str) -> str:
    """Return the one block that begins with `start`."""
    [found] = [text for _, _, text in BLOCKS if text.startswith(start)]
    return found


def command(name: str) -> str:
    """Return the command of a name, which is one line."""
    [found] = [text for known, _, text in BLOCKS if known == name]
    [line] = found.splitlines()
    return line


def table(header: str) -> list[list[str]]:
    """Return the cells of the table that has this header."""
    lines = README.partition(f"\n{header}\n|")[2].partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """Return a folder for PATH in which `feedpub` is the one under test."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "feedpub"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m feedpub "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def sh(script: str, cwd: Path, path: Path) -> str:
    """Run a block as its reader would, and return what it prints on stdout."""
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_block_is_tested_here() -> None:
    starts = [text.split()[0] for _, _, text in BLOCKS]
    assert [(name, kind) for name, kind, _ in BLOCKS] == [
        ("", "sh"),
        ("main", "sh"),
        ("serve", "sh"),
        ("", ""),
        ("", "sh"),
        ("", "markdown"),
        ("", "yaml"),
        ("", "yaml"),
        ("", "jinja"),
        ("", "sh"),
        ("", "sh"),
        ("", "sh"),
        ("test", "sh"),
    ]
    assert starts[:5] == ["feedpub", "python3", "feedpub", "feedpub", "feedpub"]
    assert starts[5:] == ["---", "site:", "feeds:", "{%", "export", "feedpub", "dask", "python3"]


def asked(port: int, path: str) -> int:
    """Return the status of an answer."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("GET", path)
    status = link.getresponse().status
    link.close()
    return status


def test_the_serve_command_answers_readers_and_ends_when_told(shell: Path, tmp_path: Path) -> None:
    sh("feedpub init my-site", tmp_path, shell)
    process = subprocess.Popen(
        ["bash", "-ec", f"exec {command('serve')} --port 0"],
        cwd=tmp_path / "my-site",
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PATH": f"{shell}{os.pathsep}{os.environ['PATH']}"},
    )
    assert process.stderr
    with process.stderr as log:
        [port] = re.findall(r":(\d+)/", next(line for line in log if "serving http" in line))
        for address, _ in table("| address | answer |"):
            [path] = re.findall(r"`(/.+?)`", address)
            while (status := asked(int(port), path)) == 503:  # until the first rescan has ended
                pass
            assert status == 200, path
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_the_main_command_sets_up_and_publishes_the_sample_site(
    shell: Path, tmp_path: Path
) -> None:
    setup = "python3 -m venv .venv && .venv/bin/pip install --quiet . && "
    line = command("main")
    assert line.startswith(setup)
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / "config", clone / "config")
    (clone / ".venv").mkdir()
    (clone / ".venv" / "bin").symlink_to(shell)
    said = sh(line.removeprefix(setup), clone, shell)
    for part in ("out/index.html", "out/rss.xml", "site.url"):
        assert part in said, "what it made, where, and what to do next"
    assert {"index.html", "rss.xml", "atom.xml"} <= {p.name for p in (clone / "out").iterdir()}
    for cells in table("| address | what |")[:2]:
        for address in re.findall(r"`/(.+?)`", cells[0]):
            assert (clone / "out" / address).is_file(), address


def test_the_test_command_installs_and_runs_the_tests() -> None:
    steps = [step.strip() for step in command("test").split("&&")]
    assert steps[0] == "python3 -m venv .venv"
    assert all(step.startswith(".venv/bin/") for step in steps[1:])
    assert "--editable . --group dev" in steps[-2]
    assert steps[-1] == '.venv/bin/pytest -n auto -m "not slow"'


def test_ci_finds_both_commands() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for name in ("main", "test"):
        script = f"sed -n '/<!-- command: {name} -->/,/```$/p' README.md | grep -v '^<!--\\|^```'"
        assert script in ci
        assert sh(script, ROOT, ROOT) == command(name) + "\n"


def test_the_feeds_of_a_site_that_there_is_come_by_two_commands(
    shell: Path, tmp_path: Path
) -> None:
    site = tmp_path / "my-site"
    (site / "_posts").mkdir(parents=True)
    (site / "_config.yml").write_text(
        "title: Harbour notes\nurl: https://www.example.org\npermalink: /:year/:title/\n"
        "plugins: [jekyll-feed]\n"
    )
    (site / "_posts" / "2024-05-05-tides.md").write_text("---\ntitle: Tides\n---\nThey turn.\n")
    before = files_below(site)
    said = sh(block("feedpub init --from"), tmp_path, shell)
    feeds = tmp_path / "my-feeds"
    assert files_below(site) == before
    assert "# _config.yml:1\n" in (feeds / "feedpub.yaml").read_text(encoding="utf-8")
    for place in re.findall(r"out/[\w./]+", said):
        assert (feeds / place).is_file(), place
    feed = feedparser.parse((feeds / "out" / "feed.xml").read_bytes())
    assert feed.feed.title == "Harbour notes"
    assert [(item.title, item.link) for item in feed.entries] == [
        ("Tides", "https://www.example.org/2024/tides/")
    ]
    for line in block("feedpub build --report json").splitlines():
        assert json.loads(sh(line, feeds, shell)), line


def test_a_new_site_is_told_as_it_is(tmp_path: Path) -> None:
    assert "`feedpub init NEW`" in README
    begun = run_here("init", "NEW", cwd=tmp_path)
    said = begun.stdout + run_here("build", cwd=tmp_path / "NEW").stdout
    for place in ("out/index.html", "out/rss.xml"):
        assert place in said
        assert (tmp_path / "NEW" / place).is_file()
    assert "url:" in (tmp_path / "NEW" / "feedpub.yaml").read_text(encoding="utf-8")
    assert len(list((tmp_path / "NEW" / "content").rglob("*.md"))) == 3


@pytest.mark.engines
def test_a_state_goes_into_a_database_as_shown(tmp_path: Path, shell: Path, database: str) -> None:
    site = Site(tmp_path).fill()
    site.configure(state={"root": ".feedpub"})
    site.build()
    shown = block("feedpub state copy").replace(
        "postgresql://feedpub@db.example.org/feeds", database
    )
    sh(shown, tmp_path, shell)
    looks = site.looks()
    site.configure(state={"url": database})
    site.build()
    assert site.looks() == looks


def test_the_commands_are_those_of_the_help() -> None:
    listed = re.findall(r"^  (\w+) +(.+)$", block("feedpub [--config"), re.MULTILINE)
    context = click.Context(cli, info_name="feedpub")
    told = [
        (name, cli.commands[name].get_short_help_str(99)) for name in cli.list_commands(context)
    ]
    assert listed == [(name, text[0].lower() + text[1:].rstrip(".")) for name, text in told]


def test_bash_completes_commands_options_and_their_values(tmp_path: Path) -> None:
    """In a terminal of its own, where tabs are typed, with the program that pip installed."""
    [line] = re.findall(r"`(eval .+?)`", README)
    programs = Path(sys.executable).parent
    place = {"TERM": "xterm", "PS1": "", "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    master, terminal = os.openpty()
    process = subprocess.Popen(
        ["bash", "--noprofile", "--norc", "-i"],
        **dict.fromkeys(("stdin", "stdout", "stderr"), terminal),
        cwd=tmp_path,
        env=place,
        start_new_session=True,
    )
    os.close(terminal)
    try:
        for typed, shown in (
            (f"{line}; echo rea''dy\n", "ready"),
            ("feedpub expl\t", "feedpub explain "),
            ("\x15feedpub build --accept-cl\t", "feedpub build --accept-clock "),
            ("\x15feedpub check --report j\t", "feedpub check --report json "),
        ):
            os.write(master, typed.encode())
            seen = ""
            while shown not in seen:
                assert select.select([master], [], [], 30)[0], seen
                seen += os.read(master, 4096).decode()
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_every_option_named_is_one() -> None:
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    options = {
        option
        for one in (cli, *cli.commands.values(), *state.commands.values())
        for parameter in one.params
        for option in parameter.opts
    } | {"--help"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", prose)) <= options


def test_every_key_of_the_config_named_is_one() -> None:
    groups = {key.partition(".")[0] for key in KEYS}
    named = set(re.findall(r"`(\w+\.\w+)(?::[^`]*)?`", README))
    keys = {name for name in named if name.partition(".")[0] in groups}
    assert keys >= {"site.url", "feeds.by", "state.ledger", "content.link_template"}
    assert keys <= set(KEYS)


def test_every_file_named_by_a_link_is_there() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert "config/feedpub.yaml" in targets
    assert all((ROOT / target).exists() for target in targets)


def test_the_exit_codes_are_those_of_the_program() -> None:
    codes = {int(code): meaning for code, meaning in table("| exit code | meaning |")}
    assert set(codes) == {0, 1, 2, 3, 4, 130}
    errors = (FeedpubError, PublishError, ConfigError, Refused)
    assert [error.exit_code for error in errors] == [1, 1, 2, 3]
    told = re.sub(r"\s+", " ", cli.help or "").partition("Exit codes: ")[2]
    assert {int(code) for code in re.findall(r"(?:^|; )(\d+) ", told)} == set(codes)


def test_the_item_is_built_without_a_problem_and_read_back(tmp_path: Path) -> None:
    site = Site(tmp_path)
    (site.content / "item.md").write_text(block("---\n"), encoding="utf-8")
    report = site.build(epoch=1_775_000_000)
    assert (report["items"]["published"], report["problems"]) == (1, [])
    for name in ("rss.xml", "atom.xml"):
        [entry] = feedparser.parse((site.out / name).read_bytes()).entries
        assert entry.title == "River sensors go online"
        assert entry.link == "https://www.example.org/news/river-sensors"
        assert entry.published_parsed[:5] == (2026, 3, 2, 9, 30)
        assert entry.summary.startswith("A hundred sensors")
        [content] = entry.content
        for part in ("The body is Markdown.", "river.jpg", "https://www.example.net/sensors"):
            assert part in content.value
    assert (site.out / "topics" / "climate" / "rss.xml").is_file()
    assert (site.out / "topics" / "open-data" / "atom.xml").is_file()


def test_n1_the_feed_of_ones_own_has_what_its_clauses_say(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    chips = {"topics": ["AI Hardware"], "locale": "de", "date": "2025-12-01"}
    for title, fields in {
        "Supply chain!": {},
        "Warm": {"heat": 50},
        "The test": {"type": "Video", "quality": 40},
        "A fabulous plan": {},
        "Hot AI": {"heat": 60, "topics": ["AI Hardware", "AI"]},
        "In French": {"heat": 60, "locale": "fr"},
        "Fab opens": {"topics": ["AI"]},
    }.items():
        place = f"2024/{title.lower().replace(' ', '-')}.md"
        site.write(place, title=title, webUrl=f"/{len(title)}{title[0]}", **{**chips, **fields})
    # What others read by YAML 1.1, where `on` is a flag.
    site.configure(**yaml.safe_load(block("feeds:").replace(" on:", ' "on":')))
    site.build()
    entries = feedparser.parse((site.out / "feeds" / "chips" / "rss.xml").read_bytes()).entries
    assert {e.title for e in entries} == {"Supply chain!", "Warm", "The test", "Fab opens"}
    kinds = {
        kind for kinds, _ in table("| clause | holds for an item |") for kind in kinds.split(", ")
    }
    assert {kind.strip("`") for kind in kinds} == {*BY, "title", *SCORES, *LISTS}


def test_the_content_of_a_generator_is_built_and_what_is_lost_is_told(tmp_path: Path) -> None:
    (tmp_path / "feedpub.yaml").write_text(block("site:"), encoding="utf-8")
    (tmp_path / "_posts").mkdir()
    post = tmp_path / "_posts" / "2024-02-12-tides.md"
    post.write_text(
        "---\ntitle: Tides\nheadless: true\n---\n{% include tide.html %}{{ page.title }}, {{< text >}}, `{{ code }}`."
        " [Self]({% post_url 2024-02-12-tides %}) [About]({% link about.md %})\n\n<script>x</script>\n",
        encoding="utf-8",
    )
    done = run_here("build", "--report", "json", cwd=tmp_path)
    assert done.codes() >= {code.strip("`") for code, _, _ in table(PROBLEM_TABLE)}
    [item] = json.loads((tmp_path / "out" / "feed.json").read_bytes())["items"]
    assert item["url"] == "https://www.example.org/2024/02/12/tides.html"
    assert "Tides, {{&lt; text &gt;}}, <code>{{ code }}</code>" in item["content_html"]
    assert f'<a href="{item["url"]}">Self</a> About' in item["content_html"]


def test_each_dialect_reads_the_notations_that_are_told() -> None:
    rows = [[re.findall(r"`(.+?)`", cell) for cell in cells] for cells in table(DIALECT_TABLE)]
    everyones = [tag for _, tags, _ in rows[1:] for tag in tags if tag != "{x}"]
    readings = [("", tag) for tag in everyones]
    for dialects, tags, others in rows[1:]:
        readings += [(dialect, tag) for dialect in dialects for tag in (*tags, *others)]
    assert {dialect for dialect, _ in readings} == {"", *DIALECTS}
    for dialect, tag in readings:
        assert tag not in unescape(body.read(f"a {tag} b", "a.md", dialect).html or ""), dialect
    for dialect, tag in (("hugo", "{{ x }}"), ("obsidian", "{% x %}"), ("zola", "{{ x }}")):
        assert tag in (body.read(f"a {tag} b", "a.md", dialect).html or ""), "another's is text"
    named = re.search(r"code that is known \((.+?) …\)", README, re.DOTALL)
    assert named
    for name in re.findall(r"`(\w+)`", named[1]):
        source = f'{{{{< {name} "a.md" >}}}}x{{{{< /{name} >}}}}'
        assert not body.read(source, "a.md", "").lost, name


def test_the_fields_are_those_that_are_read() -> None:
    rows = table("| field | meaning |")
    named = {name for cells in rows for name in re.findall(r"`(\w+)`", cells[0])}
    assert named - {"secured"} <= set(DEFAULT_FIELDS)
    assert "secured" in named
    assert "secured" not in DEFAULT_FIELDS
    dialects = re.search(r"as it is: (.+?) and their like", README, re.DOTALL)
    assert dialects
    keys = {key for keys in DEFAULT_FIELDS.values() for key in keys}
    assert set(re.findall(r"`(\w+)`", dialects[1])) <= keys


def test_the_problems_are_all_there_are() -> None:
    lines = ["| code | severity | meaning |", "|---|---|---|"]
    lines += [f"| `{code}` | {k.severity.label} | {k.meaning} |" for code, k in CODES.items()]
    inside = README.partition("<!-- problems: begin -->\n")[2].partition("<!-- problems: end -->")[
        0
    ]
    assert inside.split("\n") == ["", *lines, "", ""]
