"""The config of the feeds of a site: which generator makes it, and what its own config says."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from feedpub.core.notations import one_line, read_yaml, sourced
from feedpub.core.problems import PublishError
from feedpub.starter import hugo, jekyll, pelican, zola
from feedpub.starter.folder import EXAMPLE, Asked, Finding, Folder, Found, Told

_PATHS = ("content.root", "content.authors", "output.root")
_GROUPS = ("site", "content", "output", "feeds", "state")
_ABOUT = ("README", "CHANGELOG", "CONTRIBUTING", "LICENSE")
_UNREAD = (".", "_site", "node_modules")


class Generator(NamedTuple):
    """A generator: its dialect, how it is known, and how its config is read.

    `signs` are names of files, some with a text that must be in it; `output` is the folder that it
    builds into, and `apart` what keeps our files out of that where they are in the site.
    """

    dialect: str
    signs: tuple[tuple[str, str], ...]
    read: Callable[[Folder], Iterable[Finding]]
    output: str = "out"
    apart: str = ""


def _usual(root: str, template: str) -> Callable[[Folder], Iterator[Finding]]:
    """Return the reader of a generator by whose name alone all is said."""

    def read(folder: Folder) -> Iterator[Finding]:
        at = root if root and folder.has(root) else _holder(folder.root)
        yield Found("content.root", at, "where the files are")
        yield Asked("content.link_template", "where an item is read, in home", template)

    return read


GENERATORS = (
    Generator(
        "jekyll",
        (("_config.yml", ""), ("_config.yaml", ""), ("_posts", "")),
        jekyll.read,
        "_site",
        "add feedpub.yaml to `exclude` in _config.yml",
    ),
    Generator("zola", (("zola.toml", ""), ("config.toml", "base_url")), zola.read, "public"),
    Generator(
        "hugo",
        (
            *(("hugo." + suffix, "") for suffix in ("toml", "yaml", "yml", "json")),
            *(("config." + suffix, "baseurl") for suffix in ("toml", "yaml", "yml", "json")),
            ("config/_default", ""),
        ),
        hugo.read,
        "public",
    ),
    Generator(
        "docusaurus",
        (("docusaurus.config.js", ""), ("docusaurus.config.ts", "")),
        _usual("blog", "/blog/[{year}/{month}/{day}/]{slug}"),
        "build",
    ),
    Generator("pelican", (("pelicanconf.py", ""),), pelican.read, "output"),
    Generator("mkdocs", (("mkdocs.yml", ""),), _usual("docs", "/{path}/"), "site"),
    Generator("quarto", (("_quarto.yml", ""),), _usual("posts", "/posts/{path}.html"), "_site"),
    Generator("obsidian", ((".obsidian", ""),), _usual(".", "/{path}/"), "_site/feeds"),
)
"""The first whose sign is there counts."""

_PLAIN = Generator("", (), _usual("", "/{path}/"), "_site/feeds")


def config_for(site: Path, new: Path) -> tuple[str, list[str], list[str]]:
    """Return the text of a config for `site` in the folder `new`, what it asks, and what to tell.

    Raises `ConfigError` where the site's own config cannot be read.
    """
    folder, place = Folder(site), Path(os.path.realpath(new))
    generator, sign = next(_recognized(folder), (_PLAIN, ""))
    findings = [*_of_all(folder, generator, sign, place), *generator.read(folder)]
    findings += _fallbacks(folder, sign)
    keys: dict[str, Found | Asked] = {}
    for one in sorted((f for f in findings if not isinstance(f, Told)), key=_is_asked):
        keys.setdefault(one.key, one)
    if isinstance(keys["site.url"], Found):
        keys["site.home"] = keys["site.url"]._replace(key="site.home")
    text = _written(keys, os.path.relpath(folder.root, place), generator.dialect or "Markdown")
    told = [one.text for one in findings if isinstance(one, Told)]
    asked = [f"{one.key}: {one.why}" for one in keys.values() if isinstance(one, Asked)]
    return text, asked, told


def _is_asked(finding: Found | Asked) -> bool:
    return isinstance(finding, Asked)


def _recognized(folder: Folder) -> Iterator[tuple[Generator, str]]:
    for generator in GENERATORS:
        for sign, word in generator.signs:
            if folder.has(sign) and (not word or word in folder.text(sign).lower()):
                yield generator, sign


def _of_all(folder: Folder, generator: Generator, sign: str, place: Path) -> Iterator[Finding]:
    """Yield what follows from the generator and from where the config will be."""
    if generator.dialect:
        yield Found("content.dialect", generator.dialect, f"because of {sign}")
    if place.is_relative_to(folder.root):
        yield Found("output.root", generator.output, "where the site is built")
        if generator.apart:
            yield Told(generator.apart)


def _fallbacks(folder: Folder, sign: str) -> Iterator[Finding]:
    where = f"nothing in {sign or 'the site'} says it"
    yield Asked("site.title", f"the name that subscribers see; {where}", folder.root.name)
    yield Asked("site.url", f"the public address of the site; {where}", EXAMPLE)


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


# --- the config as text --------------------------------------------------------------------------


def _written(keys: dict[str, Found | Asked], site: str, kind: str) -> str:
    """Return the config; what is read in it is what was meant."""
    meant: dict[str, dict[str, Any]] = {}
    lines = [
        f"# The feeds of a site ({kind}): `feedpub build` in this folder brings them in line with it.",
        "# Behind each value is where the site says so. What is marked yours, only you know.",
        "# What feedpub remembers is in .feedpub/: keep that between builds.",
    ]
    for group in _GROUPS:
        lines += ["", f"{group}:"] if any(key.startswith(f"{group}.") for key in keys) else []
        for key, one in keys.items():
            if key.startswith(f"{group}."):
                value, comment = one.value if isinstance(one, Found) else one.instead, one[-1]
                if isinstance(one, Asked):
                    comment = f"yours: {one.why}"
                name = key.partition(".")[2]
                if value is None:
                    lines.append(_shown(f"  #{name}:", comment))
                    continue
                if key in _PATHS:
                    value = os.path.normpath(f"{site}/{value}")
                meant.setdefault(group, {})[name] = value
                lines.append(_shown(f"  {name}: {one_line(value)}", comment))
    text = "\n".join(lines) + "\n"
    if read_yaml(text).fields != sourced(meant):
        raise PublishError("the config would not say what the site's own says")
    return text


def _shown(line: str, comment: str) -> str:
    return f"{line}  # {re.sub(r'[^ -~]', '?', comment)}"
