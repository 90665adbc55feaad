"""Hugo: `hugo.*` or `config.*`, in TOML, YAML or JSON, and `config/_default/`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedpub.starter.folder import Finding, Folder, Found, Given, Settings, tags

_TOKENS = {
    ":year": "{year}", ":month": "{month}", ":day": "{day}", ":title": "{title:lower}",
    ":slug": "{slug_or_title:lower}", ":sections": "{folders:lower}", ":filename": "{slug:lower}",
    ":contentbasename": "{slug:lower}", ":slugorcontentbasename": "{slug:lower}",
}  # fmt: skip
OFF = 'set disableKinds = ["rss"] in the config of Hugo'
_NAMES = [f"{stem}.{s}" for stem in ("hugo", "config") for s in ("toml", "yaml", "yml", "json")]
SIGNS = (*_NAMES[:4], *(f"{name}:baseurl" for name in _NAMES[4:]), "config/_default")


def read(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Hugo says of itself."""
    names = [*_NAMES]
    below = [one for one in folder.names("config/_default") if "." not in one]
    for place in ("config/production", "config/_default", *(f"config/_default/{b}" for b in below)):
        inside = folder.names(place)
        names += [f"{place}/{one}" for one in inside if one.endswith((".toml", "ml", ".json"))]
    config = folder.settings(*names, "content/_index.md")
    language, languages = config.at("defaultContentLanguage"), config.at("languages")
    first = language.text or "en"
    yield from config.said(f"languages.{first}.")
    root = config.at(f"languages.{first}.contentDir", "contentDir")
    mounts = config.at("module.mounts")
    for mount in mounts.value if not root.text else ():
        if (parts := Given(mount).parts).get("target") == "content":
            root = Given(parts.get("source"), mounts.source)
    others = [one for one in languages.parts if one != first]
    if others := others if root.text in ("", "content") else []:
        yield Found("content.languages", [first, *others], languages.source)
    yield from root.found("content.root") if folder.has(root.text) else ()
    yield from _addresses(config, "{language}" if others else first)
    yield from _feeds(config, {first: "", **{one: f"{one}/" for one in others}})


def _feeds(config: Settings, languages: dict[str, str]) -> Iterator[Finding]:
    """Yield where feeds are, those of everything by language, if there are several."""
    off = {one.lower() for one in config.at("disableKinds").texts()}
    name, usual = f"{config.at('outputFormats.rss.baseName').text or 'index'}.xml", "as Hugo does"
    home, term = ([*map(str.lower, config.at(f"outputs.{k}").texts())] for k in ("home", "term"))
    by = ["language"][: len(languages) - 1]
    has_terms = "tags" in (config.at("taxonomies").parts or {"tag": "tags"}).values()
    if has_terms and not off & {"rss", "taxonomy", "term"} and "rss" in (term or ["rss"]):
        yield from tags(name, "rss", usual)
    yield from [Found("feeds.by", ["topic", *by], usual)] * len(by)
    if "rss" not in off and "rss" in (home or ["rss"]):
        feeds = {f"language/{one}" if by else "everything": languages[one] for one in languages}
        yield Found("feeds.addresses", {f: {"rss": p + name} for f, p in feeds.items()}, usual)


def _addresses(config: Settings, first: str) -> Iterator[Finding]:
    lower = "" if config.at("disablePathToLower").text == "true" else ":lower"
    inside = config.at("defaultContentLanguageInSubdir").text == "true"
    first = "{locale}" if inside and first == "{language}" else first
    base = f"/{first}" if inside or first == "{language}" else ""
    usual, ugly = f"{base}/{{path{lower}}}/", config.at("uglyURLs")
    given, templates = config.at("permalinks"), dict[str, str]()
    for section, value in (config.at("permalinks.page").parts or given.parts).items():
        known, pattern = _TOKENS | {":section": section}, Given(value).text
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
