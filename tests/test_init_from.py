"""`feedpub init --from`: what is read of the config of a site, and what never is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from command import Run, run_here
from hypothesis import given, settings, strategies as st

from feedpub import config as configs
from feedpub.core.problems import ConfigError
from feedpub.core.yaml_toml_json import one_line, read_yaml, sourced
from feedpub.starter.folder import Folder, Given
from feedpub.starter.sites import config_for

POST = "---\ntitle: A post\ndate: 2024-05-06 07:08:09 +0000\n---\nIt says something.\n"
TAGGED = POST.replace("title:", "tags: [Go]\ntitle:")
CANARY = "canary-7f3a"


def put(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


class Taken(NamedTuple):
    """What became of a site: what init said, its config, and the feed of a build."""

    said: Run
    config: dict[str, dict[str, Any]]
    text: str
    rss: str


def take(folder: Path, files: Mapping[str, str], new: str = "") -> Taken:
    """Run the two commands for a site, in `new` or beside it."""
    site = put(folder / "site", files)
    arguments = [new] if new else []
    said = run_here("init", "--from", site, *arguments, cwd=folder)
    assert said.code == 0, said.stderr
    place = folder / (new or "site-feeds")
    text = (place / "feedpub.yaml").read_text("utf-8")
    built = run_here("build", cwd=place, SOURCE_DATE_EPOCH="1800000000")
    assert (built.code, "error" in built.stderr) == (0, False), built.stderr
    config = yaml.safe_load(text)
    out = place / config.get("output", {}).get("root", "out")
    feeds = [file.read_text("utf-8") for file in out.rglob("*.xml")]
    return Taken(said, config, text, next(one for one in feeds if "<rss" in one))


def link(taken: Taken) -> str:
    """Return the address of the only item."""
    _, _, item = taken.rss.partition("<item>")
    return item.partition("<link>")[2].partition("</link>")[0]


# --- Jekyll --------------------------------------------------------------------------------------

JEKYLL = """\
title: Harbour notes
description: >-
  Tides &amp; <a href="/fleet">big
  ships</a>
url: "https://www.example.org"
baseurl: /notes
lang: en_GB
timezone: Europe/Berlin
author: {name: Ann, email: ann@example.org}
"""
A_POST = {"_posts/2024-05-06-A-post.md": POST}


def test_jekyll_says_all_and_nothing_is_edited(tmp_path: Path) -> None:
    taken = take(tmp_path, {"_config.yml": JEKYLL, **A_POST})
    assert link(taken) == "https://www.example.org/notes/2024/05/06/A-post.html"
    assert taken.config["site"] == {
        "url": "https://www.example.org/notes/",
        "home": "https://www.example.org/notes/",
        "title": "Harbour notes",
        "description": "Tides & big ships",
        "language": "en-GB",
        "author": {"name": "Ann"},
    }
    assert taken.config["content"]["timezone"] == "Europe/Berlin"
    keys = [f"{group}.{key}" for group, inner in taken.config.items() for key in inner]
    assert keys == sorted(keys, key=configs.KEYS.index)
    assert "  title: Harbour notes  # _config.yml:1\n" in taken.text
    assert "  language: en-GB  # _config.yml:7\n" in taken.text
    assert "yours" not in taken.said.stdout


@pytest.mark.parametrize(
    ("config", "address"),
    [
        ("", "2024/05/06/A-post.html"),
        ("permalink: date", "2024/05/06/A-post.html"),
        ("permalink: pretty", "2024/05/06/A-post/"),
        ("permalink: none", "A-post.html"),
        ("permalink: /:year/:i_month/:title", "2024/5/A-post"),
        ("permalink: :title", "A-post"),
        ("permalink: pretty\ncollections: {posts: {permalink: '/n/:slug/'}}", "n/a-post/"),
        (
            "permalink: pretty\ndefaults: [{scope: {path: '', type: posts}, values: {permalink: /d/:title}}]",
            "d/A-post",
        ),
        ("defaults: [{scope: {path: '', type: pages}, values: {permalink: /d/}}]", "2024/05/06/A-post.html"),
        ("defaults: [{scope: {path: _posts/x}, values: {permalink: '/x/:title'}}]", "2024/05/06/A-post.html"),
    ],
)  # fmt: skip
def test_jekyll_permalinks(tmp_path: Path, config: str, address: str) -> None:
    config = f"url: https://x.example\n{config}\n"
    assert link(take(tmp_path, {"_config.yml": config, **A_POST})) == f"https://x.example/{address}"


def test_jekyll_defaults_of_a_folder(tmp_path: Path) -> None:
    config = "url: https://x.example\ndefaults: [{scope: {path: _posts/x}, values: {permalink: '/x/:title'}}]"
    taken = take(tmp_path, {"_config.yml": config, "_posts/x/2024-05-06-A-post.md": POST})
    assert link(taken) == "https://x.example/x/A-post"


def test_jekyll_says_what_has_no_match_and_leaves_out_what_it_does(tmp_path: Path) -> None:
    config = "url: https://x.example\ntitle: T\nfuture: true\nexclude: [old/, README.md]"
    files = {"_config.yml": config, "old/_posts/2020-01-01-old.md": POST, **A_POST}
    taken = take(tmp_path, files)
    assert taken.rss.count("<item>") == 1
    assert "future (_config.yml:3) has no match" in taken.said.stdout


def test_jekyll_without_a_config_has_its_name(tmp_path: Path) -> None:
    files = {"CNAME": "x.example\n", "about.md": POST, **A_POST}
    taken = take(tmp_path, files)
    assert link(taken) == "https://x.example/2024/05/06/A-post.html"
    assert taken.rss.count("<item>") == 1, "a page with a date is no post"
    assert "Only you know site.title: " in taken.said.stdout
    assert "title: site  # yours: the name" in taken.text


@pytest.mark.parametrize("permalink", ["/:week/:title", "ordinal", "/:year/"])
def test_jekyll_asks_for_an_address_that_it_cannot_say(tmp_path: Path, permalink: str) -> None:
    site = put(tmp_path, {"_config.yml": f"permalink: {permalink}", **A_POST})
    text, asked, _ = config_for(site, tmp_path / "new")
    assert "  #link_template:  # yours: _config.yml:1 has a part" in text
    assert [one for one in asked if one.startswith("Only you know content.link_template: ")]


# --- Hugo, Zola ----------------------------------------------------------------------------------

HUGO = """\
baseURL = "https://x.example/"
title = "Notes"
languageCode = "en-us"
[params]
description = "Tides"
[permalinks]
blog = "/:section/:year/:slug/"
"""
HUGO_DEFAULTS = {
    "config/_default/hugo.yaml": "title: Notes\n",
    "config/_default/permalinks.yaml": "page: {blog: '/:section/:year/:slug/'}\n",
    "config/_default/languages.en.toml": "languageCode = 'en-us'\n[params]\ndescription='Tides'\n",
    "config/production/config.json": '{"baseURL": "https://x.example/"}',
}


@pytest.mark.parametrize(
    "config", [{"hugo.toml": HUGO}, {"config.toml": HUGO}, HUGO_DEFAULTS], ids=len
)
def test_hugo_says_all_and_nothing_is_edited(config: dict[str, str], tmp_path: Path) -> None:
    taken = take(tmp_path, {**config, "content/blog/x.md": POST})
    assert link(taken) == "https://x.example/blog/2024/a-post/"
    site = taken.config["site"]
    assert (site["title"], site["language"], site["description"]) == ("Notes", "en-us", "Tides")
    assert "yours" not in taken.said.stdout


@pytest.mark.parametrize(
    ("config", "address"),
    [
        ("", "post/a/"),
        ("uglyURLs = true", "post/a.html"),
        ("[uglyURLs]\npost = true", "post/a.html"),
        ("disablePathToLower = true", "post/A/"),
        ("defaultContentLanguageInSubdir = true", "en/post/a/"),
        ("[permalinks]\nposts = '/:title/'", "post/a/"),
        ("[permalinks]\npost = '/:year/:title'", "2024/a-post"),
        ("[permalinks]\npage = '/p/:title'\npost = '/:year/:title'", "2024/a-post"),
        ("[permalinks]\npost = '/:year/:title/'\n[uglyURLs]\npost = true", "2024/a-post.html"),
    ],
)
def test_hugo_permalinks(tmp_path: Path, config: str, address: str) -> None:
    config = f"baseURL = 'https://x.example'\ntitle = 'T'\n{config}\n"
    taken = take(tmp_path, {"hugo.toml": config, "content/post/A.md": POST})
    assert link(taken) == f"https://x.example/{address}"


@pytest.mark.parametrize(
    ("config", "root"),
    [
        ("contentDir = 'notes'", "notes"),
        ("[languages.en]\ncontentDir = 'notes'", "notes"),
        ("[[module.mounts]]\nsource = 'notes'\ntarget = 'content'", "notes"),
        ("contentDir = 'nowhere'", "content"),
    ],
)
def test_hugo_content_is_where_its_config_says(tmp_path: Path, config: str, root: str) -> None:
    config = f"baseURL = 'https://x.example/'\n{config}\n"
    files = {"hugo.toml": config, "notes/a.md": POST, "content/a.md": POST}
    assert take(tmp_path, files).config["content"]["root"] == f"../site/{root}"


def test_hugo_has_several_languages_by_the_names_of_files(tmp_path: Path) -> None:
    config = "baseURL = 'https://x.example/'\ntitle = 'T'\n[languages]\nen = {}\nja = {}\n"
    files = {"hugo.toml": config, "content/a.md": POST, "content/a.ja.md": POST}
    taken = take(tmp_path, files)
    assert taken.config["content"]["languages"] == ["en", "ja"]
    out = tmp_path / "site-feeds/out"
    assert "<link>https://x.example/ja/a/</link>" in (out / "ja/index.xml").read_text()
    assert "<link>https://x.example/ja/a/</link>" not in (out / "index.xml").read_text()
    assert "<link>https://x.example/a/</link>" in (out / "index.xml").read_text()
    inside = {"hugo.toml": f"defaultContentLanguageInSubdir = true\n{config}"}
    found = take(tmp_path / "inside", {**files, **inside})
    assert found.config["content"]["link_template"] == "/{locale}/{path:lower}/"


@pytest.mark.parametrize("permalink", ["/:year/:sections[1:]/:title/", "/:what/:title/", "/:year/"])
def test_hugo_tells_of_an_address_that_it_cannot_say(tmp_path: Path, permalink: str) -> None:
    config = f"title = 'T'\nbaseURL = 'https://x.example'\n[permalinks]\nblog = '{permalink}'"
    taken = take(tmp_path, {"hugo.toml": config, "content/blog/a.md": POST})
    assert (
        "hugo.toml:3 has a part that is not known: see content.link_templates" in taken.said.stdout
    )
    assert link(taken) == "https://x.example/blog/a/"


@pytest.mark.parametrize(
    ("config", "named"), [("hugo.toml", "content/b.html"), ("_config.yml", "_posts/b.html")]
)
def test_items_that_are_no_markdown_are_told(tmp_path: Path, config: str, named: str) -> None:
    parts = {"content/part.html": "<p>no item</p>", "layouts/x.html": "---\nx: y\n---\n"}
    files = {config: "", "content/a.md": POST, "_posts/2024-05-06-a.md": POST, **parts}
    taken = take(tmp_path, {**files, named: POST})
    first = tmp_path / "site" / named
    told = f"Only Markdown is read, so these are in no feed: 1 in other formats, first {first}.\n"
    assert told in taken.said.stdout


def test_hugo_says_more_of_a_language_than_of_all(tmp_path: Path) -> None:
    config = "title = 'All'\nbaseURL = 'https://x.example'\n[languages.en]\ntitle = 'English'"
    taken = take(tmp_path, {"hugo.toml": config, "content/a.md": POST})
    assert taken.config["site"]["title"] == "English"


def test_zola_says_all_and_nothing_is_edited(tmp_path: Path) -> None:
    config = 'base_url = "https://x.example"\ndefault_language = "de"\nauthor = "Ann"\n'
    index = '+++\ntitle = "Notes"\ndescription = "Tides"\n+++\n'
    files = {"config.toml": config, "content/_index.md": index, "content/news/A.md": POST}
    taken = take(tmp_path, files)
    assert link(taken) == "https://x.example/news/a/"
    assert "  title: Notes  # content/_index.md:2\n" in taken.text
    assert taken.config["site"]["language"] == "de"
    assert "yours" not in taken.said.stdout


# --- where feeds are -----------------------------------------------------------------------------

A_FEED = "---\n---\n<feed ><title>Mine</title></feed>"
ITEMS = {**A_POST, "content/a.md": POST}
FEEDS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "jekyll-feed": (
        {"_config.yml": "url: https://x.example\nplugins: [jekyll-feed]"},
        {"addresses": {"everything": {"atom": "feed.xml"}}, "window": {"items": 10, "days": 0}},
    ),
    "jekyll-feed elsewhere": (
        {"_config.yml": "plugins: [jekyll-feed]\nfeed: {path: /blog/atom.xml, posts_limit: 100}"},
        {
            "addresses": {"everything": {"atom": "blog/atom.xml"}},
            "window": {"items": 100, "days": 0},
        },
    ),
    "a template in Jekyll": (
        {"_config.yml": "url: https://x.example", "rss.xml": "---\n---\n<rss version='2.0'>"},
        {"addresses": {"everything": {"rss": "rss.xml"}}},
    ),
    "no feed in Jekyll": ({"_config.yml": "url: https://x.example", "feed.xml": "<feed >"}, {}),
    "hugo": (
        {"hugo.toml": "title = 'T'\nrssLimit = 20"},
        {
            "addresses": {"everything": {"rss": "index.xml"}},
            "window": {"items": 20, "days": 0},
            "folders": {"everything": "feeds", "topic": "tags"},
            "paths": {"rss": "index.xml"},
            "pages": False,
        },
    ),
    "hugo with other names": (
        {
            "hugo.toml": "disableKinds = ['taxonomy', 'term']\n[outputFormats.RSS]\nbaseName = 'feed'"
            "\n[outputs]\nhome = ['HTML', 'RSS']\n[services.rss]\nlimit = -1"
        },
        {"addresses": {"everything": {"rss": "feed.xml"}}},
    ),
    "hugo without tags": (
        {"hugo.toml": "[taxonomies]\nseries = 'series'"},
        {"addresses": {"everything": {"rss": "index.xml"}}},
    ),
    "hugo with other taxonomies": (
        {"hugo.toml": "[taxonomies]\ntag = 'tags'\nseries = 'series'\n[outputs]\nhome = ['HTML']"},
        {
            "folders": {"everything": "feeds", "topic": "tags"},
            "paths": {"rss": "index.xml"},
            "pages": False,
        },
    ),
    "hugo without": ({"hugo.toml": "disableKinds = ['RSS']"}, {}),
    "hugo without one at home": (
        {"hugo.toml": "disableKinds = ['term']\n[outputs]\nhome = ['HTML']"},
        {},
    ),
    "zola": (
        {"config.toml": "base_url = 'https://x.example'\ngenerate_feeds = true\nfeed_limit = 7"},
        {"addresses": {"everything": {"atom": "atom.xml"}}, "window": {"items": 7, "days": 0}},
    ),
    "zola with other names": (
        {
            "config.toml": "base_url = 'https://x.example'\ngenerate_feeds = true\n"
            "feed_filenames = ['data.json', 'feed.xml', 'rss.xml', 'more.xml']",
            "templates/feed.xml": "<feed xmlns='x'>",
            "templates/data.json": "[]",
        },
        {"addresses": {"everything": {"atom": "feed.xml", "rss": "rss.xml"}}},
    ),
    "zola with feeds of tags": (
        {
            "config.toml": "base_url = 'https://x.example'\ngenerate_feeds = true\n"
            "taxonomies = [{name = 'tags', feed = true}, {name = 'categories'}]"
        },
        {
            "addresses": {"everything": {"atom": "atom.xml"}},
            "folders": {"everything": "feeds", "topic": "tags"},
            "paths": {"atom": "atom.xml"},
            "pages": False,
        },
    ),
    "zola without": ({"config.toml": "base_url = 'https://x.example'"}, {}),
}


@pytest.mark.parametrize(("files", "feeds"), FEEDS.values(), ids=FEEDS)
def test_feeds_are_where_they_were(
    files: dict[str, str], feeds: dict[str, Any], tmp_path: Path
) -> None:
    taken = take(tmp_path, {**files, **ITEMS})
    assert taken.config["feeds"] == {"folders": {"everything": "feeds"}} | feeds
    for path in feeds.get("addresses", {}).get("everything", {}).values():
        assert (tmp_path / "site-feeds/out" / path).is_file()


def test_a_feed_of_jekyll_says_the_title_that_the_config_does_not(tmp_path: Path) -> None:
    taken = take(tmp_path, {"CNAME": "x.example", "atom.xml": A_FEED, **A_POST})
    assert "  title: Mine  # atom.xml\n" in taken.text
    assert "yours" not in taken.said.stdout


GENERATORS = {
    "_site": {
        "_config.yml": "url: https://x.example\ntitle: T\nplugins: [jekyll-feed]\n",
        **A_POST,
    },
    "public": {"hugo.toml": "baseURL = 'https://x.example'\ntitle = 'T'", "content/a.md": TAGGED},
}


@pytest.mark.parametrize("output", GENERATORS)
@pytest.mark.parametrize("new", ["site", "site/feeds-of-it"])
def test_inside_a_site_feeds_go_where_it_is_built(tmp_path: Path, output: str, new: str) -> None:
    """Over the feeds of the generator, beside its pages, and again after it cleaned up."""
    taken = take(tmp_path, GENERATORS[output], new)
    name = "feedpub.yaml" if new == "site" else "feeds-of-it"
    own = (
        f"Add {name} to `exclude`" if output == "_site" else "those at no address of ours end then"
    )
    assert own in taken.said.stdout
    assert "No built site is there. Did it have feeds?" in taken.said.stdout
    built = tmp_path / "site" / output
    theirs = {
        "index.html": "home",
        "tags/go/index.html": "go",
        "feed.xml": "<rss/>",
        "index.xml": "<rss/>",
    }
    put(built, theirs)
    again = run_here("build", cwd=tmp_path / new, SOURCE_DATE_EPOCH="1800000000")
    assert (again.code, again.stderr) == (0, ""), again
    kept = {path for path, text in theirs.items() if (built / path).read_text() == text}
    assert theirs.keys() - kept == {"feed.xml" if output == "_site" else "index.xml"}


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (("2024/05/06/A-post.html", "b/index.html"), "2 of 2 addresses are in {}."),
        (("b/index.html",), "1 of 2 addresses are in {}; the others: https://x.example/2024/05/06/A-post.html."),
    ],
)  # fmt: skip
def test_addresses_are_looked_for_in_the_built_site(
    tmp_path: Path, there: tuple[str, ...], told: str
) -> None:
    built = {f"_site/{name}": "page" for name in there}
    another = POST.replace("title:", "permalink: /b/\ntitle:")
    files = {"_config.yml": "url: https://x.example\ntitle: T", **A_POST, **built}
    taken = take(tmp_path, {**files, "_posts/2024-05-07-b.md": another})
    assert told.format(tmp_path / "site/_site") in taken.said.stdout


IN_CONTENT = {f"content/{path}": text for path, text in A_POST.items()}
BUILT_ELSEWHERE = {
    "_config.yml": "url: https://x.example\ntitle: T\nsource: content\ndestination: docs",
    "hugo.toml": "baseURL = 'https://x.example'\ntitle = 'T'\npublishDir = 'docs'",
    "config.toml": "base_url = 'https://x.example'\ntitle = 'T'\noutput_dir = 'docs'",
}


@pytest.mark.parametrize("name", BUILT_ELSEWHERE)
@pytest.mark.parametrize(("new", "out"), [("site", "docs"), ("", None)])
def test_a_site_may_be_built_elsewhere(
    tmp_path: Path, name: str, new: str, out: str | None
) -> None:
    files = {name: BUILT_ELSEWHERE[name], "docs/x/index.html": "x", **IN_CONTENT}
    taken = take(tmp_path, files, new)
    assert f"0 of 1 addresses are in {tmp_path}/site/docs" in taken.said.stdout
    assert taken.config.get("output", {}).get("root") == out


OLD = """<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>T</title>
<link rel="self" href="https://x.example/feed.xml"/><updated>2024-05-06T07:08:09Z</updated>
<entry><id>{id}</id><title>A post</title><link href="{link}"/>
<updated>2024-05-06T07:08:09Z</updated></entry></feed>
"""


@pytest.mark.parametrize("new", ["", "site"])
def test_feeds_of_the_built_site_are_taken_over_at_once(tmp_path: Path, new: str) -> None:
    """Every id byte for byte, also of items that they do not hold; what they hold is the window."""
    config = "url: https://x.example\ntitle: T\nplugins: [jekyll-feed]\n"
    where = "https://x.example/2024/05/06/A-post.html"
    old = OLD.format(id=where.replace("https", "http").removesuffix(".html"), link=where)
    files = {"_config.yml": config, "_site/feed.xml": old, **A_POST}
    taken = take(
        tmp_path, {**files, "_posts/2023-01-02-older.md": POST.replace("2024", "2023")}, new
    )
    assert "1 of 1 entries are items here" in taken.said.stdout
    assert "No built site" not in taken.said.stdout
    out = tmp_path / ("site/_site" if new else "site-feeds/out")
    feed = (out / "feed.xml").read_text()
    assert "<id>http://x.example/2024/05/06/A-post</id>" in feed
    assert feed.count("<entry>") == 1


@pytest.mark.parametrize(
    "old", [OLD.format(id="a", link="https://other.example/"), "<rss", "<rss>\n</rss>"]
)
def test_feeds_of_a_built_site_that_say_nothing_are_told(tmp_path: Path, old: str) -> None:
    config = "url: https://x.example\ntitle: T\n"
    taken = take(tmp_path, {"_config.yml": config, "_site/feed.xml": old, **A_POST})
    assert f"Nothing is taken over from feeds in {tmp_path}/site/_site: " in taken.said.stdout


def test_what_our_config_cannot_have_is_told_at_once(tmp_path: Path) -> None:
    site = put(
        tmp_path / "site", {"_config.yml": "url: https://x.example\ntimezone: Here", **A_POST}
    )
    said = run_here("init", "--from", site, cwd=tmp_path)
    assert said.code == 2
    assert "feedpub.yaml:12: content.timezone: is not a known time zone" in said.stderr


# --- what is never read --------------------------------------------------------------------------


def test_no_other_value_reaches_output_or_config(tmp_path: Path) -> None:
    files = {
        "_config.yml": f"url: https://x.example\ntitle: T\nother: {CANARY}\napi_token: {CANARY}\n",
        ".env": f"title={CANARY}",
        **A_POST,
    }
    taken = take(tmp_path, files)
    assert CANARY not in taken.text + taken.said.stdout + taken.said.stderr


@pytest.mark.parametrize(
    "broken", [f'a: "{CANARY}\n', f"a: [{CANARY}\n", f"{CANARY}\n", f"a: {CANARY}\n  {CANARY}: x\n"]
)
def test_a_broken_config_is_told_by_its_line_alone(tmp_path: Path, broken: str) -> None:
    site = put(tmp_path / "site", {"_config.yml": broken, **A_POST})
    said = run_here("init", "--from", site, cwd=tmp_path)
    assert said.code == 2
    assert f"{site}/_config.yml:" in said.stderr
    assert CANARY not in said.stdout + said.stderr
    assert not (tmp_path / "site-feeds" / "feedpub.yaml").exists()


@pytest.mark.parametrize(
    "name", [".env", ".env.toml", "api-key.yml", "Tokens.toml", "secrets.json"]
)
def test_files_with_secrets_are_not_opened(tmp_path: Path, name: str) -> None:
    put(tmp_path, {name: f"title: {CANARY}"})
    assert Folder(tmp_path).text(name) == ""


def test_no_link_leads_out_of_the_site(tmp_path: Path) -> None:
    put(
        tmp_path,
        {"outside.yml": f"title: {CANARY}\nurl: https://x.example", "site/_posts/a.md": POST},
    )
    (tmp_path / "site" / "_config.yml").symlink_to("../outside.yml")
    text, *_ = config_for(tmp_path / "site", tmp_path / "new")
    assert CANARY not in text


def test_no_link_of_a_built_site_leads_out_of_it(tmp_path: Path) -> None:
    home = "https://x.example"
    files = {"_config.yml": f"url: {home}\ntitle: T\n", **A_POST}
    entry = f"<guid>{CANARY}</guid><link>{home}/2024/05/06/A-post.html</link>"
    old = f"<rss><channel><item><title>A post</title>{entry}</item></channel></rss>"
    put(tmp_path, {"old/feed.xml": old, "site/_site/index.html": ""})
    (tmp_path / "site/_site/feed.xml").symlink_to(tmp_path / "old/feed.xml")
    taken = take(tmp_path, files)
    assert CANARY not in taken.text + taken.said.stdout + taken.rss


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_folder_in_the_site_is_no_built_site(tmp_path: Path, kind: str) -> None:
    built = put(tmp_path / "site", {"_config.yml": "url: https://x.example\n", **A_POST}) / "_site"
    put(tmp_path, {"other/kept.txt": ""})
    built.symlink_to(tmp_path / "other") if kind == "link" else os.mkfifo(built)
    text, _, there = config_for(tmp_path / "site", tmp_path / "site" / "new")
    assert there is None
    assert ("root: ../_site" in text) == (kind == "pipe"), "a pipe may go, a link stays"


def test_no_path_of_a_config_leads_out_of_the_site(tmp_path: Path) -> None:
    config = 'SITEURL = "https://x.example"\nPATH = "../other"\n'
    files = {"site/pelicanconf.py": config, "site/content/a.md": POST, "other/b.md": POST}
    text, told, _ = config_for(put(tmp_path, files) / "site", tmp_path / "new")
    assert "root: ../site/content" in text
    assert "pelicanconf.py:2 leads out of the site, so content.root is yours to say" in told


@pytest.mark.parametrize(
    "url", [f"https://me:{CANARY}@x.example", f"https://x.example/?t={CANARY}", "https://[::1"]
)
def test_an_address_that_feeds_cannot_have_is_asked_for(tmp_path: Path, url: str) -> None:
    taken = take(tmp_path, {"_config.yml": f'url: "{url}"\n', **A_POST})
    assert CANARY not in taken.text + taken.said.stdout + taken.said.stderr
    assert "Only you know site.url" in taken.said.stdout


def test_what_no_yaml_can_hold_of_a_program_is_left_out(tmp_path: Path) -> None:
    config = r'SITEURL, SITENAME = "https://x.example", "a"' + "\n" + r'SITENAME = "a\ud800\x07b"'
    text, *_ = config_for(put(tmp_path, {"pelicanconf.py": config, "content/a.md": POST}), tmp_path)
    assert "title: ab " in text


def test_a_config_of_more_than_a_mebibyte_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"_config.yml": "#" + "x" * (1 << 20)})
    with pytest.raises(ConfigError) as caught:
        config_for(tmp_path, tmp_path / "new")
    assert caught.value.errors == [f"{tmp_path}/_config.yml: is larger than 1 MiB"]


TEXTS = st.text().map(lambda text: " ".join(text.split()))


@given(TEXTS)
def test_a_title_is_written_as_it_is_meant(title: str) -> None:
    assert read_yaml(f"a: {one_line(title)}  # x").fields == {"a": title}


VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_is_written_on_a_line_and_read_as_the_same(value: object) -> None:
    line = one_line(value)
    assert "\n" not in line
    assert read_yaml(f"a: {line}  # x").fields == sourced({"a": value})


@given(st.text())
def test_any_config_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    site = tmp_path_factory.getbasetemp() / "any"
    for name in ("_config.yml", "hugo.toml", "config.toml"):
        folder = site / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8", "replace")
        try:
            found, *_ = config_for(folder, folder / "new")
        except ConfigError:
            continue
        assert found.startswith("# The feeds of a site")


KEYS = (
    *("url", "title", "author", "permalink", "permalinks", "defaults", "collections", "exclude"),
    *("languages", "module", "uglyURLs", "outputs", "disableKinds", "plugins", "feed", "future"),
    *(
        "scope",
        "values",
        "type",
        "path",
        "page",
        "post",
        "posts",
        "mounts",
        "target",
        "en",
        "base_url",
    ),
)
PARTS = st.recursive(
    TEXTS
    | st.booleans()
    | st.sampled_from((":title", "/:year/:slug/", "https://x.example", "posts")),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=20,
)


@settings(max_examples=40)  # of each, three configs are read and written
@given(st.dictionaries(st.sampled_from(KEYS), PARTS))
def test_a_config_with_parts_of_any_kind_is_read(
    tmp_path_factory: pytest.TempPathFactory, parts: dict[str, Any]
) -> None:
    for name in ("_config.yml", "hugo.json", "config/_default/permalinks.json"):
        folder = put(tmp_path_factory.getbasetemp() / "parts" / name[:5], {name: json.dumps(parts)})
        found, *_ = config_for(folder, folder / "new")
        assert found.startswith("# The feeds of a site")


def test_found_values_are_read_by_any_case_of_their_key(tmp_path: Path) -> None:
    put(tmp_path, {"a.toml": "# x\n[Params]\n Author = 'Ann'\n"})
    given = Folder(tmp_path).settings("a.toml").at("params.author")
    assert given == Given("Ann", "a.toml:2")


@pytest.mark.parametrize(
    ("text", "items"),
    [("20", 20), ("99999", 99999), ("0", 0), ("-1", 0), ("²", 0), ("9" * 9999, 0)],
)
def test_a_limit_is_a_number_that_a_feed_may_have(text: str, items: int) -> None:
    assert [one.value["items"] for one in Given(text, "a.toml:1").found("feeds.window")] == [
        items
    ] * bool(items)


def test_keys_of_secrets_are_not_looked_at(tmp_path: Path) -> None:
    put(tmp_path, {"a.yml": f"api_token: {CANARY}\nparams: {{secret: {CANARY}}}\n"})
    assert Folder(tmp_path).settings("a.yml").at("api_token", "params.secret") == Given()


def test_a_config_that_would_not_say_what_is_meant_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedpub.starter.sites.one_line", lambda _: "another")
    said = run_here("init", "--from", put(tmp_path / "site", A_POST), cwd=tmp_path)
    assert said.code == 1
    assert not (tmp_path / "site-feeds/feedpub.yaml").exists()


def test_no_name_of_a_file_ends_it(tmp_path: Path) -> None:
    site = put(tmp_path, {"_config.yml": 'exclude: ["\\0", "../..", "/"]\nurl: https://x.example'})
    text, *_ = config_for(site, tmp_path / "new")
    assert "exclude" not in text


def test_a_site_that_is_not_there_is_a_mistake_of_usage(tmp_path: Path) -> None:
    said = run_here("init", "--from", tmp_path / "nowhere", cwd=tmp_path)
    assert (said.code, said.stderr) == (
        2,
        f"{tmp_path}/nowhere is no folder: name that of the site\n",
    )


def test_feeds_of_a_site_without_its_address_are_left_until_it_is_there(tmp_path: Path) -> None:
    old = OLD.format(id="a", link="https://www.example.org/2024/05/06/A-post.html")
    site = put(tmp_path / "site", {"_config.yml": "title: T", "_site/feed.xml": old, **A_POST})
    said = run_here("init", "--from", site, cwd=tmp_path).stdout
    built = f"feedpub adopt {site}/_site"
    assert f"Before the first build, set site.url, and take over its feeds: {built}.\n" in said


def test_names_of_folders_give_a_terminal_nothing_to_obey(tmp_path: Path) -> None:
    site = put(tmp_path / "a\u202eb", {"_config.yml": "x: y\n", **A_POST})
    said = run_here("init", "--from", site, tmp_path / "new", cwd=tmp_path)
    other = run_here("init", "--from", site, site, cwd=tmp_path)
    lines = [
        *said.stdout.partition("Next:")[0].splitlines(),
        *other.stdout.partition("Next:")[0].splitlines(),
    ]
    assert not [line for line in lines if "\u202e" in line]
    assert (said.code, other.code) == (0, 0)
