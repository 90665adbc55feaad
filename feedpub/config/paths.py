"""Readers of paths: absolute, whatever the working directory, and checked for what they are for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from feedpub.config.readers import must_be
from feedpub.config.source import Node, suggestion, text_of
from feedpub.core.model import Value
from feedpub.core.notations import FrontMatterError, read_yaml
from feedpub.formats import ASSETS

_ASSETS = frozenset(asset.file for asset in ASSETS.values())


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
        raise ValueError(f"{shown(path)} is not a folder; name another, or move that file away")
    return path


def output_root(node: Node) -> Path | str:
    """Read the path of the folder of the feeds, or the address of a bucket."""
    given = node.value
    if not isinstance(given, str) or not re.search("^(s3|gs|az):|://", given):
        return own_folder(node)
    if not re.fullmatch(r"(s3|az)://[a-z0-9][a-z0-9.-]+[a-z0-9](/[\w.-]*[\w-])*/?", given):
        raise ValueError(
            "is no address of a bucket; write s3://BUCKET/PREFIX or az://CONTAINER/PREFIX"
        )
    return given.rstrip("/")


def own_file(node: Node) -> Path:
    """Read the path of a file that feedpub makes when it is needed."""
    path = location(node)
    if is_folder(path):
        raise ValueError(f"{shown(path)} is a folder; name a file, such as ledger.txt")
    return path


def is_folder(path: Path) -> bool:
    """Say whether there is a folder at `path`; unlike `Path.is_dir` it raises for no name."""
    return os.path.isdir(path)  # noqa: PTH112 - it never raises


def shown(path: Path) -> str:
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
        raise ValueError(f"{shown(path)}{line}: {error.message}") from None
    except ValueError as error:
        raise ValueError(f"{shown(path)} {error}") from None


# --- templates -----------------------------------------------------------------------------------


def own_templates(node: Node) -> Mapping[str, str]:
    """Read the path of the folder of templates; return the texts of the files in it, by name.

    They are shown made-up feeds: so a mistake in a template is a mistake in the config, and a
    service takes over good ones as one. Each mistake in any of them is noted.
    """
    root = location(node)
    if not is_folder(root):
        advice = "name the folder of your templates, or remove the key"
        raise ValueError(f"{shown(root)} is no folder; {advice}")
    try:
        names = sorted(os.listdir(root))  # noqa: PTH208 - names are what is needed
    except OSError as error:
        raise ValueError(f"{shown(root)} cannot be read: {error.strerror}") from None
    texts: dict[str, str] = {}
    wrong: list[str] = []
    for name in names:
        if not name.startswith(".") and name.endswith((".html", ".css", ".js")):
            try:
                texts[name] = _template(root, name)
            except ValueError as error:
                wrong.append(f"{shown(root / name)}: {error}")
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
        from feedpub.formats.template_check import faults

        for name, line, _, message in faults(layout):
            yield f"{shown(root / name)}{f':{line}' if line else ''}: {message}"
