"""Hugo: `hugo.*` or `config.*`, in TOML, YAML or JSON, and `config/_default/`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedpub.starter.folder import Asked, Finding, Folder, Found, Given, Settings

_TOKENS = {
    "year": "{year}", "month": "{month}", "day": "{day}", "title": "{title:lower}",
    "slug": "{slug_or_title:lower}", "sections": "{folders:lower}",
    **dict.fromkeys(("filename", "slugorfilename"), "{slug:lower}"),
    **dict.fromkeys(("contentbasename", "slugorcontentbasename"), "{slug:lower}"),
}  # fmt: skip
_SUFFIXES = ("toml", "yaml", "yml", "json")


def read(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Hugo says of itself."""
    config = _config(folder)
    first = config.at("defaultContentLanguage").text or "en"
    own = ("languages", first)
    if re.match("https?://[^/]", config.at("baseURL").text):
        yield from config.at("baseURL").found("site.url")
    yield from _first(config, ("title",), (*own, "title")).found("site.title")
    yield from folder.settings("content/_index.md").at("title").found("site.title")
    keys = (*own, "locale"), (*own, "languageCode"), ("locale",), ("languageCode",)
    named = _first(config, *keys, ("defaultContentLanguage",))
    yield from named.found("site.language")
    described = _first(config, (*own, "params", "description"), ("params", "description"))
    yield from described.found("site.description")
    author = _first(config, ("params", "author", "name"), ("author", "name"), ("params", "author"))
    yield from author.found("site.author")
    yield from config.at("copyright").found("site.copyright")
    yield from config.at("timeZone").found("content.timezone")
    yield _root(folder, config, first)
    yield from _addresses(config, first)


def _config(folder: Folder) -> Settings:
    """Return the configs, those of `config/_default` with the keys that their names stand for."""
    names = [f"{stem}.{suffix}" for stem in ("hugo", "config") for suffix in _SUFFIXES]
    parts: dict[str, list[str]] = {}
    for place in ("config/production", "config/_default"):
        for name in folder.names(place):
            stem, _, suffix = name.rpartition(".")
            if suffix in _SUFFIXES:
                names.append(f"{place}/{name}")
                parts[names[-1]] = [] if stem in ("hugo", "config") else stem.split(".")
    return folder.settings(*names, parts=parts)


def _first(config: Settings, *keys: tuple[str, ...]) -> Given:
    return next((given for given in (config.at(*one) for one in keys) if given.text), Given())


def _root(folder: Folder, config: Settings, first: str) -> Found:
    """Return the folder of the content: that of the first language, where each has one."""
    given = _first(config, ("languages", first, "contentDir"), ("contentDir",))
    mounts = config.at("module", "mounts")
    for mount in mounts.value if isinstance(mounts.value, list) else ():
        if isinstance(mount, dict) and mount.get("target") == "content" and not given.text:
            given = Given(mount.get("source"), mounts.source)
    if given.text and folder.has(given.text):
        return Found("content.root", given.text, given.source)
    return Found("content.root", "content", "as Hugo does")


def _addresses(config: Settings, first: str) -> Iterator[Finding]:
    lower = "" if config.at("disablePathToLower").text == "true" else ":lower"
    inside = config.at("defaultContentLanguageInSubdir")
    base = f"/{first}" if inside.text == "true" else ""
    ugly = config.at("uglyURLs")
    ending = ".html" if ugly.text == "true" else "/"
    source = ugly.source or inside.source or "as Hugo does"
    yield Found("content.link_template", f"{base}/{{path{lower}}}{ending}", source)
    given = config.at("permalinks")
    if isinstance(config.at("permalinks", "page").value, dict):
        given = config.at("permalinks", "page")
    templates: dict[str, str] = {}
    for section, pattern in given.value.items() if isinstance(given.value, dict) else ():
        if isinstance(pattern, str):
            known = _TOKENS | {"section": section}
            tokens = re.findall(r":([a-z]+)(?![a-z\[])", pattern)
            if len(tokens) != pattern.count(":") or not known.keys() >= {*tokens}:
                why = f"{given.source} has a part for {section} that is not known here"
                yield Asked("content.link_templates", why)
                continue
            made = re.sub(":([a-z]+)", lambda found: known[found[1]], pattern)  # noqa: B023
            templates[section] = base + "/" + made.lstrip("/")
    for section in ugly.value if isinstance(ugly.value, dict) else ():
        made = templates.get(section, f"/{{path{lower}}}/")
        templates[section] = made.rstrip("/") + ".html"
    if templates:
        yield Found("content.link_templates", templates, given.source or ugly.source)
