"""What no single key can know: roots inside each other, topics that clash or are above themselves.

They look at the values as written, so that a mistake in another key hides none of these.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from feedpub.config.mistakes import KeyPath, Mistake, dotted, shown, shown_path
from feedpub.config.schema import FORMATS_ON, ContentConfig, OutputConfig, StateConfig
from feedpub.config.values import is_folder, location
from feedpub.core import topics
from feedpub.core.feeds import cycle
from feedpub.formats import FORMATS

CONTENT: KeyPath = ("content", "root")
OUTPUT: KeyPath = ("output", "root")
STATE: KeyPath = ("state", "root")
LEDGER: KeyPath = ("state", "ledger")
TEMPLATES: KeyPath = ("output", "templates")
FILES: KeyPath = ("feeds", "paths")

_DEFAULTS = {
    CONTENT: ContentConfig._field_defaults["root"],
    OUTPUT: OutputConfig._field_defaults["root"],
    STATE: StateConfig._field_defaults["root"],
}
_APART = (
    (OUTPUT, CONTENT, "what is written would be read as content"),
    (CONTENT, OUTPUT, "what is written would be read as content"),
    (STATE, OUTPUT, "the state would be published"),
    (LEDGER, OUTPUT, "the ledger would be published"),
    (TEMPLATES, OUTPUT, "the templates would be published"),
)


def mistakes_across(data: Mapping[str, object], base: Path) -> Iterator[Mistake]:
    """Yield the mistakes between the keys of `data`, a config in the folder `base`."""
    yield from _nested_roots(data, base)
    yield from _clashing_files(data)
    define = _at(data, ("topics", "define"))
    labels = list(define) if isinstance(define, dict) else []
    yield from _clashing_topics(data, labels)
    yield from _useless_aliases(data, labels)
    yield from _unclear_names(data, labels)
    yield from _wrong_parents(data, labels)


def _clashing_files(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield the mistake of two formats in use that have one file name, in any case."""
    formats, paths = _at(data, ("feeds", "formats")) or FORMATS_ON, _at(data, FILES)
    given = paths if isinstance(paths, dict) else {}
    used = {str(name) for name in formats} & FORMATS.keys() if isinstance(formats, tuple) else ()
    if len({str(given.get(name, FORMATS[name].file)).lower() for name in used}) < len(used):
        yield Mistake(FILES, "gives two formats one file name; give each its own")


def missing_content(data: Mapping[str, object], base: Path) -> Iterator[Mistake]:
    """Yield the mistake of a content.root where there is no folder, if it is one."""
    path = _path(data, CONTENT, base)
    if path is not None and not is_folder(path):  # where it is None, its reader says what is wrong
        state = "is not a folder" if os.path.lexists(path) else "does not exist"
        advice = "create it, or name the folder that holds the items"
        yield Mistake(CONTENT, f"{shown_path(path)} {state}; {advice}")


def _at(data: object, where: KeyPath) -> Any:
    for part in where:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _path(data: Mapping[str, object], key: KeyPath, base: Path) -> Path | None:
    value = _at(data, key)
    try:
        return location(_DEFAULTS.get(key) if value is None else value, base)
    except ValueError:
        return None


def _nested_roots(data: Mapping[str, object], base: Path) -> Iterator[Mistake]:
    paths = {key: _path(data, key, base) for key in (CONTENT, OUTPUT, STATE, LEDGER, TEMPLATES)}
    for inner, outer, why in _APART:
        inside, around = paths[inner], paths[outer]
        if inside is None or around is None or not inside.is_relative_to(around):
            continue
        if (inner, outer) == (CONTENT, OUTPUT) and inside == around:
            continue  # told by the row above
        relation = "is inside"
        here, there = inner, outer
        if _at(data, inner) is None:  # what the config says is at fault, not a default
            relation, here, there = "holds", outer, inner
        if inside == around:
            relation = "is the same folder as"
        yield Mistake(here, f"{relation} {dotted(there)}; {why}, so move one")


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


def _aliases(data: object, labels: list[str]) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield the place and the key of every alias, and the label of its topic."""
    for label in labels:
        for where, key in _names(data, ("topics", "define", label, "aliases")):
            yield where, key, label


def _useless_aliases(data: object, labels: list[str]) -> Iterator[Mistake]:
    """Yield aliases that are not the old name of just one topic (T6)."""
    defined = {topics.key(label): label for label in labels}
    owners: dict[str, str] = {}
    for where, key, label in _aliases(data, labels):
        if key == topics.key(label):
            yield Mistake(where, "is the topic itself; remove it")
        elif key in defined:
            text = f"is a topic of its own, {shown(defined[key])}; remove its definition, or this"
            yield Mistake(where, text)
        elif key in owners:
            yield Mistake(where, f"is an alias of {shown(owners[key])} already; keep one")
        owners.setdefault(key, label)


def _unclear_names(data: object, labels: list[str]) -> Iterator[Mistake]:
    """Yield names in the lists of topics that are aliases, and retired topics that make no feed."""
    owners = {key: label for _, key, label in _aliases(data, labels)}
    for name in ("only", "except", "retired"):
        for where, key in _names(data, ("topics", name)):
            if key in owners:
                text = f"is an alias of {shown(owners[key])}; name that topic, or remove the alias"
                yield Mistake(where, text)
    excluded = {key for _, key in _names(data, ("topics", "except"))}
    for where, key in _names(data, ("topics", "retired")):
        if key in excluded:
            text = "is in topics.except too, so that its feed could not say that it ends; keep one"
            yield Mistake(where, text)


def _wrong_parents(data: object, labels: list[str]) -> Iterator[Mistake]:
    """Yield parents that are no topic of `topics.define`, and those of topics above themselves."""
    defined = {topics.key(label): label for label in labels}
    owners = {key: topics.key(label) for _, key, label in _aliases(data, labels)}
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
