"""The generators of sites: how each is known, and what its own config says of its feeds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from feedpub.core.addresses import PLACEHOLDERS, of_jekyll
from feedpub.core.fields import POST_FOLDERS
from feedpub.starter.folder import YOURS, Finding, Folder, Found, Given, Settings, tags

# Zola


def _zola(folder: Folder) -> Iterator[Finding]:
    config = folder.settings("zola.toml", "config.toml", "content/_index.md")
    yield from config.said()
    if (wanted := config.at("generate_feeds", "generate_feed")).text == "true":
        named = config.at("feed_filenames", "feed_filename")
        names, source = named.texts() or ["atom.xml"], named.source or wanted.source
        yield from folder.feeds(names, source)
        taxonomies = config.at("taxonomies")
        if {"name": "tags", "feed": "true"} in [*taxonomies.value]:
            yield from tags(names[0], "atom", taxonomies.source)


# Hugo

_HUGO_TOKENS = {
    ":year": "{year}", ":month": "{month}", ":day": "{day}", ":title": "{title:lower}",
    ":slug": "{slug_or_title:lower}", ":sections": "{folders:lower}", ":filename": "{slug:lower}",
    ":contentbasename": "{slug:lower}", ":slugorcontentbasename": "{slug:lower}",
}  # fmt: skip
_HUGO_OFF = 'set disableKinds = ["rss"] in the config of Hugo'
_HUGO_FILES = [
    f"{stem}.{s}" for stem in ("hugo", "config") for s in ("toml", "yaml", "yml", "json")
]
_HUGO_SIGNS = (
    *_HUGO_FILES[:4],
    *(f"{name}:baseurl" for name in _HUGO_FILES[4:]),
    "config/_default",
)


def _hugo(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Hugo says of itself."""
    config = _hugo_settings(folder)
    language, languages = config.at("defaultContentLanguage"), config.at("languages")
    first = language.text or "en"
    yield from config.said(f"languages.{first}.")
    root = config.at(f"languages.{first}.contentDir", "contentDir")
    mounts = config.at("module.mounts")
    for mount in (Given(one).parts for one in ([] if root.text else mounts.value)):
        if mount.get("target") == "content":
            root = Given(mount.get("source"), mounts.source)
    has_all = root.text in ("", "content")
    others = [one for one in languages.parts if has_all and one != first]
    if others:
        yield Found("content.languages", [first, *others], languages.source)
    yield from root.found("content.root") if folder.has(root.text) else ()
    yield from _hugo_addresses(config, "{language}" if others else first)
    yield from _hugo_feeds(config, {first: "", **{one: f"{one}/" for one in others}})


def _hugo_settings(folder: Folder) -> Settings:
    default, names = "config/_default", [*_HUGO_FILES]
    below = [f"{default}/{one}" for one in folder.names(default) if "." not in one]
    for place in ("config/production", default, *below):
        inside = folder.names(place)
        names += [f"{place}/{one}" for one in inside if one.endswith((".toml", "ml", ".json"))]
    return folder.settings(*names, "content/_index.md")


def _hugo_feeds(config: Settings, languages: dict[str, str]) -> Iterator[Finding]:
    """Yield where feeds are, those of everything by language, if there are several."""
    off = {one.lower() for one in config.at("disableKinds").texts()}
    name, usual = f"{config.at('outputFormats.rss.baseName').text or 'index'}.xml", "as Hugo does"
    home, term = ([*map(str.lower, config.at(f"outputs.{k}").texts())] for k in ("home", "term"))
    has_tags = "tags" in (config.at("taxonomies").parts or {"tag": "tags"}).values()
    are_off = not off.isdisjoint(("rss", "taxonomy", "term"))
    if has_tags and not are_off and "rss" in (term or ["rss"]):
        yield from tags(name, "rss", usual)
    has_several = len(languages) > 1
    if has_several:
        yield Found("feeds.by", ["topic", "language"], usual)
    if "rss" not in off and "rss" in (home or ["rss"]):
        key = "language/{}" if has_several else "everything"
        feeds = {key.format(one): folder for one, folder in languages.items()}
        yield Found("feeds.addresses", {f: {"rss": p + name} for f, p in feeds.items()}, usual)


def _hugo_addresses(config: Settings, first: str) -> Iterator[Finding]:
    lower = "" if config.at("disablePathToLower").text == "true" else ":lower"
    is_inside = config.at("defaultContentLanguageInSubdir").text == "true"
    has_several = first == "{language}"
    name = "{locale}" if has_several and is_inside else first
    base = f"/{name}" if has_several or is_inside else ""
    usual, ugly = f"{base}/{{path{lower}}}/", config.at("uglyURLs")
    given, templates = config.at("permalinks"), dict[str, str]()
    for section, value in (config.at("permalinks.page").parts or given.parts).items():
        known, pattern = _HUGO_TOKENS | {":section": section}, Given(value).text
        parts = {*re.findall(r":[a-z]*\[?", pattern)}
        if known.keys() >= parts and re.search("title|slug|name", "".join(parts)):
            made = re.sub(":[a-z]+", lambda token: known[token[0]], pattern)  # noqa: B023 - used at once
            templates[section] = f"{base}/{made.lstrip('/')}"
        elif pattern:
            yield f"{given.source} has a part that is not known: see content.link_templates"
    templates |= {one: f"{templates.get(one, usual).rstrip('/')}.html" for one in ugly.parts}
    if templates:
        yield Found("content.link_templates", templates, given.source or ugly.source)
    usual = f"{usual.rstrip('/')}.html" if ugly.text == "true" else usual
    yield Found("content.link_template", usual, ugly.source or "as Hugo does")


# Docusaurus, Eleventy and Astro

_DOCUSAURUS_FILES, _ELEVENTY_FILES, _ASTRO_FILES = (
    [f"{stem}.{kind}s" for stem in stems for kind in ("j", "mj", "cj", "t", "mt", "ct")]
    for stems in (["docusaurus.config"], [".eleventy", "eleventy.config"], ["astro.config"])
)
"""The files by which they are known."""
_DOCUSAURUS_OFF = "set feedOptions: {type: null} in its blog"
_POSTS = POST_FOLDERS["eleventy"]


def _docusaurus(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Docusaurus says of itself and its blog."""
    config, blog = folder.settings(*_DOCUSAURUS_FILES), "presets.blog"
    yield from config.at("url").below(config.at("baseUrl")).found("site.url")
    yield from config.said()
    yield from config.at(f"{blog}.path").found("content.root")
    given = config.at(f"{blog}.routeBasePath")
    route, source = (given.text or "blog").strip("/"), given.source or "as Docusaurus does"
    slash = "/" if config.at("trailingSlash").text == "true" else ""
    template = f"/{route}/[{{year}}/{{month}}/{{day}}/]{{slug}}{slash}"
    yield Found("content.link_template", template.replace("//", "/"), source)
    wanted = config.at(f"{blog}.feedOptions.type").texts() or ["rss", "atom"]
    files = {"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json"}
    known = {form: f"{route}/{file}" for form, file in files.items() if {form, "all"} & {*wanted}}
    yield Found("feeds.addresses", {"everything": known} if known else {}, source)


def _eleventy(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Eleventy says: its data, those of its folders, and where its posts are."""
    config = folder.settings(*_ELEVENTY_FILES)
    given, data = config.at("dir.input"), config.at("dir.data").text or "_data"
    usual = next((one for one in (".", "src") if folder.has(f"{one}/_includes")), ".")
    root = given.text.removeprefix("./").strip("/") or usual
    yield Found("content.root", root, given.source or "as Eleventy does")
    files = [f"{name}.{end}" for name in ("metadata", "site", "meta") for end in ("json", "js")]
    yield from folder.settings(*(f"{root}/{data}/{name}" for name in files)).said()
    made = {name: _eleventy_template(folder, f"{root}/{name}", name) for name in folder.names(root)}
    templates = {name: template for name, template in made.items() if template}
    yield Found("content.link_templates", templates, "permalinks in the data of folders")
    posts = [name for name in folder.names(root) if name.strip("_") in _POSTS]
    yield Found("content.include", [f"{name}/**/*.md" for name in posts], "its folders of posts")
    inside = ("**/", *(f"{root}/{name}/" for name in posts))
    lines = [one for one in folder.text(".eleventyignore").split() if one.startswith(inside)]
    ignored = [one.removeprefix(f"{root}/") for one in lines]
    yield Found("content.exclude", ignored, ".eleventyignore")


def _eleventy_template(folder: Folder, place: str, name: str) -> str:
    """Return the template of addresses in the data of a folder, '' where it is none for us."""
    files = [f"{place}/{name}{end}" for end in (".json", ".11tydata.json", ".11tydata.js")]
    made = folder.settings(*files).at("permalink").text
    made = re.sub(r"\{\{-?\s*page\.fileSlug\s*-?\}\}", "{slug}", made)
    made = re.sub(r"\{\{-?\s*title \| slug(ify)?\s*-?\}\}", "{title}", made)
    is_known = "{" in made and "{{" not in made
    return f"/{made.lstrip('/').removesuffix('index.html')}" if is_known else ""


def _astro(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Astro says of itself, and where its posts are."""
    config = folder.settings(*_ASTRO_FILES)
    yield from config.at("site").below(config.at("base")).found("site.url")
    found = folder.names("src/content")
    name = next((one for one in (*_POSTS, *found) if one in found), "")
    yield Found("content.root", f"src/content/{name}", "as Astro does")
    slash = "" if config.at("trailingSlash").text == "never" else "/"
    yield Found("content.link_template", f"/{name}/{{path:lower}}{slash}", "as Astro does")


# Jekyll

_JEKYLL_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "none": "/:categories/:title:output_ext",
}
_JEKYLL_USUAL = "/{categories}/{year}/{month}/{day}/{slug}.html"
_JEKYLL_FEEDS = ("feed.xml", "atom.xml", "rss.xml", "index.xml")
_JEKYLL_POSTS = ["**/_posts/**/*.md", "**/_posts/**/*.markdown"]


def _jekyll(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Jekyll says of itself."""
    config = folder.settings("_config.yml", "_config.yaml")
    host, name = config.at("url"), folder.text("CNAME").split()
    if not host.text and name:
        host = Given(f"https://{name[0]}", "CNAME:1")
    yield from host.below(config.at("baseurl")).found("site.url")
    yield from config.said()
    yield from config.at("source").found("content.root")
    yield Found("content.include", _JEKYLL_POSTS, "as Jekyll does")
    excluded = config.at("exclude")
    names = [one.strip("/") for one in excluded.texts() if folder.has(one)]
    if hidden := [one for one in names if next((folder.root / one).rglob("_posts"), None)]:
        yield Found("content.exclude", hidden, excluded.source)
    yield from _jekyll_addresses(config)
    yield from _jekyll_feeds(folder, config)
    for key in ("future", "show_drafts"):
        if (given := config.at(key)).text == "true":
            yield f"{key} ({given.source}) has no match: items come out at their instant"


def _jekyll_feeds(folder: Folder, config: Settings) -> Iterator[Finding]:
    """Yield what the plugin makes, or templates of the site's own."""
    plugins, path = config.at("plugins", "gems"), config.at("feed.path")
    if "jekyll-feed" in plugins.texts():
        yield from folder.feeds([path.text or _JEKYLL_FEEDS[0]], path.source or plugins.source)
        yield Found("feeds.window", {"items": 10, "days": 0}, "as jekyll-feed does")
    own = [name for name in _JEKYLL_FEEDS if folder.text(name).startswith("---")]
    yield from folder.feeds(own, "where the site has its own")
    for name in own:
        if title := re.search("<title>([^<{]+)</title>", folder.text(name)):
            yield from Given(title[1], name).found("site.title")


def _jekyll_addresses(config: Settings) -> Iterator[Finding]:
    """Yield the templates of addresses: of the defaults of posts, their collection, or of all."""
    given = config.at("collections.posts.permalink", "permalink")
    defaults, inner = config.at("defaults"), dict[str, str]()
    for one in defaults.value:
        values = Settings((("", one, {}),))
        place, permalink = values.at("scope.path").text, values.at("values.permalink").text
        if permalink and values.at("scope.type").text in ("", "posts"):
            inner[place.strip("/")] = _jekyll_template(permalink)
            if place.strip("/") in ("", "_posts"):
                given = Given(permalink, defaults.source)
    if inner := {place: made for place, made in inner.items() if place and made}:
        yield Found("content.link_templates", inner, defaults.source)
    if made := _jekyll_template(given.text):
        yield Found("content.link_template", made, given.source)
    elif given.text:
        why = f"{YOURS}{given.source} has a part that is not known here"
        yield Found("content.link_template", None, why)


def _jekyll_template(permalink: str) -> str:
    made = of_jekyll(_JEKYLL_STYLES.get(permalink, permalink))
    return f"/{made.lstrip('/')}" if re.search("{(title|slug)", made) else ""


# Pelican

_PELICAN_USUAL = "/{slug_or_title}.html"
_PELICAN_KINDS = {"topic": "TAG", "category": "CATEGORY", "author": "AUTHOR"}
_PELICAN_DATES = {"Y": "{year}", "m": "{month}", "d": "{day}", "-m": "{i_month}", "-d": "{i_day}"}


def _pelican(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Pelican says of itself."""
    config = folder.settings("publishconf.py", "pelicanconf.py")
    yield from config.said()
    root = config.at("PATH")
    place = root.text or "content"
    yield from root.found("content.root")
    given = config.at("ARTICLE_PATHS")
    inside = [f"{name}/**/*.{end}" for name in given.texts() for end in ("md", "markdown")]
    yield Found("content.include", inside, given.source)
    yield from given.found("content.include")
    given = config.at("PAGE_PATHS")
    apart = [*(given.texts() or ["pages"]), *config.at("ARTICLE_EXCLUDES").texts()]
    apart = [f"{one}/**" for one in apart if folder.has(f"{place}/{one}")]
    yield Found("content.exclude", apart, given.source or "its pages")
    given = config.at("DEFAULT_DATE")
    dated = given.source and given.text != "none"
    yield Found("content.undated", "first-seen" if dated else "", given.source)
    yield from _pelican_addresses(config)
    yield from _pelican_feeds(config)


def _pelican_addresses(config: Settings) -> Iterator[Finding]:
    """Yield the template of addresses; slugs are made of titles, but where files have their own."""
    given, named = config.at("ARTICLE_URL"), config.at("FILENAME_METADATA").text
    is_named = "?P<slug>" in named or config.at("SLUGIFY_SOURCE").text == "basename"
    written = given.text.lstrip("/") if given.source else "{slug}.html"
    template = re.sub(
        r"\{date:%(-?\w)\}", lambda part: _PELICAN_DATES.get(part[1], part[0]), written
    )
    template = template.replace("{slug}", "{slug_or_name}" if is_named else "{slug_or_title}")
    if template and {*re.findall(r"\{(.*?)\}", template)} <= {*PLACEHOLDERS}:
        yield Found("content.link_template", f"/{template}", given.source or "as Pelican does")
    else:
        yield f"{given.source} has a part that is not known: set content.link_template"


def _pelican_feeds(config: Settings) -> Iterator[Finding]:
    """Yield where the feed of everything is, and those of others that have a folder each."""
    known, folders, paths = dict[str, str](), dict[str, str](), dict[str, str]()
    for form, usual in (("atom", "feeds/all.atom.xml"), ("rss", "")):
        every = config.at(f"FEED_ALL_{form}")
        for path in ("" if every.source else usual, config.at(f"FEED_{form}").text, every.text):
            known |= {form: path} if "." in path else {}
        for kind, name in _PELICAN_KINDS.items():
            one = config.at(f"{name}_FEED_{form}")
            if inside := re.fullmatch(r"(.+)/\{slug\}/([^/{}]+)", one.text):
                folders[kind], paths[form] = inside.groups()
            elif "." in one.text:
                written = one.text.replace("{slug}", "X")
                example = f"{kind}/X: {{{form}: {written}}}, and {kind} to feeds.by"
                advice = f"add feeds in use to feeds.addresses, such as {example}"
                yield f"{one.source} has no folders: {advice}"
    yield Found("feeds.addresses", {"everything": known} if known else {}, "where feeds are")
    if folders:
        yield Found("feeds.by", [*folders], "as there are feeds of them")
        yield Found("feeds.folders", {"everything": "feeds", **folders}, "where their feeds are")
        yield Found("feeds.paths", paths, "how their feeds are called")


# All of them


class Generator(NamedTuple):
    """A generator: how it is known, where it builds, its usual content and addresses, its reader.

    Of `signs` one is there; `a:b` is a file a in which b stands. `off` ends its own feeds.
    """

    dialect: str
    signs: Iterable[str]
    output: str = ""
    root: str = ""
    template: str = "/{path}/"
    read: Callable[[Folder], Iterable[Finding]] = lambda _: ()
    off: str = ""


_ZOLA = ("zola.toml", "config.toml:base_url"), "public", "content", "/{folders:lower}/{slug:lower}/"
_JEKYLL = "_site", ".", _JEKYLL_USUAL, _jekyll
_PELICAN = ("pelicanconf.py",), "output", "content", _PELICAN_USUAL, _pelican
GENERATORS = (
    Generator("jekyll", ("_config.yml", "_config.yaml"), *_JEKYLL),
    Generator("zola", *_ZOLA, _zola, "set generate_feeds = false in Zola's config"),
    Generator("hugo", _HUGO_SIGNS, "public", "content", "", _hugo, _HUGO_OFF),
    Generator("docusaurus", _DOCUSAURUS_FILES, "build", "blog", "", _docusaurus, _DOCUSAURUS_OFF),
    Generator("eleventy", _ELEVENTY_FILES, "_site", read=_eleventy),
    Generator("", _ASTRO_FILES, "dist", read=_astro),
    Generator("pelican", *_PELICAN, "set FEED_ALL_ATOM and the others to None"),
    Generator("mkdocs", ("mkdocs.yml",), "site", "docs"),
    Generator("quarto", ("_quarto.yml",), "_site", "posts", "/posts/{path}.html"),
    Generator("jekyll", ("_posts",), *_JEKYLL),
    Generator("obsidian", (".obsidian",), "", "."),
    Generator("", (".",)),
)
"""The first that is known counts."""
