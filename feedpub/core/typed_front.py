"""TOML and JSON front matter, brought to the source strings that YAML gives (S4)."""

from __future__ import annotations

import re
from datetime import date, time
from json import JSONDecodeError, JSONDecoder

from feedpub.core.front_values import (
    MAX_DEPTH,
    MAX_VALUES,
    Front,
    FrontMatterError,
    is_secret,
    too_deep,
    too_many,
)
from feedpub.core.model import Value

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)\Z")
_TOML_STRING = re.compile(r"""\"(?:[^"\\]|\\.)*\"?|'[^']*'?""")
_TOML_BARE = re.compile(r"[ \t]*[\w-]*[ \t]*")
_MAX_TOML = MAX_VALUES // 4
"""TOML is read in pure Python: this many entries take about half a second."""

_KEY_LINE = re.compile(
    r"""^(?P<indent>[ \t]*) (?:\[{1,2}[ \t]*)? (?P<quote>["']?) (?P<key>[\w$@-]+) (?P=quote)
        [ \t]* [=:.\]]""",
    re.MULTILINE | re.VERBOSE,
)


def read_toml(text: str) -> Front:
    """Read TOML.

    Dates come as ISO 8601, booleans as `true` and `false`, floats as written, integers in decimal.
    Raises `FrontMatterError`, and nothing else for any text.
    """
    import tomllib  # few sites have any, and it compiles its own patterns

    _check_toml(text)
    try:
        fields = tomllib.loads(_UNPRINTABLE.sub("", text), parse_float=str)
        return Front(_sourced(fields), _lines(text, fields), [])
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        line = int(found[1]) - 1 if found else None
        missing = "something is never closed" if line is None else "or a key is given twice"
        message = f"not valid TOML: check quotes and brackets; {missing}"
        raise FrontMatterError("front-matter-invalid", message, line) from None
    except RecursionError:
        raise too_deep() from None
    except (ValueError, OverflowError):
        raise FrontMatterError("front-matter-invalid", "not valid TOML: a number") from None


def read_json(text: str) -> tuple[Front, int]:
    """Read the JSON object that `text` begins with; return it and the index of its end.

    Numbers come as written, booleans as `true` and `false`, null as the empty string. Raises
    `FrontMatterError`, and nothing else for any text.
    """
    repeated: list[int | None] = []

    def fields_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
        fields = dict(pairs)
        repeated.extend([None] * (len(pairs) - len(fields)))
        return fields

    decoder = JSONDecoder(
        object_pairs_hook=fields_of,
        parse_float=str,
        parse_int=str,
        parse_constant=str,
        strict=False,
    )
    try:
        fields, end = decoder.raw_decode(text)
    except JSONDecodeError as error:
        message = "not valid JSON: check quotes, commas and brackets"
        raise FrontMatterError("front-matter-invalid", message, error.lineno - 1) from None
    except RecursionError:
        raise too_deep() from None
    return Front(_sourced(fields), _lines(text[:end], fields), repeated), end


def _sourced(fields: dict[str, object], depth: int = 1) -> dict[str, Value]:
    """Return a map with every scalar as text, without secrets (S1)."""
    if depth > MAX_DEPTH:
        raise too_deep()
    return {key: _text(value, depth) for key, value in fields.items() if not is_secret(key)}


def _text(value: object, depth: int) -> Value:
    if isinstance(value, dict):
        return _sourced(value, depth + 1)
    if isinstance(value, list):
        if depth >= MAX_DEPTH:
            raise too_deep()
        return [_text(child, depth + 1) for child in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (date, time)):
        return value.isoformat()
    return "" if value is None else str(value)


def _lines(text: str, fields: dict[str, object]) -> dict[str, int]:
    """Return the likely line of each top-level key: where it is indented least, then first."""
    lines: dict[str, int] = {}
    indents: dict[str, int] = {}
    line = at = 0
    for found in _KEY_LINE.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        key, indent = found["key"], len(found["indent"])
        if key in fields and not is_secret(key) and indent < indents.get(key, indent + 1):
            lines[key], indents[key] = line, indent
    return lines


def _check_toml(text: str) -> None:
    """Raise for what `tomllib`, which is pure Python and quadratic in dots, is too slow for."""
    entries = text.count("=") + text.count(",")
    for number, line in enumerate(text.split("\n")):
        parts = _longest_key(line) if line.count(".") > 2 else 0
        if parts > MAX_DEPTH:
            raise too_deep(number)
        entries += parts
    if entries > _MAX_TOML:
        raise too_many(_MAX_TOML)


def _longest_key(line: str) -> int:
    """Return how many parts of a dotted key follow one another in a line, at most."""
    longest = run = 0
    for part in _TOML_STRING.sub("", line).split("."):
        run = run + 1 if _TOML_BARE.fullmatch(part) else 0
        longest = max(longest, run)
    return longest
