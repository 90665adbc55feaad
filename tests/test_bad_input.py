"""Bad input through the real command line: one bad file never costs a good one anything.

Every run has at most 1 GiB of address space. The good items must come out with the bytes that they
have without their bad neighbour.
"""

from __future__ import annotations

import json
import os
import re
import socket
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from command import Run
from disturbed import Launcher
from lxml import etree
from small_site import Files, Site, files_below

MEMORY = 1 << 30
CANARY = "cAnArY7f3a"
GOOD = 3
HEAD = "title: Bad neighbour\nwebUrl: https://www.example.org/bad\n"
DATE = "publishedDateTime: 2025-11-01T08:00:00Z\n"
USUAL = HEAD + DATE + "topics: [AI]\n"

pytestmark = pytest.mark.timeout(60)


Command = Callable[..., Run]


@pytest.fixture
def run(launcher: Launcher) -> Command:
    """What runs feedpub with limited memory; it must never show an end that nobody planned."""

    def command(site: Site, *arguments: str | Path) -> Run:
        done = launcher.run(site, *arguments, memory=MEMORY)
        assert done.code >= 0, f"killed by signal {-done.code}"
        for word in ("Traceback", "unexpected", "this is a bug", "MemoryError"):
            assert word not in done.stderr, done.stderr
        return done

    return command


def good_site(root: Path) -> Site:
    return Site(root).fill(range(4, 4 + GOOD))


def make_unreadable(path: Path) -> None:
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("nothing is unreadable for this user")


def item(front: str, body: str = "") -> bytes:
    return f"---\n{front}\n---\n{body}\n".encode()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Return out/ as the good items make it on their own."""
    site = good_site(tmp_path_factory.mktemp("alone"))
    site.build()
    return site.feeds()


def entries(files: Files) -> dict[str, tuple[bytes, ...]]:
    """Return the XML of the good items in the feeds of everything, by link."""
    found: dict[str, tuple[bytes, ...]] = {}
    for path, tag in (("rss.xml", "item"), ("atom.xml", "{http://www.w3.org/2005/Atom}entry")):
        for element in etree.fromstring(files[path]).iter(tag):
            element.tail = None
            xml = etree.tostring(element, method="c14n", exclusive=True)
            title = element.findtext("{*}title") or element.findtext("title") or ""
            found[title] = (*found.get(title, ()), xml)
    return {title: xml for title, xml in found.items() if re.fullmatch("Item [456]", title)}


# --- files that are quarantined: nothing of the feeds differs --------------------------------------

BOMB = "a: &a [lol, lol, lol]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}, *{chr(97 + n)}]\n"
    for n in range(20)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, 500))

Cases = dict[str, tuple[Callable[[], bytes], str]]
"""What makes a bad file, and the code of its problem, by what is bad about it."""

BAD: Cases = {
    "not UTF-8": (lambda: item(USUAL).replace(b"Bad", b"B\xe4d"), "not-utf8"),
    "half a character at the end": (lambda: item(USUAL) + b"\xf0\x9f", "not-utf8"),
    "UTF-16": (lambda: item(USUAL).decode().encode("utf-16"), "not-utf8"),
    "never closed": (lambda: b"---\n" + USUAL.encode() + b"text\n", "front-matter-unclosed"),
    "a list": (lambda: item("- a\n- b"), "front-matter-not-a-map"),
    "broken YAML": (lambda: item(USUAL + "excerpt: one: two: three"), "front-matter-invalid"),
    "a tab": (lambda: item(USUAL + "provider:\n\tname: x"), "front-matter-invalid"),
    "an open quote": (lambda: item(USUAL + 'excerpt: "never closed'), "front-matter-invalid"),
    "two documents": (lambda: b"---\n" + USUAL.encode() + b"--- x\n---\n", "front-matter-invalid"),
    "an alias of itself": (lambda: item(USUAL + "a: &a [*a]"), "front-matter-alias"),
    "a Python object": (
        lambda: item(USUAL + "a: !!python/object/apply:os.system ['touch pwned']"),
        "front-matter-alias",
    ),
    "no address": (lambda: item("title: Nowhere\n" + DATE), "link-missing"),
    "only bad addresses": (
        lambda: item(f"webUrl: 'javascript:alert(1)'\noriginalUrl: 'http://[::1'\n{DATE}"),
        "link-missing",
    ),
    "30 February": (
        lambda: item(HEAD + "publishedDateTime: 2023-02-30T00:00:00Z"),
        "date-impossible",
    ),
    "year 10000": (
        lambda: item(HEAD + "publishedDateTime: 9999-12-31T23:59:59-12:00"),
        "date-impossible",
    ),
    "an unset clock": (
        lambda: item(HEAD + "publishedDateTime: 1970-01-01T00:00:00Z"),
        "date-impossible",
    ),
    "broken TOML": (lambda: b"+++\ntitle = \n+++\n", "front-matter-invalid"),
    "broken JSON": (lambda: b'{"title": ]}\n\ntext', "front-matter-invalid"),
}

LARGE: Cases = {
    "YAML bomb": (lambda: item(USUAL + BOMB), "front-matter-alias"),
    "merge chain": (lambda: item(USUAL + MERGES), "front-matter-alias"),
    "30 KB of brackets": (lambda: item(USUAL + "a: " + "[" * 30_000), "front-matter-too-deep"),
    "30 KB of balanced brackets": (
        lambda: item(USUAL + "a: " + "[" * 15_000 + "]" * 15_000),
        "front-matter-too-deep",
    ),
    "30 KB of braces": (lambda: item(USUAL + "a: " + "{a: " * 7_500), "front-matter-too-deep"),
    "30 KB of dashes": (lambda: item(USUAL + "a:\n " + "- " * 15_000), "front-matter-too-deep"),
    "30 KB of question marks": (lambda: item("? " * 15_000), "front-matter-too-deep"),
    "2 MiB of front matter": (
        lambda: item(USUAL + f"excerpt: {'x' * (2 << 20)}"),
        "front-matter-too-large",
    ),
    "a body of 5 MiB": (lambda: item(USUAL, "word " * (1 << 20)), "body-too-large"),
    "60 MB": (lambda: item(USUAL, "word " * 12_000_000), "file-too-large"),
    "a title of 10 MB": (lambda: item(DATE + f"title: {'x' * 10_000_000}"), "file-too-large"),
    "a title of 5 MB": (
        lambda: item(DATE + f"title: {'x' * 5_000_000}"),
        "front-matter-too-large",
    ),
    "50,000 keys": (
        lambda: item(USUAL + "\n".join(f"k{n}: v" for n in range(50_000))),
        "front-matter-too-large",
    ),
    "a date of 9,000 digits": (
        lambda: item(HEAD + f"publishedDateTime: {'9' * 9_000}"),
        "date-impossible",
    ),
    "deep TOML": (lambda: b"+++\na = " + b"[" * 15_000 + b"\n+++\n", "front-matter-too-deep"),
    "dotted TOML": (lambda: b"+++\n" + b"a." * 15_000 + b"a = 1\n+++\n", "front-matter-too-deep"),
    "deep JSON": (lambda: b'{"a": ' + b"[" * 30_000, "front-matter-too-deep"),
}
"""What may cost much."""


def check_quarantined(strict: Run, cases: Cases) -> None:
    """Each bad file is told, as what it is, and nothing else becomes of it."""
    assert strict.code == 4, strict.stderr
    items, problems = strict.report["items"], strict.report["problems"]
    assert (items["published"], items["quarantined"]) == (GOOD, len(cases))
    told = sorted((p["path"], p["code"]) for p in problems if p["severity"] == "error")
    assert told == sorted((f"{case}.md", code) for case, (_, code) in cases.items())


def test_bad_files_are_quarantined_and_cost_nothing_else(
    run: Command, tmp_path: Path, alone: Files
) -> None:
    site = good_site(tmp_path)
    for case, (make, _) in BAD.items():
        (site.content / f"{case}.md").write_bytes(make())
    check_quarantined(run(site, "build", "--strict", "--report", "json"), BAD)
    assert site.feeds() == alone
    again = run(site, "build")
    assert (again.code, site.feeds()) == (0, alone)
    assert f"{len(BAD)} quarantined" in again.stdout
    assert all(f"[{code}]" in again.stderr for _, code in BAD.values())


@pytest.mark.parametrize("case", LARGE)
def test_a_large_bad_file_is_quarantined_and_costs_little(
    run: Command, case: str, tmp_path: Path, alone: Files
) -> None:
    site = good_site(tmp_path)
    (site.content / f"{case}.md").write_bytes(LARGE[case][0]())
    strict = run(site, "build", "--strict", "--report", "json")
    check_quarantined(strict, {case: LARGE[case]})
    assert strict.report["seconds"]["parse"] < 5, "a second, and some patience"
    assert site.feeds() == alone


def test_what_is_no_item_is_no_problem(run: Command, tmp_path: Path, alone: Files) -> None:
    site = good_site(tmp_path)
    for number, data in enumerate(
        (b"", b"\xef\xbb\xbf", b"---", b"---\n---\n", b"# Text\n", b"\n")
    ):
        (site.content / f"none{number}.md").write_bytes(data)
    (site.content / "_index.md").write_bytes(item(USUAL))
    done = run(site, "build", "--report", "json")
    assert done.code == 0
    assert done.report["items"]["published"] == GOOD
    assert done.report["items"]["not_items"] >= 5
    assert site.feeds() == alone


def test_what_is_no_file_is_never_opened(run: Command, tmp_path: Path, alone: Files) -> None:
    site = good_site(tmp_path)
    outside = tmp_path / "outside.md"
    outside.write_bytes(item(USUAL))
    os.mkfifo(site.content / "fifo.md")
    (site.content / "folder.md").mkdir()
    (site.content / "loop.md").symlink_to("loop.md")
    (site.content / "nothing.md").symlink_to("nowhere.md")
    (site.content / "up").symlink_to("..")
    (site.content / "out.md").symlink_to(outside)
    (site.content / "zero.md").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as sock:
        with chdir(site.content):  # the path of a socket is short
            sock.bind("socket.md")
        done = run(site, "build", "--strict", "--report", "json")
    assert done.code == 4
    assert {p["code"] for p in done.report["problems"]} == {"link-outside"}
    assert {p["path"] for p in done.report["problems"]} == {"out.md", "up"}
    assert done.report["items"]["seen"] == GOOD
    assert site.feeds() == alone


def test_an_unreadable_file_and_folder_cost_nothing_else(
    run: Command, tmp_path: Path, alone: Files
) -> None:
    site = good_site(tmp_path)
    (site.content / "bad.md").write_bytes(item(USUAL))
    make_unreadable(site.content / "bad.md")
    (site.content / "shut").mkdir(mode=0)
    done = run(site, "build", "--strict", "--report", "json")
    assert done.code == 4
    assert done.codes() == {"file-unreadable", "folder-unreadable"}
    assert site.feeds() == alone
    (site.content / "shut").chmod(0o700)


def test_names_in_any_bytes_are_read_and_shown_safely(run: Command, tmp_path: Path) -> None:
    site = good_site(tmp_path)
    names = [b"\xff\xfe.md", b"a\nb.md", b"\x1b[31mred.md", "\u202etxt.md".encode(), b"-rf.md"]
    for number, name in enumerate(names):
        data = item(f"title: Odd {number}\nwebUrl: https://www.example.org/odd{number}\n" + DATE)
        Path(os.fsdecode(os.fsencode(site.content) + b"/" + name)).write_bytes(data)
    bad = os.fsdecode(os.fsencode(site.content) + b"/\xff\x1b[2J\n.md")
    Path(bad).write_bytes(item("- list"))
    done = run(site, "build")
    assert done.code == 0
    assert f"{GOOD + len(names)} items" in done.stdout
    for text in (done.stdout, done.stderr, run(site, "check").stdout):
        assert "\x1b" not in text
        assert not any(line.startswith(".md") for line in text.splitlines())
    assert json.loads(run(site, "check", "--report", "json").stdout)["problems"]
    assert run(site, "explain", bad).code == 0


# --- a file that is strange but usable: capped, or rendered ---------------------------------------

ANY = "https://www.example.org/r"
RELATED = [{"title": f"R{n}", "webUrl": f"{ANY}{n}"} for n in range(1_000)]
FIELDS = [
    "id",
    "guid",
    "title",
    "excerpt",
    "description",
    "summary",
    "category",
    "publishedDateTime",
    "updatedDateTime",
    "date",
    "lastmod",
    "type",
    "quality",
    "heat",
    "published",
    "provider",
    "topics",
    "tags",
    "images",
    "image",
    "related",
    "locale",
    "lang",
    "author",
    "authors",
    "enclosure",
    "audio",
    "secured",
    "slug",
    "unheard_of",
]
WRONG: list[Any] = [
    [],
    {},
    [[]],
    [{}],
    {"a": {"b": []}},
    [None],
    "",
    None,
    [["x"], {"y": 1}],
    1e308,
]

USABLE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "20,000 [": (lambda: item(USUAL, "[" * 20_000), set()),
    "20,000 open <div>": (lambda: item(USUAL, "<div>" * 20_000), set()),
    "20,000 open <b>": (lambda: item(USUAL, "x<b>" * 20_000), set()),
    "20,000 >": (lambda: item(USUAL, ">" * 20_000), set()),
    "20,000 list marks": (lambda: item(USUAL, "- " * 20_000), set()),
    "20,000 *_": (lambda: item(USUAL, "*a_ " * 20_000), set()),
    "20,000 ![": (lambda: item(USUAL, "![a](" * 20_000), set()),
    "20,000 <!--": (lambda: item(USUAL, "<!-- " * 20_000), set()),
    "20,000 backticks": (lambda: item(USUAL, "` `` ``` " * 7_000), set()),
    "20,000 &": (lambda: item(USUAL, "&a&#x1F600;" * 20_000), set()),
    "20,000 references": (lambda: item(USUAL, "[a]: <b>\n" * 20_000 + "[a]" * 20_000), set()),
    "a table of 20,000 cells": (
        lambda: item(USUAL, "|a" * 20_000 + "|\n" + "|-" * 20_000 + "|\n"),
        set(),
    ),
    "one line of 3.9 MiB": (lambda: item(USUAL, "word " * 800_000), set()),
    "template code": (lambda: item(USUAL, "{% include x %}"), {"template-code"}),
    "2,000 topics": (
        lambda: item(HEAD + DATE + f"topics: {[f'T{n}' for n in range(2_000)]}"),
        {"topics-too-many"},
    ),
    "1,000 related links": (
        lambda: item(USUAL + f"related: {json.dumps(RELATED)}"),
        {"related-too-many"},
    ),
    "1,000 pictures": (
        lambda: item(USUAL + f"images: {json.dumps([{'url': ANY} for _ in range(1_000)])}"),
        set(),
    ),
    "a title of 900 KB": (
        lambda: item(f"title: {'long ' * 180_000}\nwebUrl: {ANY}\n{DATE}"),
        {"title-too-long"},
    ),
    "900 KB of combining marks": (
        lambda: item(f"title: a{chr(0x301) * 400_000}\nwebUrl: {ANY}\n{DATE}"),
        set(),
    ),
    "900 KB of references": (
        lambda: item(f"title: x{'&amp;' * 180_000}\nwebUrl: {ANY}\n{DATE}"),
        {"title-too-long"},
    ),
    "an address of 900 KB": (
        lambda: item(f"title: T\nwebUrl: {ANY}?{'%' * 900_000}\n{DATE}"),
        set(),
    ),
    "6,000 keys": (
        lambda: item(USUAL + "\n".join(f"k{n}: v" for n in range(6_000))),
        {"key-unknown"},
    ),
    "a key 6,000 times": (lambda: item(USUAL + "x: 1\n" * 6_000), {"key-duplicate"}),
    "characters that XML forbids": (
        lambda: (
            json.dumps(
                {
                    "title": "a\x00\x0b\x1b\ufffe\ud800z \u202e",
                    "webUrl": ANY,
                    "publishedDateTime": "2025-11-01",
                    "topics": ["\x07\x08", "\udfff", "T\x0b1"],
                    "excerpt": "]]>\x01<![CDATA[",
                }
            ).encode()
            + b"\n\n]]>\x0b <p>x</p>\n"
        ),
        set(),
    ),
    "a JSON number of 9,000 digits": (
        lambda: b'{"quality": ' + b"9" * 9_000 + f', "webUrl": "{ANY}"}}\n\n'.encode(),
        set(),
    ),
    "a TOML number of 9,000 digits": (
        lambda: f'+++\nwebUrl = "{ANY}"\nquality = 0x{"f" * 9_000}\n+++\n'.encode(),
        set(),
    ),
}


def every_field_is(wrong: object, number: int) -> bytes:
    fields = "".join(f"{name}: {json.dumps(wrong)}\n" for name in FIELDS)
    return item(f"webUrl: {ANY}{number}\n{fields}")


def bounded(run: Command, site: Site, alone: Files) -> Run:
    """Build a site that has strange files, too; its feeds are sound, and tell the good items as ever."""
    done = run(site, "build", "--report", "json")
    assert done.code == 0, done.stderr
    items = done.report["items"]
    assert items["published"] >= GOOD
    assert items["seen"] == len(list(site.content.iterdir()))
    assert done.report["seconds"]["total"] < 10, "a second, and some patience"
    files = site.feeds()
    assert entries(files) == entries(alone)
    for path, data in files.items():
        if path.endswith(".xml"):
            ElementTree.fromstring(
                data
            )  # by expat, as feedparser, which takes seconds for all of it
            assert len(data) <= 1_000_000, "F6"
    assert max(len(p["message"]) for p in [*done.report["problems"], {"message": ""}]) < 1_000
    assert len(done.report["problems"]) < 1_200
    return done


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("case", USABLE)
def test_a_strange_file_is_bounded_and_costs_nothing_else(
    run: Command, case: str, tmp_path: Path, alone: Files
) -> None:
    make, codes = USABLE[case]
    site = good_site(tmp_path)
    (site.content / "bad.md").write_bytes(make())
    assert codes <= bounded(run, site, alone).codes()


@pytest.mark.usefixtures("unmeasured")
def test_fields_of_the_wrong_kind_cost_nothing_else(
    run: Command, tmp_path: Path, alone: Files
) -> None:
    site = good_site(tmp_path)
    for number, wrong in enumerate(WRONG):
        (site.content / f"wrong{number}.md").write_bytes(every_field_is(wrong, number))
    bounded(run, site, alone)


# --- hostile names of topics -----------------------------------------------------------------------

NAMES = [
    "../../etc",
    "..",
    ".",
    "/",
    "/etc/passwd",
    "\\..\\..",
    "C:\\",
    "CON",
    "con.txt",
    "nul",
    "index",
    "index.html",
    "rss.xml",
    "archive",
    "topics",
    "",
    " ",
    "\x00",
    "a\x00b",
    "%2e%2e%2f",
    "%2F",
    "?",
    "#",
    "&",
    "<script>",
    "-",
    "--",
    "a b",
    "a-b",
    "A_B",
    "c",
    "C#",
    "C++",
    ".NET",
    "x" * 300,
    "x" * 299,
    "人" * 300,
    "😀",
    "🤖",
    "👩‍👩‍👧",
    "é",
    "e\u0301",
    "ﬁ",
    "K",
    "\u202egnp.exe",
    "\u200b",
    "ß",
    "İ",
]


def hostile_topics(root: Path, names: list[str]) -> Site:
    """Write one item a name; the names are older the earlier they are in `NAMES`."""
    site = good_site(root)
    for name in names:
        number = NAMES.index(name)
        day = f"2024-{number // 28 + 1:02}-{number % 28 + 1:02}"
        link = f"https://www.example.org/topic{number}"
        site.write(
            f"t{number}.md", "text", title=f"T{number}", webUrl=link, date=day, topics=[name]
        )
    return site


def slugs(run: Command, site: Site) -> dict[str, str]:
    rows = json.loads(run(site, "topics", "--report", "json").stdout)["topics"]
    return {row["label"]: row["slug"] for row in rows}


def test_t4_hostile_names_give_safe_and_distinct_addresses_inside_out(
    run: Command, tmp_path: Path
) -> None:
    before = set(files_below(tmp_path))
    site = hostile_topics(tmp_path, NAMES)
    ours = set(files_below(tmp_path)) - before
    assert run(site, "build").code == 0
    written = set(files_below(tmp_path)) - before - ours
    assert all(path.startswith(("out/", "state/")) for path in written)
    rows = json.loads(run(site, "topics", "--report", "json").stdout)["topics"]
    folders = [unicodedata.normalize("NFKC", row["slug"]).casefold() for row in rows]
    assert len(set(folders)) == len(rows) > 30
    for row in rows:
        slug = row["slug"]
        assert 0 < len(slug.encode()) <= 100, slug
        assert re.fullmatch(r"[^\W_]([\w-]*\w)?", slug) or not slug.isascii(), slug
        assert slug.split(".")[0].upper() not in {"CON", "NUL", "INDEX", "ARCHIVE", "..", "."}
        for url in row["addresses"].values():
            assert url.isascii()
            path = site.out / unquote(urlsplit(url).path).removeprefix("/")
            assert path.resolve().is_relative_to(site.out)
            assert path.is_file()
            assert path.parent.parent == site.out / "topics"


def test_t3_addresses_do_not_depend_on_the_order_in_which_names_come(
    run: Command, tmp_path: Path
) -> None:
    one = hostile_topics(tmp_path / "one", NAMES)
    two = hostile_topics(tmp_path / "two", NAMES[::-1])
    assert run(one, "build").code == run(two, "build").code == 0
    assert slugs(run, one) == slugs(run, two)
    assert one.feeds() == two.feeds()
    first = slugs(run, one)
    assert run(one, "build", "--full").code == 0
    assert slugs(run, one) == first


# --- two files of one story ------------------------------------------------------------------------


def test_i4_two_files_of_one_story_are_one_item_and_the_problem_names_both(
    run: Command, tmp_path: Path
) -> None:
    site = good_site(tmp_path)
    for name, quality in (("one.md", 3), ("two.md", 9)):
        site.write(name, title="Same", webUrl=ANY, date="2025-12-01T08:00:00Z", quality=quality)
    done = run(site, "build", "--report", "json")
    assert done.report["items"]["duplicate"] == 1
    assert done.report["items"]["published"] == GOOD + 1
    [problem] = done.report["problems"]
    assert problem["code"] == "story-duplicate"
    assert {"one.md", "two.md"} <= {problem["path"], *re.findall(r"\w+\.md", problem["message"])}


# --- what must never be seen: S1, S2 ---------------------------------------------------------------

SECRETS = {
    "top.md": item(USUAL + f"secured: {CANARY}"),
    "long.md": item(USUAL.replace("bad", "long") + f"secured: >-\n  {CANARY}\n  {CANARY}\n"),
    "map.md": item(USUAL.replace("bad", "map") + f"secured: {{a: {CANARY}, b: [{CANARY}]}}"),
    "deep.md": item(
        USUAL.replace("bad", "deep")
        + f"provider: {{name: P, secured: {CANARY}}}\n"
        + f"images: [{{url: '{ANY}', secured: {CANARY}}}]\n"
        + f"related: [{{webUrl: '{ANY}', title: R, provider: {{secured: {CANARY}}}}}]\n"
        + f"unheard_of: {{a: [{{b: {{secured: {CANARY}}}}}]}}\n"
    ),
    "wrong.md": item(
        f"webUrl: {ANY}/wrong\n{DATE}"
        f"title: {{secured: {CANARY}}}\nexcerpt: [{{secured: {CANARY}}}]\n"
        f"topics: [{{secured: {CANARY}}}]\nquality: {{secured: {CANARY}}}\n"
    ),
    "draft.md": item(USUAL.replace("bad", "draft") + f"draft: true\nsecured: {CANARY}"),
    "twice.md": item(USUAL.replace("bad", "twice") + f"secured: {CANARY}\nsecured: {CANARY}"),
    "unclosed.md": f"---\n{USUAL}secured: {CANARY}\n".encode(),
    "broken.md": item(f"{USUAL}secured: {CANARY}: {CANARY}: [{CANARY}"),
    "quote.md": item(f'{USUAL}secured: "{CANARY}'),
    "alias.md": item(f"{USUAL}secured: &{CANARY} x\nb: *{CANARY}"),
    "tag.md": item(f"{USUAL}secured: !{CANARY} x"),
    "latin.md": item(f"{USUAL}secured: {CANARY}").replace(b"Bad", b"B\xe4d"),
    "undated.md": item(f"{HEAD}publishedDateTime: 2023-02-30\nsecured: {CANARY}"),
    "toml.md": f'+++\nwebUrl = "{ANY}/toml"\nsecured = "{CANARY}"\n+++\n'.encode(),
    "badtoml.md": f'+++\nsecured = "{CANARY}" {CANARY}\n+++\n'.encode(),
    "json.md": f'{{"webUrl": "{ANY}/json", "a": {{"secured": "{CANARY}"}}}}\n'.encode(),
    "badjson.md": f'{{"secured": "{CANARY}" {CANARY}}}\n'.encode(),
}


def everything_below(site: Site) -> Iterator[tuple[str, bytes]]:
    for root in (site.out, site.state):
        yield from files_below(root).items()
    yield "ledger", site.ledger.read_bytes()


def said_about(run: Command, site: Site) -> Iterator[str]:
    """Everything that all commands say about a site, at their most talkative."""
    for arguments in (
        ("-v", "build"),
        ("-v", "build", "--full", "--report", "json"),
        ("-v", "build", "--dry-run", "--full"),
        ("-v", "check"),
        ("-v", "check", "--report", "json"),
        ("-v", "topics"),
    ):
        done = run(site, *arguments)
        yield done.stdout + done.stderr


def test_s1_secured_is_in_no_file_and_no_message(run: Command, tmp_path: Path) -> None:
    site = Site(tmp_path, ledger=True).fill(range(4, 7))
    for name, data in SECRETS.items():
        (site.content / name).write_bytes(data)
    assert all(CANARY not in text for text in said_about(run, site))
    for name in SECRETS:
        done = run(site, "explain", site.content / name)
        assert CANARY not in done.stdout + done.stderr, name
        assert done.code == 0
    for path, data in everything_below(site):
        assert CANARY.encode() not in data, path


def test_s1_secured_is_not_seen_when_a_good_file_breaks(run: Command, tmp_path: Path) -> None:
    site = Site(tmp_path, ledger=True)
    for name in SECRETS:
        (site.content / name).write_bytes(item(f"title: Good\nwebUrl: {ANY}/{name}\n{DATE}"))
    site.build()
    for name, data in SECRETS.items():
        (site.content / name).write_bytes(data)
    assert all(CANARY not in text for text in said_about(run, site))
    for path, data in everything_below(site):
        assert CANARY.encode() not in data, path


def test_s1_a_change_of_secured_alone_changes_nothing(tmp_path: Path) -> None:
    site = good_site(tmp_path)
    file = site.write("s.md", title="T", webUrl=ANY, date="2025-12-01", secured="one")
    site.build()
    before, looks = site.feeds(), site.looks()
    file.write_bytes(file.read_bytes().replace(b"one", b"another"))
    report = site.build()
    assert report["documents"]["parsed"] == 1
    assert (site.feeds(), site.looks()) == (before, looks)


def test_s2_messages_never_quote_content(run: Command, tmp_path: Path) -> None:
    """Names of keys that look like names, and of tags, are told: an operator looks for them."""
    site = Site(tmp_path)
    fields = [f for f in FIELDS if f not in {"secured", "published"}]
    values = (CANARY, f"[{CANARY}, {{{CANARY}: {CANARY}}}]", f"{{{CANARY}: [{CANARY}]}}")
    for number, value in enumerate(values):
        front = "".join(f"{f}: {value}\n" for f in fields)
        body = f"{{% x {CANARY} %}}{{{{ '{CANARY}' | y }}}}<Tag {CANARY}/><x {CANARY}>"
        (site.content / f"{number}.md").write_bytes(
            item(f"{front}webUrl: 'https://{CANARY} x/'", body)
        )
        (site.content / f"p{number}.md").write_bytes(
            item(f"webUrl: {ANY}{number}\npublished: {CANARY}\n{front}", body)
        )
    for number, data in enumerate(SECRETS.values()):
        (site.content / f"s{number}.md").write_bytes(data.replace(b"secured", b"summary"))
    for name, data in {
        "key.md": item(f"a {CANARY} key: 1\na {CANARY} key: 2\n{USUAL}"),
        "flow.md": item(f"{USUAL}a: {{{CANARY}, [{CANARY}"),
        "date.md": item(f"{HEAD}date: {CANARY}"),
        "escape.md": item(f'{USUAL}a: "\\q{CANARY}"'),
        "related.md": item(f"{USUAL}related: [{{webUrl: '{CANARY}:x', title: {CANARY}}}]"),
    }.items():
        (site.content / name).write_bytes(data)
    for arguments in (["build"], ["build", "--report", "json"], ["check", "--report", "json"]):
        done = run(site, "-v", *arguments)
        assert CANARY.lower() not in (done.stdout + done.stderr).lower()
    assert CANARY.lower() not in run(site, "-v", "check").stdout.lower()


# --- config ------------------------------------------------------------------------------------------

SITE = "site: {title: T, url: 'https://feeds.example.org/'}\n"
CONFIGS = {
    "empty": ("", ["the file is empty"]),
    "not YAML": ("site: [", ["is not valid YAML"]),
    "a list": ("- a\n", ["must be a map of groups"]),
    "wrong type": (SITE + "feeds: {related: many}\n", ["feeds.related"]),
    "unknown key": (SITE + "feeds: {relatd: 3}\n", ["feeds.relatd", "did you mean related"]),
    "unknown group": (SITE + "feed: {related: 3}\n", ["feed: unknown key"]),
    "no url": ("site: {title: T}\n", ["site.url: is missing"]),
    "not a URL": ("site: {title: T, url: example}\n", ["site.url"]),
    "not http": ("site: {title: T, url: 'ftp://example.org/'}\n", ["site.url"]),
    "out inside content": (SITE + "output: {root: content/out}\n", ["output.root"]),
    "content inside out": (SITE + "output: {root: .}\n", ["output.root"]),
    "state inside out": (SITE + "state: {root: out/state}\n", ["state.root"]),
    "ledger inside out": (SITE + "state: {ledger: out/ledger}\n", ["state.ledger"]),
    "no content": (SITE + "content: {root: nowhere}\n", ["content.root"]),
    "content is a file": (SITE + "content: {root: feedpub.yaml}\n", ["content.root"]),
    "an IP address": ("site: {title: T, url: 'http://127.0.0.1/'}\n", ["site.id_domain"]),
    "many": (
        "site: {url: example, titel: T}\nfeeds: {related: -1, by: [topics]}\noutput: {root: content}\n",
        ["site.url", "site.titel", "site.title", "feeds.related", "feeds.by", "output.root"],
    ),
}


ROWS = [*((case, ["build"]) for case in CONFIGS), *(("many", [c]) for c in ("check", "topics"))]


@pytest.mark.parametrize(("case", "command"), ROWS)
def test_a_bad_config_ends_with_2_and_all_mistakes_and_writes_nothing(
    run: Command, case: str, command: list[str], tmp_path: Path
) -> None:
    text, expected = CONFIGS[case]
    site = good_site(tmp_path)
    (tmp_path / "feedpub.yaml").write_text(text)
    before = files_below(tmp_path)
    done = run(site, *command)
    assert (done.code, done.stdout) == (2, "")
    for part in expected:
        assert part in done.stderr
    for line in done.stderr.splitlines():
        assert re.match(rf"{re.escape(str(tmp_path))}/feedpub\.yaml(:\d+)?: ", line), line
    assert files_below(tmp_path) == before


def test_a_config_that_is_not_there_or_no_file_ends_with_2(run: Command, tmp_path: Path) -> None:
    site = good_site(tmp_path)
    config = tmp_path / "feedpub.yaml"
    config.unlink()
    assert run(site, "build").code == 2
    config.mkdir()
    done = run(site, "build")
    assert done.code == 2
    assert "Is a directory" in done.stderr
    assert not site.out.exists()
    assert not site.state.exists()


def test_an_unreadable_config_ends_with_2(run: Command, tmp_path: Path) -> None:
    site = good_site(tmp_path)
    make_unreadable(tmp_path / "feedpub.yaml")
    done = run(site, "build")
    assert done.code == 2
    assert "cannot be read" in done.stderr


def test_roots_of_the_command_line_are_held_to_the_same_rules(run: Command, tmp_path: Path) -> None:
    site = good_site(tmp_path)
    before = files_below(tmp_path)
    for options in (
        ("--out", site.content / "out"),
        ("--state", site.out / "state"),
        ("--content", tmp_path / "nowhere"),
        ("--out", tmp_path / "feedpub.yaml"),
    ):
        done = run(site, "build", *options)
        assert (done.code, done.stdout) == (2, ""), options
        assert str(options[0]) in done.stderr
    assert files_below(tmp_path) == before
