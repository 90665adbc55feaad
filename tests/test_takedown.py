"""What broken files still keep from being out, through the real command line (S3, I4, X6)."""

from __future__ import annotations

import shutil
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, strategies as st
from small_site import DAY, EPOCH, Site

from feedpub.core.fields import DEFAULT_FIELDS, Rules
from feedpub.core.flags import asks_for_withdrawal, spilled_flag
from feedpub.core.front_matter import read_document
from feedpub.core.model import Document, Withheld
from feedpub.core.normalize import named_stories

ITEM = "https://news.example/a"
WHEN = "2025-12-01T08:00:00Z"
USUAL = f"title: T\nwebUrl: {ITEM}\npublishedDateTime: {WHEN}\ntopics: [AI]\n"
OPEN = "title: [half, a list\n"
"""A line that breaks the front matter."""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path / "site")
    put(site, "a.md", USUAL)
    put(
        site,
        "other.md",
        USUAL.replace("news.example/a", "news.example/other").replace("T\n", "O\n"),
    )
    return site


def put(site: Site, path: str, front: str, body: str = "") -> None:
    (site.content / path).write_text(f"---\n{front}---\n{body}", encoding="utf-8")


def titles(site: Site) -> list[str]:
    return sorted(e.title for e in feedparser.parse((site.out / "atom.xml").read_bytes()).entries)


def lose_cache(site: Site) -> None:
    shutil.rmtree(site.state)


# a broken file that was never known ---------------------------------------------------------------

BROKEN = {
    "the same address": OPEN + f"webUrl: {ITEM}\nremoved: true\n",
    "the flag first": f"deleted: yes\nwebUrl: '{ITEM}'\n" + OPEN,
    "originalUrl": f'originalUrl: "http://news.example/a?utm_source=x" # it\nremoved: 1\n{OPEN}',
    "another key for it": f"permalink: {ITEM}\nremoved: true\n{OPEN}",
    "an anchor": f"webUrl: &u {ITEM}\noriginalUrl: *v\nremoved: true\n",
    "on the next line": f"webUrl: >-\n  {ITEM}\nremoved: true\n{OPEN}",
    "never closed quotes": f'webUrl: "{ITEM}\nremoved: true\n',
    "a conflict": f"<<<<<<< a\nwebUrl: {ITEM}\n=======\nwebUrl: {ITEM}2\nremoved: true\n>>>>>>> b\n",
}


@pytest.mark.parametrize("ledger", [False, True], ids=["no ledger", "ledger"])
@pytest.mark.parametrize("case", BROKEN)
def test_s3_a_broken_file_withholds_its_story_though_it_was_never_known(
    case: str, ledger: bool, site: Site
) -> None:
    if ledger:
        site.configure(state={"ledger": "ledger.jsonl"})
    put(site, "b.md", BROKEN[case])
    first = site.build()
    assert titles(site) == ["O"]
    assert (first["items"]["quarantined"], first["items"]["withheld"]) == (1, 1)
    assert [p["path"] for p in first["problems"] if p["severity"] == "error"] == ["b.md"]
    lose_cache(site)
    site.build(epoch=EPOCH + DAY)
    assert titles(site) == ["O"]
    put(site, "b.md", USUAL.replace("title: T", "title: B"))
    site.build(epoch=EPOCH + 2 * DAY)
    assert len(titles(site)) == 2, "mended: it is out again"


def test_s3_of_a_story_that_is_out_a_new_broken_file_takes_it_down(site: Site) -> None:
    site.build()
    put(site, "b.md", BROKEN["the same address"])
    report = site.build(epoch=EPOCH + DAY)
    assert titles(site) == ["O"]
    assert report["items"]["withdrawn"] == 1
    assert all(b"news.example/a<" not in data for data in site.feeds().values())
    put(site, "a.md", USUAL.replace("T\n", "New\n"))
    site.build(epoch=EPOCH + 2 * DAY)
    assert titles(site) == ["O"], "an edit of the good file does not bring it back"
    site.build("--full", epoch=EPOCH + 3 * DAY)
    assert titles(site) == ["O"]
    (site.content / "b.md").unlink()
    site.build(epoch=EPOCH + 4 * DAY)
    assert titles(site) == ["New", "O"]


def test_s3_the_good_file_that_comes_later_is_withheld_too(site: Site) -> None:
    (site.content / "a.md").unlink()
    put(site, "b.md", BROKEN["the same address"])
    report = site.build()
    assert report["items"]["seen"] == 2
    put(site, "a.md", USUAL)
    site.build(epoch=EPOCH + DAY)
    assert titles(site) == ["O"]
    put(site, "b.md", BROKEN["the same address"].replace("/a", "/other"))
    site.build(epoch=EPOCH + 2 * DAY)
    assert titles(site) == ["T"], "it names another story now"


def test_s3_what_is_lost_in_a_broken_file_is_found_by_what_is_left(site: Site) -> None:
    """The good file names an id and two addresses; of each broken one, a single line is intact."""
    named = {"id: 5\n": "id", f"originalUrl: {ITEM}/original\n": "o", f"webUrl: {ITEM}\n": "w"}
    put(site, "a.md", USUAL.replace(f"webUrl: {ITEM}\n", "".join(named)))
    for line in named:
        put(site, "b.md", OPEN + line + "removed: true\n")
        site.build("--full")
        assert titles(site) == ["O"], line
    put(site, "b.md", "draft: true\n" + "".join(named))
    site.build("--full")
    assert titles(site) == ["O", "T"], "it is mended"


@pytest.mark.parametrize("damage", ["too large", "no access", "no line of it is left"])
def test_x6_what_withholds_goes_on_while_nothing_of_it_can_be_read(damage: str, site: Site) -> None:
    put(site, "b.md", BROKEN["the same address"])
    site.build()
    file = site.content / "b.md"
    if damage == "no access":
        file.chmod(0)
    else:
        file.write_bytes(b"x" * (7 << 20) if damage == "too large" else b"---\nx: [\n---\n")
    report = site.build("--full", epoch=EPOCH + DAY)
    assert titles(site) == ["O"]
    assert report["items"]["quarantined"] == 1


def test_s3_where_front_matter_is_lost_what_its_lines_say_still_counts(site: Site) -> None:
    (site.content / "b.md").write_text(f"webUrl: {ITEM}\nremoved: true\n---\nBody\n")
    report = site.build()
    assert titles(site) == ["O"]
    assert report["items"]["quarantined"] == 1
    assert {p["path"] for p in report["problems"] if p["severity"] == "error"} == {"b.md"}


def test_a_page_that_shows_front_matter_withholds_nothing(site: Site) -> None:
    text = f"# How to\n\n```yaml\n---\nwebUrl: {ITEM}\nremoved: true\n---\n```\n"
    (site.content / "README.md").write_text(text)
    (site.content / "_index.md").write_text(f"---\nurl: {ITEM}\nremoved: true\n---\n")
    report = site.build()
    assert titles(site) == ["O", "T"]
    assert report["items"]["not_items"] == 2


def test_a_broken_file_of_no_story_leaves_no_trace(site: Site) -> None:
    site.configure(state={"ledger": "ledger.jsonl"})
    site.build()
    before, ledger = site.feeds(), site.ledger.read_bytes()
    put(site, "b.md", BROKEN["the same address"].replace("/a", "/nowhere"))
    site.build(epoch=EPOCH + DAY)
    assert (site.feeds(), site.ledger.read_bytes()) == (before, ledger)


def test_check_and_explain_say_so(site: Site) -> None:
    put(site, "b.md", BROKEN["the same address"])
    site.build()
    assert "another file of the same story" in site.run("explain", site.content / "a.md").stdout
    assert "other files of its story" in site.run("explain", site.content / "b.md").stdout
    checked = site.run("check", "--report", "json").report
    assert (checked["files"], checked["items"]) == (3, 2)


# a broken file that was known ---------------------------------------------------------------------


@pytest.mark.parametrize("line", ["published: false", "draft: true"])
def test_i4_a_broken_draft_withholds_only_itself(line: str, site: Site) -> None:
    put(site, "b.md", USUAL.replace("title: T", "title: B"))
    site.build()
    assert titles(site) == ["O", "T"]
    put(site, "b.md", OPEN + f"webUrl: {ITEM}\n{line}\n")
    report = site.build(epoch=EPOCH + DAY)
    assert titles(site) == ["O", "T"]
    assert report["items"]["withheld"] == 1
    put(site, "a.md", OPEN + f"webUrl: {ITEM}\n{line}\n")
    site.build(epoch=EPOCH + 2 * DAY)
    assert titles(site) == ["O"], "all files of the story are withheld"


def test_i4_where_the_file_that_is_out_becomes_a_broken_draft_another_takes_over(
    site: Site,
) -> None:
    put(site, "b.md", USUAL.replace("title: T", "title: B"))
    site.build()
    put(site, "a.md", OPEN + "draft: true\n")
    site.build(epoch=EPOCH + DAY)
    assert titles(site) == ["B", "O"]
    put(site, "b.md", OPEN + "removed: true\n")
    site.build(epoch=EPOCH + 2 * DAY)
    assert titles(site) == ["O"]


def test_x6_a_file_marked_as_removed_stays_so_while_it_is_a_broken_draft(site: Site) -> None:
    put(site, "b.md", USUAL + "removed: true\n")
    site.build()
    put(site, "b.md", OPEN + "draft: true\n")
    site.build(epoch=EPOCH + DAY)
    assert titles(site) == ["O"]


def test_s3_a_known_file_that_names_another_story_withholds_both(site: Site) -> None:
    put(site, "b.md", USUAL.replace("title: T", "title: B"))
    site.build()
    put(site, "b.md", OPEN + "webUrl: https://news.example/other\nremoved: true\n")
    site.build(epoch=EPOCH + DAY)
    assert titles(site) == []


def test_x6_a_broken_file_that_is_renamed_keeps_its_last_good_item(site: Site) -> None:
    site.configure(content={"link_template": "https://news.example/{slug}"})
    put(site, "path.md", f"title: P\npublishedDateTime: {WHEN}\n")
    site.build()
    before = site.feeds()
    for name in ("a", "path"):
        put(site, f"{name}.md", OPEN)
    site.build(epoch=EPOCH + DAY)
    (site.content / "a.md").rename(site.content / "z-a.md")
    (site.content / "path.md").rename(site.content / "z-path.md")
    report = site.build(epoch=EPOCH + 2 * DAY)
    assert site.feeds() == before
    assert report["items"]["withdrawn"] == 0
    kept = [p["path"] for p in report["problems"] if p["code"] == "last-good-kept"]
    assert kept == ["z-a.md", "z-path.md"]
    explained = site.run("explain", site.content / "z-a.md").stdout
    assert "last good item stays" in explained
    shutil.copy(site.content / "z-a.md", site.content / "zz.md")
    report = site.build(epoch=EPOCH + 3 * DAY)
    assert report["items"]["quarantined"] == 1, "a copy of it is no second file of the story"
    put(site, "z-a.md", USUAL)
    site.build(epoch=EPOCH + 4 * DAY)
    assert titles(site) == ["O", "P", "T"]


# a stray fence ------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["removed: true", "published: false", "draft: yes"])
@pytest.mark.parametrize("between", ["", "\n", "topics:\n  - AI\n- x\n# note\n", "title: X\n"])
def test_x6_a_flag_behind_a_stray_fence_withholds(line: str, between: str, site: Site) -> None:
    site.build()
    put(site, "a.md", f"{USUAL}---\n{between}{line}\n", "Body\n")
    put(site, "new.md", f"{USUAL.replace('/a', '/new')}---\n{between}{line}\n", "Body\n")
    report = site.build(epoch=EPOCH + DAY)
    assert titles(site) == ["O"]
    assert {"front-matter-invalid"} <= {p["code"] for p in report["problems"]}


ORDINARY = [
    "Prose\n\n---\n\nremoved: true\n",
    "---\n\nProse after a rule.\n\nremoved: true\n",
    "Published: false claims\n---\n",
    "```yaml\nremoved: true\n```\n",
    "    removed: true\n",
    "\ttitle: x\n\tremoved: true\n",
    "removed: true story of a house\n",
    "Note: this\n---\nprose\n",
    "title: a\nurl: b\n---\n\nprose\n",
]


@pytest.mark.parametrize("body", ORDINARY)
def test_c4_ordinary_markdown_stays_a_body(body: str) -> None:
    got = read_document("a.md", f"---\n{USUAL}---\n{body}".encode())
    assert isinstance(got, Document)
    assert got.body == body.rstrip()


@given(st.text("ab:-#= \n\t", max_size=60), st.sampled_from(["removed: true", "draft: yes\n"]))
def test_behind_prose_no_line_makes_a_body_suspect(text: str, line: str) -> None:
    assert spilled_flag(f"\nProse begins.\n{text}\n{line}", 0) is None


# properties ---------------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        "title: [",
        "x: 'y",
        "topics: [a, b",
        "quality: *x",
        "a: b: c",
        "- z",
        "\tq: 1",
        "}",
        "excerpt: |",
    ]
)


@given(st.lists(LINES, max_size=6), st.lists(LINES, min_size=1, max_size=6), st.booleans())
def test_a_whole_line_of_address_is_found_whatever_is_around_it(
    before: list[str], after: list[str], closed: bool
) -> None:
    fence = "\n---\n" if closed else "\n"
    lines = [*before, f"webUrl: {ITEM}", *after, "removed: true"]
    data = ("---\n" + "\n".join(lines) + fence).encode()
    assert ITEM in named_stories("b.md", data, Rules())
    assert asks_for_withdrawal(data, Rules()) is Withheld.REMOVED


@given(st.binary(max_size=300))
def test_any_bytes_name_stories_without_raising(data: bytes) -> None:
    for head in (b"", b"---\n", b"{", b"+++\n", b"\xff\xfe"):
        assert isinstance(named_stories("b.md", head + data, Rules()), tuple)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (f'{{"webUrl": "{ITEM}", "removed": true,, }}', (ITEM,)),
        ('{"webUrl": "https:\\/\\/news.example\\/a",, "removed": true}', (ITEM,)),
        (f'{{"x": {{"webUrl": "{ITEM}"}},, "removed": true}}', ()),
        (f'+++\nwebUrl = "{ITEM}"\nremoved = true\nx = \n+++\n', (ITEM,)),
        (f'+++\nremoved = true\nx = \n[other]\nwebUrl = "{ITEM}"\n+++\n', ()),
        (f"---\nrelated:\n  - webUrl: {ITEM}\nremoved: true\nx: [\n---\n", ()),
        (f"---\nWEBURL: {ITEM}\nx: [\n---\n", (ITEM,)),
        ("---\nid: 7\nwebUrl: /a\nx: [\n---\n", ("id:7", ITEM)),
        ("---\nid: '7' # seven\nx: [\n---\n", ("id:7",)),
        (f"{{\nid: 7, # seven\nwebUrl: {ITEM},\nx: [\n}}", ("id:7", ITEM)),
        # A merge conflict: both sides.
        (
            f"---\n<<<<<<< a\nid: 7\nwebUrl: {ITEM}\n=======\nid: 8\nwebUrl: {ITEM}2\n>>>>>>> b\n---\n",
            ("id:7", ITEM, "id:8", f"{ITEM}2"),
        ),
    ],
)
def test_every_notation_says_what_its_own_lines_say(data: str, expected: tuple[str, ...]) -> None:
    assert named_stories("b.md", data.encode(), Rules(home="https://news.example/")) == expected


def test_s4_of_many_lines_that_name_stories_the_first_count() -> None:
    data = "".join(f"id: {number}\n" for number in range(100)).encode()
    assert named_stories("b.md", data, Rules()) == tuple(f"id:{number}" for number in range(40))


def test_i2_a_broken_translation_names_its_own_story_and_not_that_of_the_first_language() -> None:
    data, rules = b"---\nid: '7'\nremoved: true\nx: [\n---\n", Rules(languages=("en", "de"))
    assert named_stories("a.de.md", data, rules) == ("id:7-de",)
    assert named_stories("de/a.md", data, rules) == ("id:7-de",)
    assert named_stories("a.en.md", data, rules) == ("id:7",)


def test_the_config_says_which_keys_hold_the_address() -> None:
    rules = Rules(fields={**DEFAULT_FIELDS, "webUrl": ("where",)})
    data = f"---\nwhere: {ITEM}\nurl: {ITEM}/no\nx: [\n---\n".encode()
    assert named_stories("b.md", data, rules) == (ITEM,)
