"""The config as a JSON Schema, by which editors complete and check it: made of the readers.

It refuses nothing that they take; what it cannot say, `feedpub check` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from feedpub.config import readers, schema
from feedpub.config.readers import Key


def json_schema(read: Any) -> dict[str, Any]:
    """Return the schema (draft 7) of what a reader takes."""
    match read:
        case readers.Group(label=label, keys=keys):
            return _map(_or_empty(_of_keys(keys))) if label else _of_keys(keys)
        case readers.flag:
            return {"type": ["boolean", "string"], "pattern": "^[OoYyNn][A-Za-z]{1,2}$"}  # or yes
        case partial(func=readers.read_choice, args=(names,)):
            return {"type": ["string"], "enum": [*names, None]}
        case partial(func=readers.read_number, args=(least, most)):  # 1_000 is a text in YAML 1.2
            bounds = {"minimum": least, "maximum": most}
            return {"type": ["integer", "string"], "pattern": "^[0-9]+_", **bounds}
        case partial(func=readers.read_list, args=(item, checks)):
            least = int(readers.not_empty in checks)
            return {"type": ["array"], "items": json_schema(item), "minItems": least}
        case partial(func=readers.read_map, args=(_, item)):
            return _map(json_schema(item))
    if read.__module__ == schema.__name__:
        return _map({})
    return {"type": ["string", "number", "boolean"]}  # `title: 2024` is a text


def _map(values: object) -> dict[str, Any]:
    return {"type": ["object"], "additionalProperties": values}


def _or_empty(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "type": [*found["type"], "null"]}


def _of_keys(keys: Mapping[str, Key]) -> dict[str, Any]:
    """Return the schema of a map of keys; what is left empty there has its default."""
    found, needed = {}, []
    for name, key in keys.items():
        found[name] = json_schema(key.read)
        if isinstance(key.origin, str) or (key.default == {} and found[name].get("required")):
            needed.append(name)
        else:
            found[name] = _or_empty(found[name])
    return {**_map(False), "properties": found, "required": needed}
