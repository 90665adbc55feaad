"""What no single key can know: roots inside each other, topics that clash or are above themselves.

They look at the values as written, so that a mistake in another key hides none of these.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from feedpub.config.mistakes import KeyPath, Mistake, dotted, shown, shown_path
from feedpub.config.schema import FORMATS_ON, Config
from feedpub.config.values import is_folder, location
from feedpub.core import topics
from feedpub.core.feeds import cycle
from feedpub.formats import FORMATS

_CONTENT: KeyPath = ("content", "root")
_OUTPUT: KeyPath = ("output", "root")
_STATE: KeyPath = ("state", "root")
_APART: tuple[tuple[KeyPath, KeyPath, str], ...] = (
    (_OUTPUT, _CONTENT, "what is written would be read as content"),
    (_CONTENT, _OUTPUT, "what is written would be read as content"),
    (_STATE, _OUTPUT, "the state would be published"),
    (("state", "ledger"), _OUTPUT, "the ledger would be published"),
    (("output", "templates"), _OUTPUT, "the templates would be published"),
)
"""What may not be inside what, and why."""


def mistakes_across(
    data: Mapping[str, object], base: Path, content_may_be_away: bool
) -> Iterator[Mistake]:
    """Yield the mistakes between the keys of `data`, a config in the folder `base`.

    That there is no folder at content.root is one of them unless `content_may_be_away`.
    """
    content = _path(data, _CONTENT, base)
    if content and not content_may_be_away and not is_folder(content):
        state = "is not a folder" if os.path.lexists(content) else "does not exist"
        advice = "create it, or name the folder that holds the items"
        yield Mistake(_CONTENT, f"{shown_path(content)} {state}; {advice}")
    yield from _nested_roots(data, base)
    yield from _clashing_files(data)
    define = _at(data, ("topics", "define"))
    labels = list(define) if isinstance(define, dict) else []
    yield from _clashing_topics(data, labels)
    defined = {topics.key(label): label for label in labels}
    aliases = [
        _Alias(where, key, label)
        for label in labels
        for where, key in _names(data, ("topics", "define", label, "aliases"))
    ]
    yield from _useless_aliases(defined, aliases)
    yield from _unclear_names(data, aliases)
    yield from _wrong_parents(data, defined, aliases)


def _at(data: object, where: KeyPath) -> Any:
    for part in where:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _path(data: Mapping[str, object], where: KeyPath, base: Path) -> Path | None:
    """Return the path at `where`, or its default; None where it is none, as its reader says."""
    value = _at(data, where)
    if value is None:
        group, key = where
        value = Config.__annotations__[str(group)]._field_defaults[key]
    try:
        return location(value, base)
    except ValueError:
        return None


def _nested_roots(data: Mapping[str, object], base: Path) -> Iterator[Mistake]:
    for inner, outer, why in _APART:
        inside, around = _path(data, inner, base), _path(data, outer, base)
        if inside is None or around is None or not inside.is_relative_to(around):
            continue
        relation, here, there = "is inside", inner, outer
        if _at(data, inner) is None:  # what the config says is at fault, not a default
            relation, here, there = "holds", outer, inner
        if inside == around:
            relation = "is the same folder as"
        if inside != around or inner != _CONTENT:  # which the row above tells
            yield Mistake(here, f"{relation} {dotted(there)}; {why}, so move one")


def _clashing_files(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield the mistake of two formats in use that have one file name, in any case."""
    where = ("feeds", "paths")
    formats, paths = _at(data, ("feeds", "formats")) or FORMATS_ON, _at(data, where)
    given = paths if isinstance(paths, dict) else {}
    used = {str(name) for name in formats} & FORMATS.keys() if isinstance(formats, tuple) else ()
    if len({str(given.get(name, FORMATS[name].file)).lower() for name in used}) < len(used):
        yield Mistake(where, "gives two formats one file name; give each its own")


def _clashing_topics(data: object, labels: list[str]) -> Iterator[Mistake]:
    """Yield definitions with the key (T1) or the address (T3) of an earlier one."""
    keys: dict[str, str] = {}
    slugs: dict[str, str] = {}
    for label in labels:
        where = ("topics", "define", label)
        slug = _at(data, (*where, "slug"))
        same = keys.setdefault(topics.key(label), label)
        taken = slugs.setdefault(slug if isinstance(slug, str) else topics.slug(label), label)
        if same != label:
            yield Mistake(where, f"is the same topic as {shown(same)}; keep one")
        elif taken != label:
            yield Mistake(where, f"has the address of {shown(taken)}; give one another slug")


def _names(data: object, where: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield the place and the key (T1) of every name in the list at `where`."""
    listed = _at(data, where)
    for place, name in enumerate(listed if isinstance(listed, tuple) else ()):
        if isinstance(name, str):
            yield (*where, place), topics.key(name)


class _Alias(NamedTuple):
    """Another name of the topic `label`: where it stands, and its key (T1)."""

    where: KeyPath
    key: str
    label: str


def _useless_aliases(defined: Mapping[str, str], aliases: list[_Alias]) -> Iterator[Mistake]:
    """Yield aliases that are not the old name of just one topic (T6)."""
    owners: dict[str, str] = {}
    for where, key, label in aliases:
        if key == topics.key(label):
            yield Mistake(where, "is the topic itself; remove it")
        elif key in defined:
            text = f"is a topic of its own, {shown(defined[key])}; remove its definition, or this"
            yield Mistake(where, text)
        elif key in owners:
            yield Mistake(where, f"is an alias of {shown(owners[key])} already; keep one")
        owners.setdefault(key, label)


def _unclear_names(data: object, aliases: list[_Alias]) -> Iterator[Mistake]:
    """Yield names in the lists of topics that are aliases, and retired topics that make no feed."""
    owners = {alias.key: alias.label for alias in aliases}
    excluded = {key for _, key in _names(data, ("topics", "except"))}
    for name in ("only", "except", "retired"):
        for where, key in _names(data, ("topics", name)):
            if key in owners:
                text = f"is an alias of {shown(owners[key])}; name that topic, or remove the alias"
                yield Mistake(where, text)
            if name == "retired" and key in excluded:
                text = "is in topics.except too, so that its feed could not say that it ends"
                yield Mistake(where, f"{text}; keep one")


def _wrong_parents(
    data: object, defined: Mapping[str, str], aliases: list[_Alias]
) -> Iterator[Mistake]:
    """Yield parents that are no topic of `topics.define`, and those of topics above themselves."""
    owners = {alias.key: topics.key(alias.label) for alias in aliases}
    parents: dict[str, str] = {}
    for key, label in defined.items():
        where = ("topics", "define", label, "parent")
        name = _at(data, where)
        if not isinstance(name, str) or not name:
            continue
        parents[key] = owners.get(topics.key(name), topics.key(name))
        if parents[key] not in defined:
            advice = "add it there: {} will do"
            yield Mistake(where, f"is {shown(name)}, which topics.define does not have; {advice}")
    for key, label in defined.items():
        if found := cycle(parents, key):
            way = " → ".join(shown(defined[one]) for one in (*found, key))
            yield Mistake(("topics", "define", label, "parent"), f"is below itself: {way}; cut it")
