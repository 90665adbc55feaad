"""The config of the feeds of a site: which generator makes it, and what its own config says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feedpub.config import KEYS
from feedpub.core.problems import PublishError
from feedpub.core.yaml_toml_json import one_line, read_yaml, sourced
from feedpub.starter.folder import YOURS, Finding, Folder, Found
from feedpub.starter.generators import GENERATORS, Generator

_PATHS = ("content.root", "output.root")
_ABOUT = ("README", "CHANGELOG", "CONTRIBUTING", "LICENSE")
_UNREAD = (".", "_site", "node_modules")
_ITEMS = {"pelican": "**/*", "hugo": "**/*", "jekyll": "**/_posts/**/*"}
_OTHERS = (".rst", ".adoc", ".org", ".textile", ".html")
_HEAD = """\
# The feeds of a site: `feedpub build` in this folder brings them in line with it. Behind each value is
# where the site says so; what is marked yours, only you know. What feedpub remembers is in .feedpub/.
"""


def config_for(site: Path, new: Path) -> tuple[str, list[str], Path | None]:
    """Return the text of a config for `site` in the folder `new`, what to tell, and the built site.

    Raises `ConfigError` where the site's own config cannot be read.
    """
    folder, generator, sign = _site(Folder(site))
    place = Path(os.path.realpath(new))
    is_inside = place.is_relative_to(folder.root)
    findings = [*generator.read(folder), *folder.told, *_usual(folder, generator, sign)]
    findings += _beside(folder.root, generator, place) if is_inside else ()
    keys, told = _chosen(findings, folder)
    keys["site.home"] = keys["site.url"]
    built = keys.get("output.root") if is_inside else keys.pop("output.root", None)
    there = folder.root / (built.value if generator.output and built else "?")
    told += _unread(folder.root / str(keys["content.root"].value), _ITEMS.get(generator.dialect))
    text = _written(keys, os.path.relpath(folder.root, place))
    return text, told, there if there.is_dir() else None


def _site(folder: Folder) -> tuple[Folder, Generator, str]:
    """Return a site, its generator and a sign of that; it may be the only one below the folder."""
    generator, sign = _recognized(folder)
    inner = [Folder(folder.root / one) for one in folder.names(".") if folder.has(f"{one}/.")]
    below = [one for one in inner if _recognized(one)[0].output] if sign == "." else []
    if len(below) != 1:
        return folder, generator, sign
    site = below[0]  # such as website/ in the repository of a program
    site.told.append(f"The site is taken to be {site.root}")
    return site, *_recognized(site)


def _beside(root: Path, generator: Generator, place: Path) -> Iterator[Finding]:
    """Yield what feeds and a config at a `place` inside the site mean to its generator."""
    yield Found("output.replace", bool(generator.output), "as the site has feeds")
    if generator.dialect == "jekyll":  # whose layouts may need jekyll-feed
        ours = "feedpub.yaml" if place == root else place.relative_to(root)
        yield f"Add {ours} to `exclude` in _config.yml, else the site shows it"
    elif generator.off:
        end = "those at no address of ours end then"
        yield f"To have one set of feeds, {generator.off}; {end}"


def _chosen(findings: list[Finding], folder: Folder) -> tuple[dict[str, Found], list[str]]:
    """Return the first value for each key, of paths in the site, and what a person is to be told."""
    keys, told, outside = dict[str, Found](), list[str](), list[str]()
    for one in findings:
        if isinstance(one, str):
            told.append(one)
        elif one.key in _PATHS and not folder.holds(one.value):
            outside.append(f"{one.source} leads out of the site, so {one.key} is yours to say")
        elif one.value not in ("", [], {}):
            keys.setdefault(one.key, one)
    asked = [one for one in keys.values() if one.source.startswith(YOURS)]
    questions = [f"Only you know {one.key}: {one.source.removeprefix(YOURS)}" for one in asked]
    return keys, [*questions, *dict.fromkeys([*told, *outside])]


def _recognized(folder: Folder) -> tuple[Generator, str]:
    signs = ((one, *sign.partition(":")) for one in GENERATORS for sign in one.signs)
    known = (one for one in signs if folder.has(one[1]) and one[3] in folder.text(one[1]).lower())
    return next((generator, sign) for generator, sign, *_ in known)


def _usual(folder: Folder, generator: Generator, sign: str) -> Iterator[Finding]:
    """Yield what holds where the site says nothing else."""
    root = generator.root if folder.has(generator.root or "?") else _holder(folder.root)
    yield Found("content.root", root, "as usual")
    yield Found("content.link_template", generator.template, "as usual")
    yield Found("site.title", folder.root.name, f"{YOURS}the name that subscribers see")
    yield Found("site.url", "https://www.example.org/", f"{YOURS}the public address")
    yield Found("output.root", generator.output or "_site/feeds", "where the site is built")
    if generator.dialect:
        yield Found("content.dialect", generator.dialect, f"because of {sign}")
    if generator.output:
        yield Found("feeds.folders", {"everything": "feeds"}, "beside the site's pages")


def _unread(root: Path, pattern: str | None) -> Iterator[str]:
    """Tell of files that the generator takes for items; of HTML those that have front matter."""

    def is_item(path: Path) -> bool:
        if path.suffix not in _OTHERS or path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as file:
            return path.suffix != ".html" or file.read(3) in (b"---", b"+++")

    if files := sorted(filter(is_item, root.glob(pattern) if pattern else ())):
        what = f"{len(files)} in other formats, first {files[0]}"
        yield f"Only Markdown is read, so these are in no feed: {what}"


def _written(keys: dict[str, Found], site: str) -> str:
    """Return the config as text; what is read in it is what was meant."""
    meant: dict[str, dict[str, Any]] = {}
    lines: dict[str, list[str]] = {}
    for key in sorted(keys, key=KEYS.index):
        one, (group, _, name) = keys[key], key.partition(".")
        value = os.path.normpath(f"{site}/{one.value}") if key in _PATHS else one.value
        if value is not None:
            meant.setdefault(group, {})[name] = value
        written = f"#{name}:" if value is None else f"{name}: {one_line(value)}"
        lines.setdefault(group, []).append(f"  {written}  # {one.source}\n")
    text = _HEAD + "".join(f"\n{group}:\n{''.join(lines[group])}" for group in lines)
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
