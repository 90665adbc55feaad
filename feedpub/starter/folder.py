"""The folder of a site as `init --from` reads it: within bounds, and nothing of it is run.

Of a config that a generator has, only the keys are looked at that its module names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

from feedpub.config.source import text_of
from feedpub.core.model import ReadFeed
from feedpub.core.problems import ConfigError
from feedpub.core.text import untagged
from feedpub.core.urls import identity
from feedpub.core.yaml_toml_json import FrontMatterError, read_toml, read_yaml
from feedpub.formats.reading import MOST_BYTES, read_feed

YOURS = "yours: "
SECRET = re.compile(r"(?:\A|/)\.env|key|token|secret|password", re.IGNORECASE)
UNREAD = object()
"""The value of what is more than a literal in a config that is a program."""
_SUFFIXES = {"", ".xml", ".rss", ".atom", ".json"}
_SIGN = re.compile(rb"<(rss|feed)[\s>]|jsonfeed\.org/version/")
_FENCED = re.compile(r"(\+\+\+|---)(\n.*?\n)\1", re.DOTALL).match
_FITS = {
    "site.url": re.compile(r"https?://(?!localhost)[\w.-]+(:\d{1,5})?(/[^\s?#@]*)?").fullmatch,
    "feeds.window": re.compile("[1-9][0-9]{0,4}").fullmatch,
}
_SAID = {
    "site.url": ("url", "base_url", "baseURL", "SITEURL"),
    "site.title": ("title", "name", "SITENAME"),
    "site.description": ("description", "params.description", "tagline", "SITESUBTITLE"),
    "site.language": (
        "DEFAULT_LANG", "lang", "language", "locale", "languageCode", "default_language",
        "defaultContentLanguage", "i18n.defaultLocale",
    ),
    "site.author": ("author.name", "author", "params.author.name", "params.author"),
    "site.copyright": ("copyright",),
    "content.timezone": ("timezone",),
    "output.root": ("publishDir", "destination", "output_dir", "OUTPUT_PATH"),
    "feeds.window": (
        "feed_limit", "feed.posts_limit", "services.rss.limit", "rssLimit", "FEED_MAX_ITEMS",
        "presets.blog.feedOptions.limit",
    ),
}  # fmt: skip
"""Which keys of the configs of generators say what ours are."""


class Found(NamedTuple):
    """What a key of ours is to be, and where that is said, `_config.yml:3`; paths are the site's.

    What only a person knows has a source that begins with YOURS; None is to be filled in.
    """

    key: str
    value: Any
    source: str


Finding: TypeAlias = Found | str
"""What is found, or a sentence about what a person should know or do."""


class Given(NamedTuple):
    """What a config of the site says, and where; '' where it says nothing."""

    value: Any = ""
    source: str = ""

    @property
    def text(self) -> str:
        """The value, if it is a text, on one line."""
        return " ".join(self.value.split()) if isinstance(self.value, str) else ""

    @property
    def parts(self) -> dict[str, Any]:
        """The parts of a map; none of anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def texts(self) -> list[str]:
        """Return the texts of a list, or the only one."""
        values = self.value if isinstance(self.value, list) else [self.value]
        return [value for value in values if isinstance(value, str) and value]

    def found(self, key: str) -> Iterator[Finding]:
        """Yield it as the value of our `key`, if it is one that this may have."""
        if self.value is UNREAD:
            yield f"{self.source} is no literal, so {key} is yours to say"
        text = untagged(self.text) if key == "site.description" else self.text
        if key == "site.language":
            text = text.partition(".")[0].replace("_", "-")
        if text and _FITS.get(key, bool)(text):
            value = {"items": int(text), "days": 0} if key == "feeds.window" else text
            yield Found(key, {"name": text} if key == "site.author" else value, self.source)

    def below(self, path: Given) -> Given:
        """Return the address of a host together with a path."""
        address = f"{self.text.rstrip('/')}/{path.text.strip('/')}".rstrip("/")
        return self._replace(value=f"{address}/") if self.text else self


class Settings(NamedTuple):
    """Configs of a generator, of which the first that has a key counts, whatever its case.

    Each has its name, its values, and the lines of these, counted from 0.
    """

    files: tuple[tuple[str, Any, Mapping[str, int]], ...]

    def at(self, *keys: str) -> Given:
        """Return what the first of `keys` that is given says; `a.b` is b in a, or in a list there."""
        allowed = (key for key in keys if not SECRET.search(key))
        for key, (file, value, lines) in product(allowed, self.files):
            parts = key.lower().split(".")
            for part in parts:
                value = next((v for k, v in _below(value) if k.lower() == part), "")
            if value:
                line = next((n for k, n in lines.items() if k.lower() == parts[0]), 0)
                return Given(value, f"{file}:{line + 1}")
        return Given()

    def said(self, around: str = "") -> Iterator[Finding]:
        """Yield what all generators say in much the same words; first what is in `around`."""
        for key, names in _SAID.items():
            yield from self.at(*(around + name for name in names), *names).found(key)


def tags(name: str, form: str, source: str) -> Iterator[Found]:
    """Yield where tags have feeds, in files of this `name`, beside pages of the site."""
    yield Found("feeds.folders", {"everything": "feeds", "topic": "tags"}, source)
    yield Found("feeds.paths", {form: name}, source)
    yield Found("feeds.pages", False, "the site has its own there")


def _below(value: Any) -> Iterator[tuple[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        for inner in one if isinstance(one, list) else [one]:
            yield from inner.items() if isinstance(inner, dict) else ()


class Folder:
    """The files of a site."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self.told: list[str] = []

    def has(self, name: str) -> bool:
        """Say whether there is such a file or folder, inside by all links."""
        return self.holds(name) and (self.root / name).exists()

    def holds(self, name: str) -> bool:
        """Say whether a path is inside by all links, also where nothing is there."""
        path = Path(os.path.realpath(self.root / name.replace("\0", "?")))
        return path.is_relative_to(self.root)

    def names(self, place: str) -> list[str]:
        """Return the names of what is in a folder, in order."""
        return sorted(one.name for one in (self.root / place).iterdir()) if self.has(place) else []

    def text(self, name: str) -> str:
        """Return the text of a file, '' where there is none; raise `ConfigError` for any other."""
        path = self.root / name
        if SECRET.search(name) or not self.has(name) or not path.is_file():
            return ""
        try:
            return text_of(path)
        except ValueError as error:
            raise ConfigError([f"{path}: {error}"]) from None

    def feeds(self, names: Iterable[str], source: str) -> Iterator[Found]:
        """Yield where the feeds of everything are; their templates or names say their format."""
        signs = {"<rss": "rss", "<feed ": "atom", "jsonfeed.org": "json", "\nrss.": "rss"}
        known: dict[str, str] = {}
        for name in names:
            text = f"{self.text(name)}{self.text(f'templates/{name}')}\n{name}"
            found = next((signs[sign] for sign in signs if sign in text), "atom")
            if found == "json" or not name.endswith(".json"):
                known.setdefault(found, name.lstrip("/"))
        yield Found("feeds.addresses", {"everything": known} if known else {}, source)

    def settings(self, *names: str) -> Settings:
        """Read configs, of Markdown the front matter; raise `ConfigError` for one that is none."""
        return Settings(tuple(self._read(name) for name in names if self.text(name)))

    def _read(self, name: str) -> tuple[str, Any, Mapping[str, int]]:
        text, (stem, _, suffix) = self.text(name), Path(name).name.rpartition(".")
        if suffix == "py" or suffix[-2:] in ("js", "ts"):
            from feedpub.starter import literals  # few need it

            values, fault = literals.read(name, text)
            self.told += [fault] * bool(fault)
            return name, values, values.lines
        if suffix == "md":
            found = _FENCED(text) or ("", "---", "")
            suffix, text = {"+++": "toml"}.get(found[1], ""), found[2]
        try:
            front = read_toml(text) if suffix == "toml" else read_yaml(text)  # so is JSON
        except FrontMatterError as error:
            line = "" if error.line is None else f":{error.line + 1}"
            raise ConfigError([f"{self.root / name}{line}: {error.message}"]) from None
        fields: Any = front.fields
        if name.startswith("config/") and stem not in ("hugo", "config"):
            for part in reversed(stem.split(".")):  # Hugo: `params.toml` is all of the key params
                fields = {part: fields}
        return name, fields, front.lines


# The site as its generator built it


def feeds(path: Path) -> dict[str, ReadFeed]:
    """Read the feeds in a folder, by their paths in it, or the one in a file.

    Raises `ConfigError` where there is none, or one cannot be read.
    """
    path = path.absolute()
    found, bad = dict[str, ReadFeed](), list[str]()
    for file in _candidates(path):
        try:
            with file.open("rb") as stream:
                data = stream.read(MOST_BYTES + 1)
            if file == path or _SIGN.search(data, 0, 4096):
                found[str(file).removeprefix(f"{path}/")] = read_feed(data)
        except (OSError, ValueError) as error:
            bad.append(f"{file}: {getattr(error, 'strerror', None) or error}")
    if bad or not found:
        raise ConfigError(bad or [f"{path}: there is no feed in it"])
    return found


def _candidates(path: Path) -> list[Path]:
    """Return the files in a folder that may be feeds by their names, or the one file."""
    if not path.is_dir():
        return [path]
    named = (file for file in sorted(path.rglob("*")) if file.suffix in _SUFFIXES)
    root = path.resolve()
    return [f for f in named if f.is_file() and f.resolve().is_relative_to(root)]


def missing(folder: Path, links: Iterable[str], home: str) -> list[str]:
    """Return those of `links` below `home` that have no file in a built site.

    `x`, `x/` and `x.html` have the file `x/index.html`, `x.html` or `x`.
    """
    lost, base = [], identity(home).rstrip("/") + "/"
    for link in (link for link in links if identity(link).startswith(base)):
        page = unquote(identity(link)[len(base) :].partition("#")[0]).strip("/")
        names = (f"{page}/index.html".lstrip("/"), f"{page}.html", page)
        if not any(os.path.isfile(folder / n) for n in names):  # noqa: PTH113 - Path may raise
            lost.append(link)
    return lost
