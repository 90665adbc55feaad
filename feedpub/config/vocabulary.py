"""The keys that a config may have, and what one that it may not have was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from feedpub.config.keys import Group
from feedpub.config.model import Config
from feedpub.config.source import KeyPath, Mistake
from feedpub.config.words import suggestion

LABEL = "LABEL"
"""Stands for any label of `topics.define` in the paths of `known_keys`."""


@cache
def known_keys() -> tuple[str, ...]:
    """Return every key by its dotted path."""
    return tuple(_keys(Config, ""))


def _keys(group: type[Group], prefix: str) -> Iterator[str]:
    for name, key in group.keys.items():
        path = prefix + name
        yield path
        if key.group:
            yield from _keys(key.group, f"{path}.{LABEL}." if key.labelled else f"{path}.")


def unknown_keys(
    data: object, group: type[Group] = Config, where: KeyPath = ()
) -> Iterator[Mistake]:
    """Yield a mistake for each key of `data`, a value as written, that `group` does not know."""
    if not isinstance(data, dict):
        return
    for name, value in data.items():
        here, key = (*where, name), group.keys.get(name)
        if key is None:
            yield Mistake(here, f"unknown key; {_advice(name, group)}")
        elif key.group and key.labelled and isinstance(value, dict):
            for label, inner in value.items():
                yield from unknown_keys(inner, key.group, (*here, label))
        elif key.group:
            yield from unknown_keys(value, key.group, here)


def _advice(name: str, group: type[Group]) -> str:
    hint = _elsewhere(name) or suggestion(name, group.keys)
    return hint or "known here are " + ", ".join(group.keys)


def _elsewhere(key: str) -> str:
    """Return in which group `key` is known, written by its name or by its whole path."""
    found = [path for path in known_keys() if key in {path, path.rpartition(".")[2]}]
    group, _, name = found[0].rpartition(".") if found else ("", "", "")
    return f"did you mean {name} in the group {group}?" if group else ""
