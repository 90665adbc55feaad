"""Typed readers of single front matter values: each returns a neutral value for a wrong one (S4)."""

from __future__ import annotations

import re

from feedpub.core import text
from feedpub.core.model import Value

_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,9})(?:\.[0-9]*)?\s*").fullmatch
_PIXELS = re.compile(r"\s*0*([1-9][0-9]{0,5})\s*").fullmatch
_BYTES = re.compile(r"\s*0*([1-9][0-9]{0,15})\s*").fullmatch
_MEDIA_TYPE = re.compile(
    r"\s*([a-z]+/[a-z0-9][a-z0-9!#$&^_.+-]{0,126})\s*", re.ASCII | re.I
).fullmatch
LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[0-9a-wyz](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
    re.ASCII,
)
"""A well-formed language tag, in lower case (RFC 5646 §2.1)."""

_CASES = {2: str.upper, 4: str.capitalize}
_MAX_LANGUAGE = 64
_MAX_TOKEN = 64


def string(value: Value | None) -> str:
    """Return a scalar as it is written; '' for a list, a map or nothing."""
    return value if isinstance(value, str) else ""


def plain(value: Value | None) -> str:
    """Return a scalar as plain text (C4); '' for a list, a map or nothing."""
    return text.plain(value) if isinstance(value, str) else ""


def mapping(value: Value | None) -> dict[str, Value]:
    """Return a map as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Value | None) -> list[Value]:
    """Return a list as it is, one value as a list of it, and nothing as an empty one."""
    if isinstance(value, list):
        return value
    return [value] if value else []


def first(values: dict[str, Value], *keys: str) -> Value:
    """Return the first of `keys` that is not empty in `values`; '' without any."""
    for key in keys:
        if value := values.get(key):
            return value
    return ""


def integer(value: Value | None) -> int | None:
    """Return a whole number of at most nine digits, cut at a decimal point; None for all else."""
    match = _INTEGER(string(value))
    return int(match[1]) if match else None


def pixels(value: Value | None) -> int:
    """Return a positive width or height, or 0 (M3)."""
    match = _PIXELS(string(value))
    return int(match[1]) if match else 0


def octets(value: Value | None) -> int:
    """Return a positive length in bytes, or 0."""
    match = _BYTES(string(value))
    return int(match[1]) if match else 0


def media_type(value: Value | None) -> str:
    """Return a media type without parameters in lower case, or '' (RFC 6838 §4.2, M2)."""
    match = _MEDIA_TYPE(string(value))
    return match[1].lower() if match else ""


def token(value: Value | None) -> str:
    """Return a short word such as `article`; '' for what is longer than 64 characters."""
    word = plain(value)
    return word if len(word) <= _MAX_TOKEN else ""


def language(value: Value | None) -> str:
    """Return a well-formed language tag in the case of RFC 5646 §2.1.1, or ''.

    `_` counts as `-`, and the charset of a POSIX locale does not count: `en_us.UTF-8` is `en-US`.
    """
    written = string(value).strip()
    if len(written) > _MAX_LANGUAGE:
        return ""
    tag = re.split("[.@]", written)[0].replace("_", "-").lower()
    return _cased(tag) if LANGUAGE.fullmatch(tag) else ""


def _cased(tag: str) -> str:
    """Return a lower-case tag with its script as `Hans`, its region as `CN`, up to a singleton."""
    language, *parts = tag.split("-")
    plain_from = next((n for n, part in enumerate(parts) if len(part) == 1), len(parts))
    cased = [_CASES.get(len(part), str.lower)(part) for part in parts[:plain_from]]
    return "-".join([language, *cased, *parts[plain_from:]])
