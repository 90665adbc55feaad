"""`feedpub init --from` a site whose config is a program: it is read as far as literals go, not run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from test_init_from import A_POST, CANARY, POST, link, put, take

from feedpub.starter import literals
from feedpub.starter.folder import UNREAD, Folder
from feedpub.starter.sites import config_for

# --- Pelican -------------------------------------------------------------------------------------

PELICAN = """\
AUTHOR = SITENAME = "Harbour notes"
SITEURL = "https://dev.example"
TIMEZONE = "Europe/Berlin"
DEFAULT_LANG = u"pt_BR"
PATH = "content"
ARTICLE_URL = "{date:%Y}/{date:%-m}/{slug}/"
ARTICLE_SAVE_AS = ARTICLE_URL + "index.html"
FEED_ALL_ATOM = DEFAULT_DATE = None
FEED_RSS = "feeds/rss"
FEED_ALL_RSS = "feeds/all.rss.xml"
TAG_FEED_RSS = "tags/{slug}/rss.xml"
CATEGORY_FEED_ATOM = "feeds/{slug}.atom.xml"
FEED_MAX_ITEMS = 7
raise SystemExit("it was run")
"""
PUBLISHED = """\
from pelicanconf import *
HOST = "x.example"
SITEURL = f"https://{HOST}/notes"
"""
ARTICLE = "Title: What is new\nDate: 2024-05-06 23:30\nTags: Go\n\nIt says something.\n"
AN_ARTICLE = {"content/2024/what.md": ARTICLE}


def test_pelican_says_all_and_nothing_is_edited(tmp_path: Path) -> None:
    other = {"content/pages/about.md": ARTICLE, "content/b.rst": "B\n#\n", "content/a.rst": ""}
    files = {"pelicanconf.py": PELICAN, "publishconf.py": PUBLISHED, **AN_ARTICLE, **other}
    taken = take(tmp_path, files)
    first = tmp_path / "site/content/a.rst"
    told = f"Only Markdown is read, so these are in no feed: 2 in other formats, first {first}.\n"
    assert told in taken.said.stdout
    assert link(taken) == "https://x.example/notes/2024/5/what-is-new/"
    assert taken.rss.count("<item>") == 1, "a page is no article"
    assert taken.rss.count("<pubDate>Mon, 06 May 2024 21:30:00") == 1
    assert taken.config["site"] == {
        "url": "https://x.example/notes",
        "home": "https://x.example/notes",
        "title": "Harbour notes",
        "language": "pt-BR",
        "author": {"name": "Harbour notes"},
    }
    assert taken.config["feeds"] == {
        "addresses": {"everything": {"rss": "feeds/all.rss.xml"}},
        "by": ["topic"],
        "folders": {"everything": "feeds", "topic": "tags"},
        "paths": {"rss": "rss.xml"},
        "window": {"items": 7, "days": 0},
    }
    out = tmp_path / "site-feeds" / "out"
    assert (out / "feeds/all.rss.xml").is_file()
    assert (out / "tags/go/rss.xml").is_file()
    assert "  url: https://x.example/notes  # publishconf.py:3\n" in taken.text
    assert (
        "pelicanconf.py:12 has no folders: add feeds in use to feeds.addresses, such as category/X: "
        in taken.said.stdout
    )
    assert "yours: " not in taken.text


@pytest.mark.parametrize(
    ("config", "address"),
    [
        ("", "what-is-new.html"),
        ("ARTICLE_URL = '/n/{slug}'", "n/what-is-new"),
        ("SLUGIFY_SOURCE = 'basename'", "what.html"),
        ("FILENAME_METADATA = r'(?P<slug>.*)'", "what.html"),
        ("ARTICLE_URL = '{date:%Y}/{date:%m}/{date:%d}/{slug}.html'", "2024/05/06/what-is-new.html"),
        ("ARTICLE_URL = '{category}/{slug}.html'", "2024/what-is-new.html"),
        ("ARTICLE_URL = '{lang}/{slug}'", "what-is-new.html"),
        ("ARTICLE_URL = make()", "what-is-new.html"),
        ("ARTICLE_PATHS = ['2024']", "what-is-new.html"),
    ],
)  # fmt: skip
def test_pelican_addresses(tmp_path: Path, config: str, address: str) -> None:
    config = f"SITEURL = 'https://x.example'\n{config}\n"
    taken = take(tmp_path, {"pelicanconf.py": config, **AN_ARTICLE})
    assert link(taken) == f"https://x.example/{address}"
    is_told = "pelicanconf.py:2 " in taken.said.stdout
    assert is_told == ("{lang}" in config or "make" in config)


def test_what_is_no_literal_is_told(tmp_path: Path) -> None:
    taken = take(tmp_path, {"pelicanconf.py": "TIMEZONE = make()\n", **AN_ARTICLE})
    told = "pelicanconf.py:1 is no literal, so content.timezone is yours to say"
    assert told in taken.said.stdout


def test_pelican_takes_no_address_of_this_machine(tmp_path: Path) -> None:
    config = "SITEURL = 'http://localhost:8000'\n"
    taken = take(tmp_path, {"pelicanconf.py": config, **AN_ARTICLE})
    assert "  url: https://www.example.org/  # yours: " in taken.text


@pytest.mark.parametrize(
    "broken", ["print 'x'", "SITEURL = '", "\0", "(" * 300, "x" + "-x" * 9_999]
)
def test_a_program_that_cannot_be_read_is_told_and_asked_for(tmp_path: Path, broken: str) -> None:
    config = f"SITENAME = 'Notes'\n{broken} {CANARY}\n"
    taken = take(tmp_path, {"pelicanconf.py": config, **AN_ARTICLE})
    assert "pelicanconf.py:" in taken.said.stdout
    assert ": cannot be read" in taken.said.stdout
    assert "Traceback" not in taken.said.stderr
    assert "site.url: the public address" in taken.said.stdout
    assert CANARY not in taken.text + taken.said.stdout + taken.said.stderr


# --- Docusaurus, Eleventy, Astro -----------------------------------------------------------------

DOCUSAURUS = """\
import type {Config} from '@docusaurus/types';
const name = 'Notes';
throw new Error('it was run');
const config: Config = {
  presets: [['classic', ({docs: {path: 'x'}, blog: {
    path: './news', routeBasePath: '/n', feedOptions: {type: 'all', limit: 9},
  }}) satisfies Options]],
  themeConfig: {navbar: {title: 'Other'}},
  url: 'https://x.example', // where it is
  'baseUrl': `/site/`, title: name, trailingSlash: true,
  i18n: {defaultLocale: 'pt-BR', locales: ['pt-BR']},
};
export default config;
"""


@pytest.mark.parametrize("name", ["docusaurus.config.ts", "docusaurus.config.mjs"])
def test_docusaurus_says_all_and_nothing_is_edited(tmp_path: Path, name: str) -> None:
    config = DOCUSAURUS
    if name.endswith("mjs"):
        config = config.replace("import type", "//").replace(": Config", "")
        config = config.replace(" satisfies Options", "")
    taken = take(tmp_path, {name: config, "news/2024-05-06-a.md": POST, "docs/b.md": POST})
    assert link(taken) == "https://x.example/site/n/2024/05/06/a/"
    assert taken.config["site"] == {
        "url": "https://x.example/site/",
        "home": "https://x.example/site/",
        "title": "Notes",
        "language": "pt-BR",
    }
    everything = {"rss": "n/rss.xml", "atom": "n/atom.xml", "json": "n/feed.json"}
    assert taken.config["feeds"]["addresses"] == {"everything": everything}
    assert taken.config["feeds"]["window"] == {"items": 9, "days": 0}
    assert f"  url: https://x.example/site/  # {name}:9\n" in taken.text
    assert "yours" not in taken.said.stdout


def test_a_site_in_the_only_folder_that_is_one_is_found(tmp_path: Path) -> None:
    config = "export default {url: 'https://x.example', title: 'T'}"
    files = {"website/docusaurus.config.js": config, "website/blog/2024-05-06-a.md": POST}
    taken = take(tmp_path, {**files, "README.md": POST, "docs/b.md": POST})
    assert link(taken) == "https://x.example/blog/2024/05/06/a"
    assert taken.rss.count("<item>") == 1
    assert "The site is taken to be " in taken.said.stdout


def test_of_two_folders_that_are_sites_none_is_taken(tmp_path: Path) -> None:
    config = {f"{name}/docusaurus.config.js": "export default {}" for name in "ab"}
    put(tmp_path, {**config, "a/blog/2024-05-06-a.md": POST})
    assert "dialect" not in config_for(tmp_path, tmp_path / "new")[0]


def test_without_tree_sitter_its_values_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter", None)
    taken = take(tmp_path, {"docusaurus.config.ts": DOCUSAURUS, "blog/2024-05-06-a.md": POST})
    assert link(taken) == "https://www.example.org/blog/2024/05/06/a"
    assert "without tree-sitter: install feedpub[sites]" in taken.said.stdout
    assert "  title: site  # yours: " in taken.text


def test_docusaurus_that_has_its_blog_at_the_root_and_no_feeds(tmp_path: Path) -> None:
    config = (
        "export default async function () { return {url: 'https://x.example', title: 'T', presets: ["
        "['classic', {blog: {routeBasePath: '/', feedOptions: {type: null}}}]]}; }"
    )
    taken = take(tmp_path, {"docusaurus.config.js": config, "blog/2024-05-06-a.md": POST})
    assert link(taken) == "https://x.example/2024/05/06/a"
    assert "addresses" not in taken.config["feeds"]


ELEVENTY = """\
const plugin = require('x');
module.exports = function (config) {
  config.addPlugin(plugin, {dir: {input: 'other'}});
  return {dir: {input: './src/', data: '../data', output: 'dist'}};
};
"""
DATA = "export default {url: 'https://x.example', title: 'Notes', author: {name: 'Ann'}};"


@pytest.mark.parametrize(
    ("files", "address"),
    [
        ({}, "posts/a/"),
        ({"src/posts/posts.json": '{"permalink": "n/{{ page.fileSlug }}/index.html"}'}, "n/a/"),
        ({"src/posts/posts.11tydata.js": "module.exports = {permalink: '/{{page.fileSlug}}/'}"}, "a/"),
        ({"src/posts/posts.json": '{"permalink": "{{ title | slug }}/"}'}, "a-post/"),
        ({".eleventyignore": "README.md\nsrc/posts/c.md", "src/posts/c.md": POST}, "posts/a/"),
    ],
)  # fmt: skip
def test_eleventy_says_all_and_nothing_is_edited(
    tmp_path: Path, files: dict[str, str], address: str
) -> None:
    post = {
        "src/posts/a.md": POST,
        "src/about.md": POST,
        "src/pages/x.md": POST,
        "data/site.js": DATA,
    }
    taken = take(tmp_path, {".eleventy.js": ELEVENTY, **post, **files})
    assert link(taken) == f"https://x.example/{address}"
    assert taken.rss.count("<item>") == 1, "what is beside the posts is none"
    assert taken.config["site"]["author"] == {"name": "Ann"}
    assert "yours" not in taken.said.stdout


def test_eleventy_is_in_the_folder_of_its_includes_where_its_config_does_not_say(
    tmp_path: Path,
) -> None:
    config = "module.exports = () => ({dir: {input: found.elsewhere}});"
    files = {".eleventy.js": config, "src/_includes/base.njk": "", "src/posts/a.md": POST}
    taken = take(tmp_path, files)
    assert taken.config["content"]["root"] == "../site/src"
    assert link(taken).endswith("/posts/a/")


def test_eleventy_with_data_in_json_and_a_config_of_its_own_name(tmp_path: Path) -> None:
    files = {
        "eleventy.config.mjs": "export const config = {dir: {input: 'content'}};\n"
        "export default (it) => { it.addPlugin(1) };\n",
        "content/_data/metadata.json": '{\n\t"title": "Notes",\n\t"url": "https://x.example/"\n}',
        "content/blog/a.md": POST,
    }
    taken = take(tmp_path, files)
    assert link(taken) == "https://x.example/blog/a/"
    assert "  title: Notes  # content/_data/metadata.json:2\n" in taken.text


@pytest.mark.parametrize(
    ("config", "address"), [("", "blog/a/"), (", trailingSlash: 'never', base: '/n'", "n/blog/a")]
)
def test_astro_says_where_it_is(tmp_path: Path, config: str, address: str) -> None:
    config = f"export default defineConfig({{site: 'https://x.example'{config}}});"
    files = {"astro.config.mjs": config, "src/content/blog/A.md": POST, "src/content/a/b.md": POST}
    taken = take(tmp_path, files)
    assert link(taken) == f"https://x.example/{address}"
    assert taken.rss.count("<item>") == 1


# --- what is never read, and that nothing runs -----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "pelicanconf.py",
            f"API_TOKEN = '{CANARY}'\nSITENAME = API_TOKEN\nOTHER = '{CANARY}'\n"
            "SITEURL = 'https://' + API_TOKEN\nAUTHOR = f'{API_TOKEN}'\nPATH = API_TOKEN if 1 else ''\n",
        ),
        (
            "docusaurus.config.js",
            f"const apiKey = '{CANARY}';\nmodule.exports = {{title: apiKey, algolia: {{apiKey}},"
            f" url: `https://${{apiKey}}`, other: '{CANARY}', tagline: process.env.TOKEN}};",
        ),
    ],
)
def test_no_other_value_reaches_output_or_config(tmp_path: Path, name: str, text: str) -> None:
    taken = take(tmp_path, {name: text, "content/a.md": ARTICLE, "blog/2024-05-06-a.md": POST})
    assert CANARY not in taken.text + taken.said.stdout + taken.said.stderr


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A = 'a'; A = 'b'", "b"),
        ("B = 'b'\nA = B + 'c'", "bc"),
        ("B = 'b'\nA = f'{B}c'", "bc"),
        ("A = 1", "1"),
        ("A = True", "true"),
        ("A: str = 'a'", "a"),
        ("A = ['a', ('b',)]", ["a", ["b"]]),
        ("D = False\nA = 'a' if not D else 'b'", "a"),
        ("D = False\nA = 'a' if D else 'b'", "b"),
        (r"A = '\d'", r"\d"),
        (f"A = '{'a' * 900}'\nA = A + A", UNREAD),
        ("A = 'a' if ['b'] else 'c'", UNREAD),
        ("A = 'a'\nif x:\n    A = 'b'", UNREAD),
        ("A = 'a'\nA += 'b'", UNREAD),
        ("for A in 'ab': pass", UNREAD),
        ("A = open('x')", UNREAD),
        ("A = f'{b()}'", UNREAD),
        ("A = f'{1!r}'", UNREAD),
        ("A = B + 'c'", UNREAD),
        ("B = __import__('os').system('false')\nA = B", UNREAD),
    ],
)
def test_what_a_name_of_python_is_in_the_end(text: str, value: object) -> None:
    assert literals.read("x.py", text)[0]["A"] == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("export default {a: 'b'}", "b"),
        ("export default {a: 'it\\'s'}", "it's"),
        ("export default {a: '\\x41'}", UNREAD),
        ("const b = 'c'; export default {a: b}", "c"),
        ("const a = 'c'; export default {a}", "c"),
        ("let b = 'c'; export default {a: b}", UNREAD),
        ("const b = 'c'; export default {a: `${b}d`}", "cd"),
        ("export default {a: b()}", UNREAD),
        ("export default {a: 'b' + c}", UNREAD),
        ("export default {a: x ? 'b' : 'c'}", UNREAD),
        ("export default ({a: ['b', 1, null]} as const)", ["b", "1", "null"]),
        ("module.exports = async () => ({a: 'b'})", "b"),
        ("module.exports = (x) => { if (x) { return {a: 'c'} } return {a: 'b'} }", "b"),
        ("const o = {a: 'c'}; export default {...o, a: 'b'}", "b"),
        ("export default {a: 'b', ...o}", None),
        ("export default {a: 'b', [c]: 'd'}", None),
        ("export const config = {a: 'b'}; export default function (x) { x() }", "b"),
        ("export default other({a: 'b'})", None),
    ],
)
def test_what_a_module_of_javascript_exports(text: str, value: object) -> None:
    values, fault = literals.read("x.ts", text)
    assert not fault
    assert values.get("a") == value


def test_a_fault_of_javascript_has_its_line() -> None:
    assert literals.read("x.js", "const a = 1;\nexport default {a: }};\n") == (
        {},
        "x.js:2: cannot be read",
    )


WORDS = """a| b|b |=|\n|'x'|"|(|)|{|}|[|]|,|:|+|+=| if | else |not |for a in |f'{a}'|`${a}`|\\|...|=>|.|
const |export default |module.exports=|return |function |async | as const| satisfies A|None|true|//|é"""


@given(st.text() | st.lists(st.sampled_from(WORDS.split("|"))).map("".join))
def test_any_text_is_read_or_told(text: str) -> None:
    for name in ("x.py", "x.ts"):
        values, fault = literals.read(name, text)
        assert fault == "" or (not values and fault.startswith(f"{name}:"))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "a=[" + "[" * 90 + "]" * 90 + "]",
        "a='x'+" * 9_000 + "'x'",
        "a='" + "x" * 900 + "'\n" + "".join(f"a{i}=a+a\na=a{i}\n" for i in range(99)),
        "const a=" + "[" * 9_000 + "]" * 9_000,
        "const a=" + "(" * 9_000 + "1" + ")" * 9_000,
        "const a0=[];" + "".join(f"const a{i}=[a{i - 1},a{i - 1}];" for i in range(1, 999)),
        "export default " + "{a:" * 9_000 + "1" + "}" * 9_000,
    ],
    ids=len,
)
def test_what_is_nested_or_grows_is_bounded(tmp_path: Path, text: str) -> None:
    for name in ("pelicanconf.py", "docusaurus.config.js"):
        put(tmp_path, {name: text, **A_POST})
        config_for(tmp_path, tmp_path / "new")
        (tmp_path / name).unlink()


def test_a_program_behind_a_link_out_of_the_site_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, {"outside.py": f"SITENAME = '{CANARY}'", "site/content/a.md": ARTICLE})
    (tmp_path / "site" / "pelicanconf.py").symlink_to("../outside.py")
    assert Folder(tmp_path / "site").settings("pelicanconf.py").files == ()
