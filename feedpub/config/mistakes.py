"""What pydantic found, in the words of an operator."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from feedpub.config.model import LABEL, known_keys
from feedpub.config.source import KeyPath, Mistake
from feedpub.config.words import shown, suggestion


def mistakes_in(error: ValidationError) -> list[Mistake]:
    """Return a `Mistake` for each error but those of defaults that need another, wrong key."""
    return [
        _mistake(detail)
        for detail in error.errors(include_url=False)
        if detail["type"] != "default_factory_not_called"
    ]


def _mistake(detail: ErrorDetails) -> Mistake:
    where = tuple(part for part in detail["loc"] if part != "[key]")
    tell = _TOLD.get(detail["type"])
    return Mistake(where, tell(where, detail) if tell else detail["msg"])


def _own_words(_: KeyPath, detail: ErrorDetails) -> str:
    return str(detail["ctx"]["error"])


def _missing(where: KeyPath, _: ErrorDetails) -> str:
    return f"is missing; give {known_keys()[_schema_path(where)]}"


def _unknown(where: KeyPath, _: ErrorDetails) -> str:
    key, group = str(where[-1]), _schema_path(where[:-1])
    paths = [path.rpartition(".") for path in known_keys()]
    siblings = [name for parent, _, name in paths if parent == group]
    hint = _elsewhere(key) or suggestion(key, siblings)
    return f"unknown key; {hint or 'known here are ' + ', '.join(siblings)}"


def _elsewhere(key: str) -> str:
    """Return in which group `key` is known, written by its name or by its whole path."""
    found = [path for path in known_keys() if key in {path, path.rpartition(".")[2]}]
    group, _, name = found[0].rpartition(".") if found else ("", "", "")
    return f"did you mean {name} in the group {group}?" if group else ""


def _choice(_: KeyPath, detail: ErrorDetails) -> str:
    choices = re.findall(r"'([^']+)'", detail["ctx"]["expected"])
    given = detail["input"]
    hint = suggestion(given, choices) if isinstance(given, str) else ""
    return f"is not one of {', '.join(choices)}; {hint or 'write one of these'}"


def _too_small(_: KeyPath, detail: ErrorDetails) -> str:
    return f"is too small; write {detail['ctx']['ge']:,} or more"


def _too_large(_: KeyPath, detail: ErrorDetails) -> str:
    return f"is too large; write {detail['ctx']['le']:,} or less"


def _must_be(what: str) -> Callable[[KeyPath, ErrorDetails], str]:
    return lambda _, detail: f"is {_kind(detail['input'])}; write {what}"


def _kind(value: object) -> str:
    names = {dict: "a map", tuple: "a list", type(None): "empty"}
    return names.get(type(value)) or shown(str(value))


def _schema_path(where: KeyPath) -> str:
    """Return the key of `known_keys` for a place: list places left out, labels as LABEL."""
    names: list[str] = []
    for part in where:
        if isinstance(part, str):
            labelled = names[-2:] == ["topics", "define"] and len(names) == 2
            names.append(LABEL if labelled else part)
    return ".".join(names)


_TOLD: dict[str, Callable[[KeyPath, ErrorDetails], str]] = {
    "value_error": _own_words,
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _choice,
    "greater_than_equal": _too_small,
    "less_than_equal": _too_large,
    "string_type": _must_be("text"),
    "string_unicode": lambda *_: "has a broken character; write it again",
    "int_type": _must_be("a whole number, without quotes"),
    "bool_type": _must_be("true or false, without quotes"),
    "is_instance_of": _must_be("a path"),
    "tuple_type": _must_be("a list, such as [one, two]"),
    "dict_type": _must_be("a map of keys and values"),
    "model_type": _must_be("a map of keys and values"),
}
