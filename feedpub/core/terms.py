"""The topics and the category of an item: the names that make feeds (T1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from feedpub.core import text, topics
from feedpub.core.fields import Fields
from feedpub.core.model import Term, Value
from feedpub.core.values import first, mapping, sequence, string

_MAX_TOPICS = 50
_MAX_NAME = 1_000  # characters
_OFTEN = 200  # characters; longer names are not worth remembering


def of_item(fields: Fields) -> tuple[Term, ...]:
    """Return the topics of an item in the order of the source, each key once, at most 50 (S4).

    A list of names, a list of maps with a label, or one text with commas between the names.
    """
    value = fields.get("topics")
    if not value:
        return ()
    names = value.split(",") if isinstance(value, str) else map(_name, sequence(value))
    found: dict[str, Term] = {}
    for term in _terms(fields, "topics", names):
        if len(found) == _MAX_TOPICS and term.key not in found:
            fields.report("topics-too-many", "holds over 50 topics; the rest is ignored", "topics")
            break
        found.setdefault(term.key, term)
    return tuple(found.values())


def category(fields: Fields) -> Term | None:
    """Return the one section that an item is in, the first of a list, or None."""
    names = map(_name, sequence(fields.get("category")))
    return next(_terms(fields, "category", names), None)


def _name(value: Value) -> str:
    return string(value) or string(first(mapping(value), "label", "name", "title"))


def _terms(fields: Fields, field: str, names: Iterable[str]) -> Iterator[Term]:
    for name in names:
        if len(name) > _MAX_NAME:
            fields.invalid(field, "holds a name of over 1,000 characters")
        elif term := _term(name) if len(name) <= _OFTEN else _read(name):
            yield term


def _read(name: str) -> Term | None:
    label = topics.label(text.plain(name))
    key = topics.key(label)
    return Term(key, label) if key else None


_term = lru_cache(maxsize=4096)(_read)
