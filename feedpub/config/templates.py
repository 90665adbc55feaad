"""The folder of templates that a site has in place of ours: read, and rehearsed, with the config.

So a mistake in one is a mistake in the config, and a service takes over good ones as one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from feedpub.config.paths import location
from feedpub.config.readers import PartsError
from feedpub.config.source import Mistake
from feedpub.config.words import shown_path, suggestion
from feedpub.formats import ASSETS

MAX_BYTES = 1 << 20

_OURS = frozenset(asset.file for asset in ASSETS.values())
_ENDINGS = (".html", ".css", ".js")


def own_templates(value: object, base: Path) -> Mapping[str, str]:
    """Read the path of the folder; return the texts of the files in it, by name.

    Raises `PartsError` with what is wrong in all of them.
    """
    root = location(value, base)
    if not os.path.isdir(root):  # noqa: PTH112 - it never raises
        advice = "name the folder of your templates, or remove the key"
        raise ValueError(f"{shown_path(root)} is no folder; {advice}")
    texts: dict[str, str] = {}
    wrong: list[str] = []
    for name in _names(root):
        try:
            texts[name] = _text(root, name)
        except ValueError as error:
            wrong.append(f"{shown_path(root / name)}: {error}")
    if wrong := wrong or list(_faults(root, texts)):
        raise PartsError(*(Mistake((), text) for text in wrong))
    return texts


def _names(root: Path) -> list[str]:
    try:
        names = os.listdir(root)  # noqa: PTH208 - names are what is needed
    except OSError as error:
        raise ValueError(f"{shown_path(root)} cannot be read: {error.strerror}") from None
    return sorted(n for n in names if n.endswith(_ENDINGS) and not n.startswith("."))


def _text(root: Path, name: str) -> str:
    """Return the text of a file; raise `ValueError` with what is wrong with it."""
    if name not in _OURS and not name.endswith(".html"):
        hint = suggestion(name, _OURS) or f"known are {' and '.join(sorted(_OURS))}"
        raise ValueError(f"is in use by no page; {hint}")
    path = Path(os.path.realpath(root / name))
    if not path.is_relative_to(root):
        raise ValueError("is a link that leads out of the folder; put the file itself there")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > MAX_BYTES:
        raise ValueError("is larger than 1 MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text; save it as UTF-8") from None


def _faults(root: Path, texts: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with templates, each with its file and line."""
    if not (layout := {name: text for name, text in texts.items() if name.endswith(".html")}):
        return
    # Only a config with templates pays for the import.
    from feedpub.formats.rehearsal import faults

    for name, line, _, message in faults(layout):
        yield f"{shown_path(root / name)}{f':{line}' if line else ''}: {message}"
