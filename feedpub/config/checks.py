"""What no single key can know: roots inside each other, topics that clash, ids without a domain.

They look at the values as written, so that a mistake in another key hides none of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from feedpub.config import addresses
from feedpub.config.model import Content, Output, State
from feedpub.config.paths import check_is_there, location
from feedpub.config.source import KeyPath, Mistake
from feedpub.config.words import dotted, shown
from feedpub.core import topics
from feedpub.core.lineage import cycle

CONTENT: KeyPath = ("content", "root")
OUTPUT: KeyPath = ("output", "root")
STATE: KeyPath = ("state", "root")
LEDGER: KeyPath = ("state", "ledger")
TEMPLATES: KeyPath = ("output", "templates")

_DEFAULTS: dict[KeyPath, Any] = {
    CONTENT: Content.root.written,
    OUTPUT: Output.root.written,
    STATE: State.root.written,
}
_APART = (
    (OUTPUT, CONTENT, "what is written would be read as content"),
    (CONTENT, OUTPUT, "what is written would be read as content"),
    (STATE, OUTPUT, "the state would be published"),
    (LEDGER, OUTPUT, "the ledger would be published"),
    (TEMPLATES, OUTPUT, "the templates would be published"),
)


def mistakes_across(data: Mapping[str, object], base: Path) -> list[Mistake]:
    """Return the mistakes between the keys of `data`, a config in the folder `base`."""
    return [
        *_nested_roots(data, base),
        *_missing_authority(data),
        *_clashing_topics(data),
        *_useless_aliases(data),
        *_unclear_names(data),
        *_wrong_parents(data),
    ]


def missing_content(data: Mapping[str, object], base: Path) -> list[Mistake]:
    """Return the mistake of a content.root where there is no folder, if it is one."""
    path = _path(data, CONTENT, base)
    try:
        if path is not None:  # else its own reader says what is wrong
            check_is_there(path)
    except ValueError as error:
        return [Mistake(CONTENT, str(error))]
    return []


def _nested_roots(data: Mapping[str, object], base: Path) -> Iterator[Mistake]:
    paths = {key: _path(data, key, base) for key in (CONTENT, OUTPUT, STATE, LEDGER, TEMPLATES)}
    for inner, outer, why in _APART:
        inside, around = paths[inner], paths[outer]
        if inside is None or around is None or not inside.is_relative_to(around):
            continue
        if (inner, outer) == (CONTENT, OUTPUT) and inside == around:
            continue  # told by the row above
        here, there = (inner, outer) if _at(data, inner) is not None else (outer, inner)
        yield Mistake(here, f"{_relation(paths, here, there)} {dotted(there)}; {why}, so move one")


def _relation(paths: Mapping[KeyPath, Path | None], here: KeyPath, there: KeyPath) -> str:
    mine, other = paths[here], paths[there]
    if mine == other:
        return "is the same folder as"
    return "is inside" if mine and other and mine.is_relative_to(other) else "holds"


def _path(data: Mapping[str, object], key: KeyPath, base: Path) -> Path | None:
    value = _at(data, key)
    try:
        return location(_DEFAULTS.get(key) if value is None else value, base)
    except ValueError:
        return None


def _at(data: object, where: KeyPath) -> Any:
    for part in where:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _missing_authority(data: Mapping[str, object]) -> Iterator[Mistake]:
    url = _at(data, ("site", "url"))
    if not isinstance(url, str) or _at(data, ("site", "id_domain")) is not None:
        return
    try:
        host = addresses.host(url)
    except ValueError:
        return
    try:
        addresses.authority(host)
    except ValueError as error:
        yield Mistake(("site", "id_domain"), f"is missing; {error}")


def _clashing_topics(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield definitions with the key (T1) or the address (T3) of an earlier one."""
    keys: dict[str, str] = {}
    slugs: dict[str, str] = {}
    for label, topic in _definitions(data).items():
        where = ("topics", "define", label)
        slug = _at(topic, ("slug",))
        same = keys.setdefault(topics.key(label), label)
        taken = slugs.setdefault(slug if isinstance(slug, str) else topics.slug(label), label)
        if same != label:
            yield Mistake(where, f"is the same topic as {shown(same)}; keep one")
        elif taken != label:
            yield Mistake(where, f"has the address of {shown(taken)}; give one another slug")


def _definitions(data: Mapping[str, object]) -> dict[str, object]:
    defined = _at(data, ("topics", "define"))
    return defined if isinstance(defined, dict) else {}


def _names(data: object, where: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield the place and the key (T1) of every name in the list at `where`."""
    listed = _at(data, where)
    for place, name in enumerate(listed if isinstance(listed, tuple) else ()):
        if isinstance(name, str):
            yield (*where, place), topics.key(name)


def _aliases(data: Mapping[str, object]) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield the place and the key of every alias, and the label of its topic."""
    for label in _definitions(data):
        for where, key in _names(data, ("topics", "define", label, "aliases")):
            yield where, key, label


def _useless_aliases(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield aliases that are not the old name of just one topic (T6)."""
    labels = {topics.key(label): label for label in _definitions(data)}
    owners: dict[str, str] = {}
    for where, key, label in _aliases(data):
        if key == topics.key(label):
            yield Mistake(where, "is the topic itself; remove it")
        elif key in labels:
            text = f"is a topic of its own, {shown(labels[key])}; remove its definition, or this"
            yield Mistake(where, text)
        elif key in owners:
            yield Mistake(where, f"is an alias of {shown(owners[key])} already; keep one")
        owners.setdefault(key, label)


def _unclear_names(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield names in the lists of topics that are aliases, and retired topics that make no feed."""
    owners = {key: label for _, key, label in _aliases(data)}
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


def _wrong_parents(data: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield parents that are no topic of `topics.define`, and those of topics above themselves."""
    labels = {topics.key(label): label for label in _definitions(data)}
    owners = {key: topics.key(label) for _, key, label in _aliases(data)}
    parents: dict[str, str] = {}
    for key, label in labels.items():
        name = _at(data, ("topics", "define", label, "parent"))
        if not isinstance(name, str) or not name:
            continue
        named = topics.key(name)
        parents[key] = owners.get(named, named)
        if parents[key] not in labels:
            text = (
                f"is {shown(name)}, which topics.define does not have; add it there: {{}} will do"
            )
            yield Mistake(("topics", "define", label, "parent"), text)
    for key, label in labels.items():
        if found := cycle(parents, key):
            way = " → ".join(shown(labels[one]) for one in (*found, key))
            yield Mistake(("topics", "define", label, "parent"), f"is below itself: {way}; cut it")
