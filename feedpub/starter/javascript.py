"""Docusaurus, Eleventy and Astro, whose configs are in JavaScript or TypeScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedpub.core.fields import POST_FOLDERS
from feedpub.starter.folder import Finding, Folder, Found

DOCUSAURUS, ELEVENTY, ASTRO = (
    [f"{stem}.{kind}s" for stem in stems for kind in ("j", "mj", "cj", "t", "mt", "ct")]
    for stems in (["docusaurus.config"], [".eleventy", "eleventy.config"], ["astro.config"])
)
"""The files by which they are known."""
OFF = "set feedOptions: {type: null} in its blog"
_POSTS = POST_FOLDERS["eleventy"]


def docusaurus(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Docusaurus says of itself and its blog."""
    config, blog = folder.settings(*DOCUSAURUS), "presets.blog"
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


def eleventy(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Eleventy says: its data, those of its folders, and where its posts are."""
    config = folder.settings(*ELEVENTY)
    given, data = config.at("dir.input"), config.at("dir.data").text or "_data"
    usual = next((one for one in (".", "src") if folder.has(f"{one}/_includes")), ".")
    root, templates = given.text.removeprefix("./").strip("/") or usual, dict[str, str]()
    yield Found("content.root", root, given.source or "as Eleventy does")
    files = [f"{name}.{end}" for name in ("metadata", "site", "meta") for end in ("json", "js")]
    yield from folder.settings(*(f"{root}/{data}/{name}" for name in files)).said()
    for name in folder.names(root):
        files = [f"{name}{end}" for end in (".json", ".11tydata.json", ".11tydata.js")]
        given = folder.settings(*(f"{root}/{name}/{file}" for file in files)).at("permalink")
        made = re.sub(r"\{\{-?\s*page\.fileSlug\s*-?\}\}", "{slug}", given.text)
        made = re.sub(r"\{\{-?\s*title \| slug(ify)?\s*-?\}\}", "{title}", made)
        if "{" in made and "{{" not in made:
            templates[name] = f"/{made.lstrip('/').removesuffix('index.html')}"
    yield Found("content.link_templates", templates, "permalinks in the data of folders")
    posts = [name for name in folder.names(root) if name.strip("_") in _POSTS]
    yield Found("content.include", [f"{name}/**/*.md" for name in posts], "its folders of posts")
    inside = ("**/", *(f"{root}/{name}/" for name in posts))
    lines = [one for one in folder.text(".eleventyignore").split() if one.startswith(inside)]
    ignored = [one.removeprefix(f"{root}/") for one in lines]
    yield Found("content.exclude", ignored, ".eleventyignore")


def astro(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Astro says of itself, and where its posts are."""
    config = folder.settings(*ASTRO)
    yield from config.at("site").below(config.at("base")).found("site.url")
    found = folder.names("src/content")
    name = next((one for one in (*_POSTS, *found) if one in found), "")
    yield Found("content.root", f"src/content/{name}", "as Astro does")
    slash = "" if config.at("trailingSlash").text == "never" else "/"
    yield Found("content.link_template", f"/{name}/{{path:lower}}{slash}", "as Astro does")
