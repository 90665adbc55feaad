"""Compare bodies with those of the site as its own generator builds it: are they whole (C5, C8, C9)?

    python tests/bench/bodies.py FOLDER                  # a checkout of each site of SITES
    python tests/bench/bodies.py FOLDER --only zola-docs --show 3

The generator runs on a copy, with a layout that prints nothing but the content. Both sides go through
`Extract`. A body is right when its words differ by no more than 2 % (as a multiset), and its links,
pictures, blocks of code, code spans and cells are the same. What is not there, a checkout or a
generator, is said and left out. How the generators are installed: README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import yaml
from lxml import html as lxml_html

from feedpub.core import source_links
from feedpub.core.compose import unlinked_html
from feedpub.core.fields import Rules
from feedpub.core.front_matter import read_document
from feedpub.core.model import Document, Item, Withheld
from feedpub.core.normalize import normalize

HERE = Path(__file__).parent
MOST_DIFFERENT = 0.02
MOST_ITEMS = 300
HOME = "https://site.example/"


class Site(NamedTuple):
    """A public site: its repository, the folder of the generator in it, that of the content in that.

    `posts` says which files of the content count, `options` are for its generator.
    """

    repository: str
    generator: str
    root: str = "."
    content: str = "content"
    posts: str = "**/*.md"
    options: Mapping[str, Any] = {}


_EXTRA = {"markdown.extensions.extra": {}, "markdown.extensions.codehilite": {}}
_V8_PLUGINS = [["markdown-it-footnote"], ["markdown-it-attrs"]] + [
    ["markdown-it-container", name] for name in ("note", "table-wrapper", "ecmascript-algorithm")
]

SITES = {
    "zola-docs": Site("getzola/zola", "zola", "docs"),
    "rust-blog": Site("rust-lang/blog.rust-lang.org", "zola", posts="*.md"),
    "jekyll-news": Site("jekyll/jekyll", "jekyll", "docs", ".", "_posts/*"),
    "rails-news": Site("rails/website", "jekyll", ".", ".", "_posts/*"),
    "open-source-guide": Site("github/opensource.guide", "jekyll", ".", ".", "_articles/*.md"),
    "bitcoin-core": Site("bitcoin-core/bitcoincore.org", "jekyll", ".", ".", "_posts/en/**/*.md"),
    "ruby-news": Site(
        "ruby/www.ruby-lang.org", "jekyll", ".", ".", "en/news/_posts/*",
        options={"limit_posts": 0, "exclude": ["bg", "de", "es", "fr", "id", "it", "ja", "ko", "pl", "pt", "ru", "tr", "uk", "vi", "zh_cn", "zh_tw"]},
    ),
    "swift-blog": Site("swiftlang/swift-org-website", "jekyll", ".", ".", "_posts/*"),
    "kubevirt": Site("kubevirt/kubevirt.github.io", "jekyll", ".", ".", "_posts/*"),
    "bytecode-alliance": Site(
        "bytecodealliance/bytecodealliance.org", "jekyll", ".", ".", "_posts/*"
    ),
    "mojombo": Site("mojombo/mojombo.github.io", "jekyll", ".", ".", "_posts/*"),
    "lets-encrypt": Site("letsencrypt/website", "hugo", content="content/en"),
    "grpc-blog": Site("grpc/grpc.io", "hugo", content="content/en", posts="blog/**/*.md"),
    "coredns": Site("coredns/coredns.io", "hugo", posts="blog/*.md"),
    "harbor": Site("goharbor/website", "hugo", posts="blog/*.md"),
    "flux": Site("fluxcd/website", "hugo", content="content/en", posts="blog/**/*.md"),
    "linkerd": Site("linkerd/website", "hugo", "linkerd.io", posts="blog/**/*.md"),
    "this-week-in-rust": Site(
        "rust-lang/this-week-in-rust", "pelican", posts="*.md",
        options={"ARTICLE_URL": "blog/{date:%Y}/{date:%m}/{date:%d}/{slug}/"},
    ),
    "ludochaordic": Site(
        "Lucas-C/ludochaordic", "pelican", posts="*.md",
        options={"MARKDOWN": {"extension_configs": {**_EXTRA, "markdown.extensions.tables": {}}}},
    ),
    "mawenbao": Site(
        "mawenbao/pelican-blog-content", "pelican", options={"MARKDOWN": {"extension_configs": _EXTRA}},
    ),
    "scott-berrevoets": Site(
        "sberrevoets/scottberrevoets.com", "pelican",
        options={
            "ARTICLE_URL": "{date:%Y}/{date:%m}/{date:%d}/{slug}/",
            "MARKDOWN": {"extension_configs": {**_EXTRA, "markdown.extensions.admonition": {}}},
        },
    ),
    "v8-blog": Site(
        "v8/v8.dev", "eleventy", content="src", posts="blog/*.md",
        options={"markdown": {"breaks": True}, "code": True, "plugins": _V8_PLUGINS},
    ),
    "max-boeck": Site(
        "maxboeck/mxb", "eleventy", content="src", posts="posts/*/*.md",
        options={"engine": "njk", "paired": ["callout", "signup", "highlight"]},
    ),
    "servo": Site(
        "servo/servo.org", "eleventy", content=".", posts="_posts/*.md",
        options={"markdown": {"typographer": True, "linkify": True}, "code": True},
    ),
    "hawksworx": Site(
        "philhawksworth/hawksworx.com", "eleventy", content="src/site", posts="blog/*.md",
        options={"engine": "njk"},
    ),
    "prettier-blog": Site("prettier/prettier", "docusaurus", "website", "blog", "*.md"),
    "babel-blog": Site("babel/website", "docusaurus", "website", "blog", "*.md"),
    "electron-blog": Site("electron/website", "docusaurus", ".", "blog", "*.md"),
    "jest-blog": Site("jestjs/jest", "docusaurus", "website", "blog", "*.md*"),
    "typescript-eslint": Site(
        "typescript-eslint/typescript-eslint", "docusaurus", "packages/website", "blog", "*.md*"
    ),
    "react-native": Site("facebook/react-native-website", "docusaurus", "website", "blog", "*.md*"),
}  # fmt: skip


class Page(NamedTuple):
    """What the generator made of a file: its address, its content as HTML, its date and title."""

    url: str
    html: str
    date: str = ""
    title: str = ""


class Build(NamedTuple):
    """What a generator is to build: a site, a copy of it that may be changed, and the commands.

    Without `bodies` only addresses, dates and titles are asked for.
    """

    site: Site
    folder: Path
    tools: Mapping[str, str]
    bodies: bool = True


class NotRunError(Exception):
    """The generator cannot say what is right; the message says why."""


# the generators ------------------------------------------------------------------------------------


def _run(command: str, *arguments: str, cwd: Path, **environment: str) -> str:
    """Run a generator, and return what it prints."""
    words = [*shlex.split(command), *arguments]
    if not shutil.which(words[0]):
        raise NotRunError(f"{words[0]} is not installed")
    done = subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, env={**os.environ, **environment}
    )
    if done.returncode:
        said = [line.strip() for line in f"{done.stdout}\n{done.stderr}".split("\n")]
        faults = [line for line in said if re.search("error|invalid|fail", line, re.IGNORECASE)]
        raise NotRunError(f"{words[0]} failed: {' '.join(faults or said)[:600]}")
    return done.stdout


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def _lines(file: Path) -> dict[str, Page]:
    """Return the pages that a generator wrote, a line of JSON each."""
    found = map(json.loads, filter(None, file.read_text().split("\n")))
    return {one.pop("path"): Page(**one) for one in found}


_MARK = "feedpub-body"


def _marked_files(folder: Path) -> dict[str, Page]:
    """Return the pages among the files of a built site, by the line that the layout puts first."""
    pages = {}
    for file in folder.rglob("*.html"):
        mark, _, content = file.read_text(errors="replace").lstrip().partition("\n")
        if mark.startswith(f"{_MARK}\t"):
            _, path, url, date, title = mark.split("\t")
            pages[path] = Page(url, content, date, title)
    return pages


_HUGO_LIST = """{{ range .Site.RegularPages }}{{ $page := . }}{{ with .File -}}
{{ $title := plainify $page.Title | htmlUnescape }}{{ $date := $page.Date.Format "2006-01-02T15:04:05Z07:00" -}}
{{ dict "path" .Path "url" $page.Permalink "html" HTML "date" $date "title" $title | jsonify | safeHTML }}
{{ end }}{{ end }}"""


def hugo(build: Build) -> dict[str, Page]:
    """Build with Hugo; the site's own shortcodes, partials and render hooks stay."""
    folder = build.folder
    _without_layouts(folder)
    _without_what_is_elsewhere(folder)
    listed = _HUGO_LIST.replace("HTML", "(string $page.Content)" if build.bodies else '""', 1)
    bare = {"index": listed, "_default/single": "-", "_default/list": "-"}
    _write(folder, {f"layouts/{name}.html": layout for name, layout in bare.items()})
    for name in ("tweet", "twitter", "twitter_simple"):  # they would fetch what they show
        _write(folder, {f"layouts/shortcodes/{name}.html": ""})
    for _ in range(_MOST_MISSING):
        try:
            _run_hugo(build)
            break
        except NotRunError as error:
            missing = re.search(r'shortcode "([^"]+)" (not found|does not)', str(error))
            if not missing:
                raise
            inner = "{{ .Inner }}" if missing[2] == "does not" else ""
            _write(folder, {f"layouts/shortcodes/{missing[1]}.html": inner})
    is_inside = not (folder / "bare/index.html").read_text().startswith("{")
    language = build.site.content.rpartition("/")[2] if is_inside else ""
    return _lines(folder / "bare" / language / "index.html")


def _without_layouts(folder: Path) -> None:
    for layouts in [folder / "layouts", *folder.glob("themes/*/layouts")]:
        for file in layouts.rglob("*.*"):
            if not re.search(r"/_?(shortcodes|partials|markup)/", file.as_posix()):
                file.unlink(missing_ok=True)
    for file in folder.glob("**/layouts/**/*.html"):  # templates that this Hugo no longer has
        file.write_text(re.sub(r'\{\{-? *template "_internal/.*?\}\}', "", file.read_text()))


def _without_what_is_elsewhere(folder: Path) -> None:
    """Take out modules, pages that are fetched, and a key that this Hugo no longer has."""
    for file in [*folder.glob("*.*"), *folder.glob("config/**/*.*")]:
        is_config = re.match(r"(hugo|config|module|markup)\.", file.name)
        if is_config and file.suffix in {".toml", ".yaml"}:
            _without_modules(file)
    for file in folder.rglob("_index.*"):  # lists, which are no items, may need the theme
        if len(file.parts) > len(folder.parts) + 1 and "content" in file.parts:
            file.write_text(re.sub(r"\{\{[<%].*?[>%]\}\}", "", file.read_text(), flags=re.DOTALL))
    for file in folder.rglob("_content.gotmpl"):
        file.unlink()
    for file in folder.glob("content/**/*.md"):
        if "\n_build:" in (text := file.read_text(errors="surrogateescape")):
            file.write_text(text.replace("\n_build:", "\nbuild:"), errors="surrogateescape")


_MOST_MISSING = 30
"""The most shortcodes of a theme that is not there; they give nothing, or what is in them."""


def _run_hugo(build: Build) -> None:
    at_top = {"HUGO_DEFAULTCONTENTLANGUAGEINSUBDIR": "false"} if build.bodies else {}
    _run(
        build.tools["hugo"], "--baseURL", HOME, "-d", "bare", "--ignoreCache", cwd=build.folder,
        HUGO_DISABLEKINDS="taxonomy term rss sitemap robotstxt 404",
        HUGO_SECURITY_ALLOWCONTENT=".*", HUGO_REFLINKSERRORLEVEL="WARNING", HUGO_ENABLEGITINFO="false", **at_top,
    )  # fmt: skip


def _without_modules(file: Path) -> None:
    text = file.read_text()
    config = tomllib.loads(text) if file.suffix == ".toml" else yaml.safe_load(text)
    if file.name.startswith("module"):
        config = {"mounts": config.get("mounts", [])}
        for mount in config["mounts"]:
            mount.pop("lang", None)
    elif file.name.startswith(("hugo", "config")):
        (config.get("module") or {}).pop("imports", None)
        config.pop("theme", None)
        config["outputs"] = {"home": ["HTML"], "section": ["HTML"], "page": ["HTML"]}
    for table in (config, config.get("markup") or {}):
        if isinstance(table.get("highlight"), dict):
            table["highlight"].pop("lineNos", None)
    file.unlink()
    file.with_suffix(".json").write_text(json.dumps(config, default=str))


_ZOLA_PAGE = (
    f"{{% if page %}}{_MARK}\t{{{{ page.relative_path | safe }}}}\t{{{{ page.permalink | safe }}}}"
    "\t{{ page.date | default(value='') }}\t{{ page.title | default(value='') | safe }}\n"
    "{{ page.content | safe }}{% endif %}"
)


def zola(build: Build) -> dict[str, Page]:
    """Build with Zola; the site's own shortcodes stay."""
    folder = build.folder
    bare = {"page.html": _ZOLA_PAGE, "section.html": "-", "index.html": "-"}
    _write(folder / "templates", bare)
    for file in (folder / "templates").rglob("*.html"):
        if "shortcodes" not in file.parts:
            file.write_text(_ZOLA_PAGE)
    for file in (folder / "templates").rglob("*.xml"):
        file.write_text("-")
    config = next(file for file in (folder / "zola.toml", folder / "config.toml") if file.exists())
    off = "compile_sass|build_search_index|minify_html|generate_feeds?|generate_sitemap|theme|highlight_code"
    given = re.sub(rf"(?m)^({off})\s*=.*$", "", config.read_text())
    config.write_text(re.sub(r"(?ms)^\[markdown\.highlighting.*?(?=^\[|\Z)", "", given))
    _run(
        build.tools["zola"],
        "build",
        "--base-url",
        HOME.rstrip("/"),
        "-o",
        "bare",
        "--force",
        cwd=folder,
    )
    return _marked_files(folder / "bare")


_JEKYLL_PLUGIN = """
written = File.open(ENV["FEEDPUB_BODIES"], "w")
class NoTag < Liquid::Tag; end # a tag of a plugin that is not installed gives nothing
Liquid::Template.tags.singleton_class.prepend(Module.new do
  def [](name) = super || (NoTag unless name.to_s.match?(/\\A(?:end|els|when|in)/))
end)
Jekyll::Hooks.register [:documents, :pages], :pre_render do |page, payload|
  page.data["layout"] = nil
  page.content = "" if ENV["FEEDPUB_BODIES_OFF"]
end
Jekyll::Hooks.register [:documents, :pages], :post_render do |page|
  next unless page.respond_to?(:relative_path)
  url = page.site.config["url"] + page.site.config["baseurl"].to_s + page.url
  path = page.relative_path.delete_prefix("/")
  date = page.respond_to?(:date) ? page.date.utc.iso8601 : ""
  title = page.data["title"].to_s
  written.puts({path: path, url: url, html: page.output, date: date, title: title}.to_json)
  written.flush
end
"""


def jekyll(build: Build) -> dict[str, Page]:
    """Build with Jekyll, without layouts; its own includes, and the plugins that are installed, stay."""
    folder = build.folder
    config = folder / "_config.yml"
    given = {}
    if config.exists():  # symbols of Ruby are read by no Jekyll of today
        config.write_text(re.sub(r"(?m):[ ]+:(\w+)[ ]*$", r": \1", config.read_text()))
        given = yaml.safe_load(config.read_text())
    shutil.rmtree(folder / "_layouts", ignore_errors=True)
    for file in (*folder.glob("Gemfile*"), *folder.rglob("*.s[ac]ss")):
        file.unlink()
    gems = _run("gem", "list", "--no-versions", cwd=folder).split()
    own = {"theme": None, "url": HOME.rstrip("/"), "limit_posts": MOST_ITEMS, "incremental": False}
    own |= build.site.options
    own["plugins"] = [one for one in given.get("plugins") or () if one in gems]
    written = {"_plugins/feedpub_bodies.rb": _JEKYLL_PLUGIN, "_bare.yml": yaml.safe_dump(own)}
    _write(folder, written)
    configs = "_config.yml,_bare.yml" if given else "_bare.yml"
    _run(
        build.tools["jekyll"], "build", "--config", configs, "-d", "_bare", cwd=folder,
        JEKYLL_NO_BUNDLER_REQUIRE="true", FEEDPUB_BODIES=str(folder / "bodies.jsonl"),
        LC_ALL="C.UTF-8", **{} if build.bodies else {"FEEDPUB_BODIES_OFF": "1"},
    )  # fmt: skip
    return _lines(folder / "bodies.jsonl")


def pelican(build: Build) -> dict[str, Page]:
    """Build with Pelican and its own settings for Markdown: those of a site are a program."""
    folder = build.folder
    lists = ("AUTHOR", "CATEGORY", "TAG", "ARCHIVES")
    kinds = ("ARTICLE", "PAGE", "DRAFT", "DRAFT_PAGE")
    settings = {f"{name}_SAVE_AS": "" for name in lists} | {
        **{f"{kind}{lang}_SAVE_AS": "{place}.html" for kind in kinds for lang in ("", "_LANG")},
        **{f"{kind}_LANG_URL": "{slug}.html" for kind in kinds},
        "PATH_METADATA": r"(?P<place>.*)\.\w+",
        "READERS": {"html": None},
        "SITEURL": HOME.rstrip("/"),
        "DIRECT_TEMPLATES": [],
        "FEED_ALL_ATOM": None,
        "CATEGORY_FEED_ATOM": None,
        "TRANSLATION_FEED_ATOM": None,
        "TIMEZONE": "UTC",
        "DEFAULT_DATE": "fs",
        **build.site.options,
    }
    for file in _files(
        build.site, folder
    ):  # drafts, which need a template that says where they are
        if re.search(r"(?mi)^:?status: *(draft|hidden)", file.read_text(errors="replace")):
            file.unlink()
    body = (
        f"{_MARK}\t{{{{ it.relative_source_path }}}}\t{{{{ SITEURL }}}}/{{{{ it.url }}}}"
        "\t{{ it.date }}\t{{ it.title }}\n"
    )
    given = "\n".join(file.read_text(errors="replace") for file in _files(build.site, folder))
    for kind in {"article", "page", *re.findall(r"(?mi)^template: *(\w+)", given)}:
        template = f"{{% set it = article or page %}}{body}{{{{ it.content }}}}"
        _write(folder, {f"bare-theme/templates/{kind}.html": template})
    (folder / "bare-theme/static").mkdir()
    begin = ""
    if settings.pop("own_settings", False):  # they say where, and from which time zone
        begin = "from pelicanconf import *\nARTICLE_TRANSLATION_ID = PAGE_TRANSLATION_ID = None\n"
        dropped = {"PATH_METADATA", "TIMEZONE", "DEFAULT_DATE", "MARKDOWN", "ARTICLE_URL"}
        settings = {
            name: value
            for name, value in settings.items()
            if name not in dropped
            and not name.endswith("_LANG_URL")
            and "{place}" not in str(value)
        } | {
            "PLUGINS": [],
            "STATIC_PATHS": [],
            "RELATIVE_URLS": False,
            "JINJA_ENVIRONMENT": {},
            "MARKDOWN": {"extension_configs": {}},
        }
    lines = begin + "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    _write(folder, {"bare_settings.py": lines})
    for _ in range(_MOST_MISSING):
        try:
            _run(
                build.tools["pelican"], str(folder / build.site.content), "-s", "bare_settings.py",
                "-t", "bare-theme", "-o", "bare", cwd=folder, PYTHONPATH=str(folder), COLUMNS="300",
            )  # fmt: skip
            break
        except NotRunError as error:
            if not (missing := re.search(r"No module named '([\w.]+)'", str(error))):
                raise
            _write(folder, {f"{missing[1].replace('.', '/')}/__init__.py": _ANY_MODULE})
    return _marked_files(folder / "bare")


_ANY_MODULE = """class Any:
    def __call__(self, *given, **named): return self
    def __getattr__(self, name): return self
def __getattr__(name):
    if name.startswith("__"): raise AttributeError(name)
    return Any()
"""
"""A module that is not installed, which settings import."""


def by_node(build: Build) -> dict[str, Page]:
    """Build with Eleventy, or with MDX and React, which stand for Docusaurus: bodies.mjs."""
    folder = build.folder
    asked = {
        "generator": build.site.generator,
        "content": str(folder / build.site.content),
        "posts": sorted(
            str(file.relative_to(folder / build.site.content))
            for file in _files(build.site, folder)
        ),
        "home": HOME,
        "options": dict(build.site.options),
        "to": str(folder / "bodies.jsonl"),
    }
    _write(folder, {"asked.json": json.dumps(asked)})
    script = Path(build.tools["node_modules"]).resolve() / "feedpub-bodies.mjs"
    if not script.parent.is_dir():
        raise NotRunError("--node-modules is not given")
    shutil.copy(HERE / "bodies.mjs", script)  # Node.js looks for packages beside it
    _run(build.tools["node"], str(script), str(folder / "asked.json"), cwd=folder)
    return _lines(folder / "bodies.jsonl")


GENERATORS: dict[str, Callable[[Build], dict[str, Page]]] = {
    "hugo": hugo,
    "zola": zola,
    "jekyll": jekyll,
    "pelican": pelican,
    "eleventy": by_node,
    "docusaurus": by_node,
}


def _files(site: Site, folder: Path) -> list[Path]:
    """Return the newest of the files that count, by their names."""
    found = (folder / site.content).glob(site.posts)
    return sorted((file for file in found if file.is_file()), reverse=True)


def reference(
    name: str, site: Site, folder: Path, tools: Mapping[str, str], keep: Path | None
) -> dict[str, Page]:
    """Return what the site's own generator makes of its files, by their paths in the content.

    Raises NotRunError. With `keep` it is built once and kept there.
    """
    kept = keep / f"{name}.json" if keep else None
    if kept and kept.exists():
        return {path: Page(*page) for path, page in json.loads(kept.read_text()).items()}
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "site"
        shutil.copytree(folder / name / site.root, copy, symlinks=True)
        pages = GENERATORS[site.generator](Build(site, copy, tools))
    if not pages:
        raise NotRunError(f"{site.generator} wrote no page")
    if kept:
        kept.write_text(json.dumps(pages))
    return pages


# ours ----------------------------------------------------------------------------------------------


def ours(site: Site, folder: Path, pages: Mapping[str, Page]) -> Iterator[tuple[Item, str, Page]]:
    """Yield each item that both sides have, with its content at the address that the other has.

    The feed is one of all that the generator makes pages of, so that links find them.
    """
    items = dict[str, Item]()
    content = folder / site.content
    for path in sorted(pages, reverse=True):
        file = content / path
        if not file.is_file() or not pages[path].html.strip():
            continue
        template = re.sub(r"[{}\[\]]", "", pages[path].url)
        rules = Rules(HOME, link_template=template, strip_tracking=False, dialect=site.generator)
        document = read_document(path, file.read_bytes(), rules)
        item = normalize(document, rules).item if isinstance(document, Document) else None
        if item and item.withheld is Withheld.NO:
            items[path] = item._replace(link=pages[path].url, images=(), provider=None)
    by_key: dict[str, list[Item]] = {}
    for item in items.values():
        by_key.setdefault(source_links.key(item.path), []).append(item)
    counted = {file.relative_to(content).as_posix() for file in _files(site, folder)}
    for path, item in [one for one in items.items() if one[0] in counted][:MOST_ITEMS]:
        shown = source_links.resolved(unlinked_html(item) + "</div>", item.link, by_key, bool)
        yield item, shown.html, pages[path]


# both ----------------------------------------------------------------------------------------------

_EMBEDDED = {"iframe": "src", "video": "src", "audio": "src", "embed": "src", "object": "data"}
_PLAYER = re.compile(r"(?:youtube(?:-nocookie)?\.com/(?:embed|v)/|youtu\.be/)([\w-]{6,})")
_VIMEO = re.compile(r"player\.vimeo\.com/video/([0-9]+)")
_OUR_WORDS = re.compile(
    r"(?:Post on X|YouTube video|Vimeo video|Embedded page|Embedded file|Video|Audio)(?:: |\Z)"
)
_OF_MARKS = re.compile(
    r"footnote|fnref|\banchor\b|headerlink|header-link|heading-link|zola-anchor|reversefootnote"
    r"|direct-link|hash-link"
)
_INLINE = {"a", "b", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "span",
           "strong", "sub", "sup", "u", "var"}  # fmt: skip
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})
_INVISIBLE = {"script", "style", "template", "noscript", "button", "select"}


class Extract(NamedTuple):
    """What a reader gets of a body; two bodies are the same when these are."""

    words: Counter[str]
    links: frozenset[str]
    pictures: frozenset[str]
    blocks: Counter[str]
    spans: Counter[str]
    cells: Counter[str]


def extract(source: str, url: str, title: str) -> Extract:
    """Return what a reader gets of the HTML of a body, whoever made it.

    What is made different on purpose is made the same here: an embed is a link (C8), and what a
    link to it says does not count; marks and back-links of footnotes and anchors of headings are no
    links; a picture that waits for a script has the address that it waits for; the first heading
    goes if it is the title; a link to a source file that is no item is text (C9); what a script
    makes or shows (buttons, numbers of lines) is not there.
    """
    tree = lxml_html.fragment_fromstring(source, create_parent="div")
    heading = next(tree.iter("h1", "h2", "h3"), None)
    if heading is not None and _said(_text(heading)) == _said(title) and _is_first(heading):
        _drop(heading)
    found = _Addresses(url)
    for element in [*tree.iter()]:
        if isinstance(element.tag, str):  # not a comment, which has no text
            found.see(element)
    blocks = Counter(_text(one).strip("\n") for one in tree.iter("pre"))
    for element in tree.iter():  # words of two blocks are two words
        if isinstance(element.tag, str) and element.tag not in _INLINE:
            element.tail, element.text = f" {element.tail or ''}", f" {element.text or ''}"
    spans = [one for one in tree.iter("code") if next(one.iterancestors("pre"), None) is None]
    cells = [one for one in tree.iter("td", "th") if one.find(".//pre") is None]
    return Extract(
        Counter(re.findall(r"\w+", _text(tree))),
        frozenset(found.links - {""}),
        frozenset(found.pictures),
        blocks,
        Counter(_said(_text(one)) for one in spans),
        Counter(_said(_text(one)) for one in cells),
    )


class _Addresses:
    """Where the links and pictures of a body at `url` lead; what only embeds or marks is dropped."""

    def __init__(self, url: str) -> None:
        self.links, self.pictures = set[str](), set[str]()
        self._url = url

    def see(self, element: Any) -> None:
        """Take note of an element."""
        tag, kind = element.tag, element.get("class") or ""
        if tag in _EMBEDDED:
            self._embed(element)
        elif tag == "a" and element.get("href") is not None:
            self._link(element)
        elif tag == "img":
            best = (element.get("srcset") or "").rpartition(",")[2].split()[:1]
            lazy = map(element.get, ("data-src", "data-lazy-src", "src"))
            if address := next(filter(None, (*lazy, *best)), ""):
                self.pictures.add(_address(address, self._url))
        elif tag == "script" and "//gist.github.com/" in element.get("src", ""):
            self.links.add(element.get("src").removesuffix(".js"))
        elif tag in _INVISIBLE or (tag == "td" and re.search("gutter|lineno", kind)):
            _drop(element)
        elif tag == "br":
            element.tail = f" {element.tail or ''}"

    def _embed(self, element: Any) -> None:
        given = [each for one in (element, *element.iter("source"))
                 for each in map(one.get, ("src", "data", "data-src"))]  # fmt: skip
        address = next(filter(None, given), "")
        if address and not address.startswith(("data:", "about:")):
            self.links.add(_address(_page_of(address), self._url))
        _drop(element)

    def _link(self, element: Any) -> None:
        said = [*map(element.get, ("class", "id", "rel", "rev", "role"))]
        marks = " ".join(filter(None, [*said, element.getparent().get("class")]))
        whole = _address(element.get("href"), self._url)
        page, _, part = whole.partition("#")
        is_mark = _OF_MARKS.search(marks)
        is_own = page.rstrip("/") == _address(self._url, self._url)
        if not is_own or (part and not is_mark and not part.startswith(("fn", "fr-"))):
            self.links.add(whole)
        text = _text(element)
        if _OUR_WORDS.match(text) or (is_mark and not text.strip("[]").isdigit()):
            _drop(element)


def _drop(element: Any) -> None:
    """Take an element out, not what follows it."""
    element.text, element[:] = None, []
    element.tag = "span"
    for name in element.attrib:
        del element.attrib[name]


def _text(element: Any) -> str:
    return str(element.xpath("string()"))


def _said(text: str) -> str:
    """Return a phrase in plain signs: quotes and dashes are a matter of the generator's settings."""
    return " ".join(text.translate(_PLAIN).replace("---", "-").replace("--", "-").split())


def _detabbed(code: str) -> str:
    lines = [line.expandtabs(4).rstrip() for line in code.split("\n")]
    return textwrap.dedent("\n".join(lines)).strip()


def _is_first(heading: Any) -> bool:
    return not "".join(heading.xpath("preceding::text()")).strip()


def _page_of(address: str) -> str:
    """Return the page of a video in place of its player."""
    if found := _PLAYER.search(address):
        return f"https://www.youtube.com/watch?v={found[1]}"
    if found := _VIMEO.search(address):
        return f"https://vimeo.com/{found[1]}"
    return address


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode()


def _address(address: str, base: str) -> str:
    try:
        whole = urljoin(base, address.strip())
        parts = urlsplit(whole)
        path = urlsplit(urljoin(whole, parts.path)).path  # without `/./` and `/../`
        whole = urlunsplit(parts._replace(netloc=_ascii(parts.netloc), path=path))
    except ValueError:
        return address
    if parts.scheme not in {"http", "https", "mailto"}:
        return ""
    if re.match(r"https://(?:x|twitter)\.com/\w+/status/", whole):  # which a generator would fetch
        return ""
    is_source = whole.startswith(HOME) and re.search(r"\.(md|mdx|markdown)$", parts.path)
    return "" if is_source else unquote(whole).removesuffix("#").rstrip("/")


REASONS = ("words", "links", "pictures", "code", "spans", "cells")


def differences(left: Extract, right: Extract) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of each part that differs, with what only ours has and only theirs."""
    for reason, mine, other in zip(REASONS, left, right, strict=True):
        more, less = mine - other, other - mine  # type: ignore[operator]  # Counters, all
        if reason == "words":
            differ = more.total() + less.total()
            most = max(mine.total(), other.total())  # type: ignore[union-attr]  # Counters, all
            if differ <= MOST_DIFFERENT * most:
                continue
        if more or less:
            yield reason, more, less


def measure(name: str, site: Site, folder: Path, pages: Mapping[str, Page], show: int) -> str:
    """Return the line of the table for a site; print the first `show` bodies that differ."""
    total, right, reasons = 0, 0, Counter[str]()
    for item, mine, page in ours(site, folder / name / site.root, pages):
        total += 1
        sides = [extract(side, page.url, item.title) for side in (mine, page.html)]
        if site.generator == "pelican":  # Python-Markdown has no tabs, and no spaces at the ends
            sides = [side._replace(blocks=Counter(map(_detabbed, side.blocks))) for side in sides]
        found = [*differences(*sides)]
        right += not found
        reasons.update(reason for reason, _, _ in found)
        if found and total - right <= show:
            print(f"{name}: {item.path}")
            for reason, more, less in found:
                print(f"   {reason}: ours {_short(more)} / theirs {_short(less)}")
    if not total:
        raise NotRunError("no item that both sides have")
    counts = " | ".join(f"{reasons[reason]:>5}" for reason in REASONS)
    return (
        f"| {name:17} | {site.generator:10} | {total:5} | {100 * right / total:5.1f} | {counts} |"
    )


def _short(found: Any) -> str:
    each = [*found.elements()] if isinstance(found, Counter) else sorted(found)
    return f"{len(each)}: " + " ¦ ".join(one[:90].replace("\n", "⏎") for one in each[:8])


def asked(
    arguments: list[str] | None, name: str, doc: str, sites: Mapping[str, Site], *modules: str
) -> argparse.Namespace | None:
    """Return what the command line of a benchmark of sites asks for; None where it has no folder."""
    parser = argparse.ArgumentParser(description=doc.split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", type=Path, help="with a checkout of each site")
    parser.add_argument("--only", nargs="*", default=[*sites], choices=[*sites], metavar="SITE")
    parser.add_argument("--show", type=int, default=0, help="how many differences of each kind")
    parser.add_argument("--keep", type=Path, help="where what generators made is kept")
    for tool in ("hugo", "zola", "jekyll", "pelican", "node"):
        parser.add_argument(f"--{tool}", default=tool, help=f"the command of {tool}")
    for option in ("--node-modules", *modules):
        parser.add_argument(option, default="node_modules", help="a folder of packages")
    given = parser.parse_args(arguments)
    if given.folder is None:
        print(f"{name}: not run: give a folder with a checkout of each site (see SITES)")
        return None
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    return given


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    if (given := asked(arguments, "bodies", __doc__, SITES)) is None:
        return 0
    lines = list[str]()
    for name in given.only:
        site = SITES[name]
        try:
            if not (given.folder / name).is_dir():
                raise NotRunError(f"no checkout of {site.repository}")
            pages = reference(name, site, given.folder, vars(given), given.keep)
            lines.append(measure(name, site, given.folder, pages, given.show))
        except NotRunError as error:
            lines.append(f"| {name:17} | {site.generator:10} | not run: {error}")
        print(lines[-1], file=sys.stderr, flush=True)
    print("\n| site | generator | items | right % | " + " | ".join(REASONS) + " |")
    print("| --- | --- " + "| --: " * (2 + len(REASONS)) + "|")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
