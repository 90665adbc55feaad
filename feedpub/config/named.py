"""How the rule of a named feed is read: its clauses, its marks, and names in lists by hand (N1)."""

from __future__ import annotations

from collections.abc import Mapping

from feedpub.config import readers, values
from feedpub.config.readers import Reader, Written, listing, mapping, not_empty, number
from feedpub.config.source import Node, shown, suggestion
from feedpub.core.clauses import SCORES, Clause, Clauses, Part, words
from feedpub.core.feeds import BY

DEEPEST = 4
"""How many lists of clauses may be inside each other."""

LISTS = Clauses._fields
_KINDS = (*BY, "title", *SCORES, *LISTS)
_SCORE = number(-(10**9), 10**9)

name: Reader[Written] = readers.placed(readers.text(values.name))
"""Read a name, with its node."""

marks = mapping(readers.choice(*SCORES), _SCORE)
"""Read marks by score."""


def read_clause(node: Node) -> Part:
    """Read a clause: a map with one key, whose names are as written."""
    parts = node.parts
    if len(parts) != 1:
        several = f"has {len(parts)} keys; write each as" if parts else "is no clause; write"
        raise ValueError(f"{several} a clause of its own, such as [topic: AI, heat: 50]")
    [(kind, part)] = parts.items()
    if kind not in _KINDS:
        hint = suggestion(kind, _KINDS) or f"known are {', '.join(_KINDS)}"
        raise ValueError(f"{shown(kind)} is no clause; {hint}")
    if kind in LISTS:
        if sum(isinstance(step, int) for step in node.where) >= DEEPEST:
            raise ValueError(f"is nested deeper than {DEEPEST} lists of clauses; write it flatter")
        return Clauses()._replace(**{kind: part.read(clauses) or ()})
    if kind in SCORES:
        return Clause(kind, least=part.read(_SCORE) or 0)
    reader = _title if kind == "title" else name
    listed = part if isinstance(part.value, list) else part._replace(value=[part])
    return Clause(kind, listed.read(listing(reader, not_empty)) or ())


clauses = listing(read_clause, not_empty)
"""Read a list of clauses."""


def _title(node: Node) -> Written:
    found = name(node)
    if not words(found).strip():
        raise ValueError("has no word that a title could have; write one")
    return found


def read_leave(node: Node) -> Mapping[str, int]:
    """Read the marks by which a story leaves: one for all scores, or by score."""
    if isinstance(node.value, dict):
        return marks(node)
    return dict.fromkeys(SCORES, _SCORE(node))
