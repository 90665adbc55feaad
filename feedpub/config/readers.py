"""How values are read: the kinds of values, paths among them, and groups of keys.

A reader takes a value as written. It returns what the value means, or raises `ValueError` with
words for the operator: what the value must be, and an example. One that has parts reads each by
`Node.read`, so that a mistake in one hides none in another. A group is a named tuple of keys; the
type of each is `Annotated` with its reader:

    class WindowConfig(NamedTuple):
        items: Annotated[int, number(1, 100_000)] = 50

A key that is left out or empty means its default; a `Path` as a default is relative to the config,
as if it were written there. A key without a default must be given, and says as what.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from feedpub.config.source import Node, shown, suggestion, text_of
from feedpub.core.model import Value
from feedpub.core.yaml_toml_json import FrontMatterError, read_yaml
from feedpub.formats import ASSETS

T = TypeVar("T")
L = TypeVar("L", bound=str)
Reader: TypeAlias = Callable[[Node], T]

LABEL = "LABEL"
"""Stands for any label of `topics.define` in the paths of keys."""

_ASSETS = frozenset(asset.file for asset in ASSETS.values())
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


# --- kinds of values -----------------------------------------------------------------------------


def must_be(what: str, node: Node) -> ValueError:
    """Return the error for a value of another kind than `what`."""
    names = {dict: "a map", list: "a list", type(None): "empty"}
    return ValueError(f"is {names.get(type(node.value)) or shown(str(node.value))}; write {what}")


def flag(node: Node) -> bool:
    """Read true or false, in any of the words of YAML 1.1."""
    found = _FLAGS.get(node.value.lower()) if node.plain else None
    if found is None:
        raise must_be("true or false, without quotes", node)
    return found


def number(least: int, most: int) -> Reader[int]:
    """Return the reader of a whole number from `least` to `most`."""
    return partial(read_number, least, most)


def read_number(least: int, most: int, node: Node) -> int:
    """Read a whole number from `least` to `most`."""
    if not (node.plain and re.fullmatch(r"[+-]?[0-9][0-9_]{0,17}", node.value)):
        raise must_be("a whole number, without quotes", node)
    found = int(node.value.replace("_", ""))
    if not least <= found <= most:
        raise ValueError(f"is out of bounds; write {least:,} to {most:,}")
    return found


def text(meaning: Callable[[str], T]) -> Reader[T]:
    """Return the reader of a text, which `meaning` checks and normalizes."""

    def read(node: Node) -> T:
        if not isinstance(node.value, str):
            raise must_be("text", node)
        if re.search("[\ud800-\udfff]", node.value):
            raise ValueError("has a broken character; write it again")
        return meaning(node.value)

    return read


class Written(str):
    """A text that knows its node, for what only the content can tell of it."""

    node: Node


def placed(reader: Reader[str]) -> Reader[Written]:
    """Return a reader of the same texts with their nodes."""

    def read(node: Node) -> Written:
        found = Written(reader(node))
        found.node = node
        return found

    return read


def choice(*names: str) -> Reader[str]:
    """Return the reader of one of `names`."""
    return partial(read_choice, names)


def read_choice(names: tuple[str, ...], node: Node) -> str:
    """Read one of `names`."""
    if node.value not in names:
        hint = suggestion(str(node.value), names) or "write one of these"
        raise ValueError(f"is not one of {', '.join(names)}; {hint}")
    return str(node.value)


def listing(item: Reader[T], *checks: Callable[[tuple[T, ...]], None]) -> Reader[tuple[T, ...]]:
    """Return the reader of a list; `checks` look at all of it when every item is right."""
    return partial(read_list, item, checks)


def read_list(
    item: Reader[T], checks: Iterable[Callable[[tuple[T, ...]], None]], node: Node
) -> tuple[T, ...]:
    """Read a list of what `item` reads."""
    if not isinstance(node.value, list):
        advice = f"[{shown(node.value)}]" if isinstance(node.value, str) else "[one, two]"
        raise must_be(f"a list, such as {advice}", node)
    found = [one.read(item) for one in node.value]
    items = tuple(one for one in found if one is not None)
    if len(items) == len(found):
        for check in checks:
            check(items)
    return items


def not_empty(items: tuple[object, ...]) -> None:
    """Raise `ValueError` for an empty list."""
    if not items:
        raise ValueError("is an empty list; write one or more, or remove the key")


def distinct(items: tuple[object, ...]) -> None:
    """Raise `ValueError` for a list that has an item twice."""
    if len(set(items)) < len(items):
        raise ValueError("has a name twice; keep one")


def mapping(label: Reader[L], item: Reader[T]) -> Reader[Mapping[L, T]]:
    """Return the reader of a map of labels that people choose; sorted by them."""
    return partial(read_map, label, item)


def read_map(label: Reader[L], item: Reader[T], node: Node) -> Mapping[L, T]:
    """Read a map of what `item` reads, by what `label` reads."""
    if not isinstance(node.value, dict):
        names = ", ".join(label.args[0]) if isinstance(label, partial) else ""
        raise must_be(f"a map with keys of {names}" if names else "a map of keys and values", node)
    found: dict[L, T] = {}
    for name, part in node.parts.items():
        key, value = part._replace(value=name).read(label), part.read(item)
        if key is not None and value is not None:
            found[key] = value
    return dict(sorted(found.items()))


# --- paths: absolute, whatever the working directory ---------------------------------------------


def location(node: Node) -> Path:
    """Return the absolute path, symlinks resolved, that a value means in the config it is in."""
    if not isinstance(node.value, (str, Path)):
        raise must_be("a path", node)
    if node.value == "":
        raise ValueError("is empty; name a path, such as ./out")
    if re.search("(^|/)(s3|gs|az):/", str(node.value)):
        raise ValueError("is an address; name a folder: only output.root can be a bucket")
    try:
        return Path(os.path.realpath(node.source.folder / node.value))
    except (OSError, ValueError):
        raise ValueError("is not a usable path") from None


def content_root(node: Node) -> Path:
    """Read the path of the folder that holds the items, links in it as they are.

    Not resolved once for all: the folder may be a link that leads elsewhere tomorrow.
    """
    location(node)
    return node.source.folder / str(node.value)


def own_folder(node: Node) -> Path:
    """Read the path of a folder that feedpub makes when it is needed."""
    path = location(node)
    if os.path.lexists(path) and not is_folder(path):
        advice = "name another, or move that file away"
        raise ValueError(f"{shown_path(path)} is not a folder; {advice}")
    return path


def output_root(node: Node) -> Path | str:
    """Read the path of the folder of the feeds, or the address of a bucket."""
    given = node.value
    if not isinstance(given, str) or not re.search("^(s3|gs|az):|://", given):
        return own_folder(node)
    if not re.fullmatch(r"(s3|az)://[a-z0-9][a-z0-9.-]+[a-z0-9](/[\w.-]*[\w-])*/?", given):
        advice = "write s3://BUCKET/PREFIX or az://CONTAINER/PREFIX"
        raise ValueError(f"is no address of a bucket; {advice}")
    return given.rstrip("/")


def own_file(node: Node) -> Path:
    """Read the path of a file that feedpub makes when it is needed."""
    path = location(node)
    if is_folder(path):
        raise ValueError(f"{shown_path(path)} is a folder; name a file, such as ledger.txt")
    return path


def is_folder(path: Path) -> bool:
    """Say whether there is a folder at `path`; unlike `Path.is_dir` it raises for no name."""
    return os.path.isdir(path)  # noqa: PTH112 - it never raises


def shown_path(path: Path) -> str:
    """Return `path` as a message may carry it: the end of a long one, printable."""
    text = str(path)
    text = text if len(text) <= 200 else f"…{text[-100:]}"
    return text if text.isprintable() else ascii(text)


# --- authors -------------------------------------------------------------------------------------


def authors_file(node: Node) -> Mapping[str, Value]:
    """Read the path of a file of authors by their keys; return what it says of them."""
    return _authors(location(node))


def authors_within(root: Path) -> Mapping[str, Value]:
    """Return what the authors file of Docusaurus or Jekyll says, if the content has one."""
    inside = Path(os.path.realpath(root))
    found = (Path(os.path.realpath(root / name)) for name in ("authors.yml", "_data/authors.yml"))
    given = (path for path in found if path.is_relative_to(inside) and os.path.isfile(path))  # noqa: PTH113 - it never raises
    path = next(given, None)
    return _authors(path) if path else {}


def _authors(path: Path) -> Mapping[str, Value]:
    try:
        return read_yaml(text_of(path)).fields
    except FrontMatterError as error:
        line = "" if error.line is None else f":{error.line + 1}"
        raise ValueError(f"{shown_path(path)}{line}: {error.message}") from None
    except ValueError as error:
        raise ValueError(f"{shown_path(path)} {error}") from None


# --- templates -----------------------------------------------------------------------------------


def own_templates(node: Node) -> Mapping[str, str]:
    """Read the path of the folder of templates; return the texts of the files in it, by name.

    They are shown made-up feeds: so a mistake in a template is a mistake in the config, and a
    service takes over good ones as one. Each mistake in any of them is noted.
    """
    root = location(node)
    if not is_folder(root):
        advice = "name the folder of your templates, or remove the key"
        raise ValueError(f"{shown_path(root)} is no folder; {advice}")
    try:
        names = sorted(os.listdir(root))  # noqa: PTH208 - names are what is needed
    except OSError as error:
        raise ValueError(f"{shown_path(root)} cannot be read: {error.strerror}") from None
    texts, wrong = dict[str, str](), list[str]()
    read = (n for n in names if not n.startswith(".") and n.endswith((".html", ".css", ".js")))
    for name in read:
        try:
            texts[name] = _template(root, name)
        except ValueError as error:
            wrong.append(f"{shown_path(root / name)}: {error}")
    for message in wrong or _faults(root, texts):
        node.wrong(message)
    return texts


def _template(root: Path, name: str) -> str:
    """Return the text of a file; raise `ValueError` with what is wrong with it."""
    if name not in _ASSETS and not name.endswith(".html"):
        hint = suggestion(name, _ASSETS) or f"known are {' and '.join(sorted(_ASSETS))}"
        raise ValueError(f"is in use by no page; {hint}")
    path = Path(os.path.realpath(root / name))
    if not path.is_relative_to(root):
        raise ValueError("is a link that leads out of the folder; put the file itself there")
    return text_of(path)


def _faults(root: Path, texts: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with templates, each with its file and line."""
    if layout := {name: text for name, text in texts.items() if name.endswith(".html")}:
        # Only a config with templates pays for the import.
        from feedpub.formats.pages import template_faults

        for name, line, _, message in template_faults(layout):
            yield f"{shown_path(root / name)}{f':{line}' if line else ''}: {message}"


# --- groups of keys ------------------------------------------------------------------------------


class From(NamedTuple):
    """Says that a key, left out, is made from the key `source` before it."""

    source: str
    make: Callable[[Any], object]


class Key(NamedTuple):
    """One key of a group: its name there, its reader, what holds without a value.

    That is `default`, or what `origin` makes; where `origin` is a text, it says what to give.
    """

    attribute: str
    read: Reader[Any]
    default: object
    origin: From | str | None

    def meaning(self, node: Node, found: Mapping[str, Any]) -> object:
        """Return what `node` means; `found` are the keys before it. Raises `ValueError`."""
        if node.value is None:
            if isinstance(self.origin, str):
                raise ValueError(f"is missing; give {self.origin}")
            if self.origin:
                return found[self.origin.source] and self.origin.make(found[self.origin.source])
            if not isinstance(self.default, Path | dict):
                return self.default
            node = node._replace(value=self.default)
        return self.read(node)


class Group:
    """The reader of a map of keys, by their names in the config, to a `kind` of named tuple.

    With `labels`, it reads a map of labels that people choose, each with such a map.
    """

    def __init__(self, kind: Any, labels: Reader[str] | None = None) -> None:
        self._kind = kind
        self._read = mapping(labels, self._group) if labels else self._group
        self.label = f"{LABEL}." if labels else ""
        self.keys = {name.rstrip("_"): _key(kind, name) for name in kind._fields}  # as `except_`

    def __call__(self, node: Node) -> Any:
        """Read the map; where there is none, all keys have their defaults."""
        return self._read(node)

    def _group(self, node: Node) -> Any:
        if node.value is not None and not isinstance(node.value, dict):
            raise must_be(f"a map with some of the keys {', '.join(self.keys)}", node)
        found: dict[str, Any] = {}
        for name, key in self.keys.items():
            found[key.attribute] = node.at(name).read(partial(key.meaning, found=found))
        for name in node.parts.keys() - self.keys.keys():
            node.parts[name].wrong(f"unknown key; {self._hint(name, node.source.keys)}")
        return self._kind(**found)

    def paths(self, prefix: str = "") -> Iterator[str]:
        """Yield every key, and those of the groups in this one, by its dotted path."""
        for name, key in self.keys.items():
            yield prefix + self.label + name
            if isinstance(key.read, Group):
                yield from key.read.paths(f"{prefix}{self.label}{name}.")

    def _hint(self, name: str, everywhere: Iterable[str]) -> str:
        """Say what an unknown key may mean: one of another group, by its name or whole path."""
        found = [path for path in everywhere if name in {path, path.rpartition(".")[2]}]
        group, _, key = found[0].rpartition(".") if found else ("", "", "")
        if group:
            return f"did you mean {key} in the group {group}?"
        return suggestion(name, self.keys) or "known here are " + ", ".join(self.keys)


def _key(kind: Any, name: str) -> Key:
    hint = kind.__annotations__[name]
    if isinstance(hint, type):  # another group, which is read where it is left out, too
        return Key(name, Group(hint), {}, None)
    read, *origin = hint.__metadata__
    return Key(name, read, kind._field_defaults.get(name), *origin or [None])
