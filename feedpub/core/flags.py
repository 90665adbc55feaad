"""Whether an item's own flags keep it from being out (S3)."""

from __future__ import annotations

from feedpub.core.fields import Fields
from feedpub.core.model import Value, Withheld

_OFF = frozenset({"", "false", "no", "off", "0", "null", "~"})
_ON = frozenset({"true", "yes", "on", "1"})
_NOT_OUT = frozenset(
    {"draft", "private", "hidden", "skip", "pending", "unpublished", "trash", "removed", "deleted"}
)


def is_set(value: Value) -> bool:
    """Tell whether a flag that withholds is set: by all but null, false, no, off, 0 and empty."""
    return value.strip().lower() not in _OFF if isinstance(value, str) else bool(value)


def is_true(value: Value) -> bool:
    """Tell whether a value says yes, in any of YAML's spellings."""
    return isinstance(value, str) and value.strip().lower() in _ON


def withheld(fields: Fields) -> Withheld:
    """Return whether, and how, the flags withhold the item; every key of a flag counts (S3).

    A `published` that says neither yes nor no withholds, and is reported.
    """
    if _any_set(fields, "removed") or _any_set(fields, "deleted"):
        return Withheld.REMOVED
    if _any_set(fields, "draft") or not _is_published(fields) or _has_status(fields):
        return Withheld.UNPUBLISHED
    return Withheld.NO


def _any_set(fields: Fields, name: str) -> bool:
    return any(is_set(found.value) for found in fields.each(name))


def _is_published(fields: Fields) -> bool:
    given = [found.value for found in fields.each("published")]
    if not given:
        return fields.rules.published_default
    if any(is_set(value) and not is_true(value) for value in given):
        message = "is neither true nor false; the item is not published"
        fields.report("field-invalid", message, "published")
    return all(map(is_true, given))


def _has_status(fields: Fields) -> bool:
    """Tell whether a word like Pelican's `status: draft` withholds; other words mean nothing."""
    words = (found.value for found in fields.each("status"))
    return any(isinstance(word, str) and word.strip().lower() in _NOT_OUT for word in words)
