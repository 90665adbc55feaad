"""The config of the feeds of a site: which generator makes it, and what its own config says.

A generator is a row of the table; what reads its config yields what it found and what it must ask.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from feedpub.core.notations import one_line, read_yaml, sourced
from feedpub.core.problems import PublishError
from feedpub.starter import hugo, jekyll, pelican
from feedpub.starter.folder import EXAMPLE, Asked, Finding, Folder, Found, Told

_PATHS = ("content.root", "content.authors", "output.root")
_ABOUT = ("README", "CHANGELOG", "CONTRIBUTING", "LICENSE")
_UNREAD = (".", "_site", "node_modules")
_HEAD = """\
# The feeds of a site{}: `feedpub build` in this folder brings them in line with it.
# Behind each value is where the site says so. What is marked yours, only you know.
# What feedpub remembers is in .feedpub/: keep that between builds.
"""
_Read = Callable[[Folder], Iterable[Finding]]


class Generator(NamedTuple):
    """The dialect of a generator, the files by which it is known, what reads it, where it builds.

    `a:b` is a file a in which b stands.
    """

    dialect: str
    signs: Iterable[str]
    read: _Read
    output: str = "_site/feeds"


def _usual(root: str, template: str, *names: str) -> _Read:
    """Return what reads a generator that has its content at `root`, and its config in `names`."""

    def read(folder: Folder) -> Iterator[Finding]:
        yield from folder.settings(*names).said()
        at = root if root and folder.has(root) else _holder(folder.root)
        yield Found("content.root", at, "as usual")
        yield Found("content.link_template", template, "as usual")

    return read


_ZOLA = _usual(
    "content", "/{folders:lower}/{slug:lower}/", "zola.toml", "config.toml", "content/_index.md"
)
_HUGO = (*hugo.NAMES[:4], *(f"{name}:baseurl" for name in hugo.NAMES[4:]), "config/_default")
_DOCUSAURUS = _usual("blog", "/blog/[{year}/{month}/{day}/]{slug}")
GENERATORS = (
    Generator("jekyll", ("_config.yml", "_config.yaml", "_posts"), jekyll.read, "_site"),
    Generator("zola", ("zola.toml", "config.toml:base_url"), _ZOLA, "public"),
    Generator("hugo", _HUGO, hugo.read, "public"),
    Generator("docusaurus", ("docusaurus.config.js", "docusaurus.config.ts"), _DOCUSAURUS, "build"),
    Generator("pelican", ("pelicanconf.py",), pelican.read, "output"),
    Generator("mkdocs", ("mkdocs.yml",), _usual("docs", "/{path}/"), "site"),
    Generator("quarto", ("_quarto.yml",), _usual("posts", "/posts/{path}.html"), "_site"),
    Generator("obsidian", (".obsidian",), _usual(".", "/{path}/")),
    Generator("", (".",), _usual("", "/{path}/")),
)
"""The first whose sign is there counts."""


def config_for(site: Path, new: Path) -> tuple[str, list[str]]:
    """Return the text of a config for `site` in the folder `new`, and what to tell of it.

    Raises `ConfigError` where the site's own config cannot be read.
    """
    folder, place = Folder(site), Path(os.path.realpath(new))
    signs = ((one, *sign.partition(":")) for one in GENERATORS for sign in one.signs)
    generator, name = next(
        (one, name) for one, name, _, word in signs
        if folder.has(name) and word in folder.text(name).lower()
    )  # fmt: skip
    findings = [*generator.read(folder)]
    if generator.dialect:
        findings.append(Found("content.dialect", generator.dialect, f"because of {name}"))
    if place.is_relative_to(folder.root):
        findings.append(Found("output.root", generator.output, "where the site is built"))
    findings.append(Asked("site.title", "the name that subscribers see", folder.root.name))
    findings.append(Asked("site.url", "the public address", EXAMPLE))
    keys: dict[str, Found | Asked] = {}
    for kind in (Found, Asked):
        for one in findings:
            if isinstance(one, kind):
                keys.setdefault(one.key, one)
    if isinstance(keys["site.url"], Found):
        keys["site.home"] = keys["site.url"]
    told = [f"{one.key}: {one.why}" for one in keys.values() if isinstance(one, Asked)]
    told += [one.text for one in findings if isinstance(one, Told)]
    text = _HEAD.format(f" of {generator.dialect}" if generator.dialect else "")
    return text + _written(keys, os.path.relpath(folder.root, place)), told


def _written(keys: dict[str, Found | Asked], site: str) -> str:
    """Return the config as text; what is read in it is what was meant."""
    meant: dict[str, dict[str, Any]] = {}
    lines: dict[str, list[str]] = {}
    for key, one in keys.items():
        group, _, name = key.partition(".")
        value, comment = one[1:] if isinstance(one, Found) else (one.instead, f"yours: {one.why}")
        if key in _PATHS:
            value = os.path.normpath(f"{site}/{value}")
        if value is not None:
            meant.setdefault(group, {})[name] = value
        written = f"#{name}:" if value is None else f"{name}: {one_line(value)}"
        comment = re.sub(r"[^ -~]", "?", comment)
        lines.setdefault(group, []).append(f"  {written}  # {comment}\n")
    text = "".join(f"\n{group}:\n{''.join(lines[group])}" for group in lines)
    if read_yaml(text).fields != sourced(meant):
        raise PublishError("the config would not say what the site's own says")
    return text


def _holder(directory: Path) -> str:
    """Return the one folder in `directory` that holds all Markdown in it, or `.`."""
    found = (path.relative_to(directory) for path in directory.rglob("*.m*"))
    tops = {
        path.parts[0] if path.parts[1:] else "."
        for path in found
        if path.suffix in (".md", ".markdown", ".mdx")
        and not path.parts[0].startswith(_UNREAD)
        and (path.parts[1:] or path.stem.upper() not in _ABOUT)
    }
    return tops.pop() if len(tops) == 1 else "."
