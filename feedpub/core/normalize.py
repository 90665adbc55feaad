"""Document to Item: field by field, problems beside (section 0 and 1 of the semantics)."""

from __future__ import annotations

import html
from datetime import datetime
from typing import NamedTuple

from feedpub.core import links
from feedpub.core.model import (
    Document,
    Image,
    Item,
    Person,
    Problem,
    Related,
    Term,
    Value,
    Withheld,
)


class Rules(NamedTuple):
    """What the config says about reading items."""

    home: str = ""


class Normalized(NamedTuple):
    """An item, or None when the document is quarantined, and what there is to say about it."""

    item: Item | None
    problems: tuple[Problem, ...]


def normalize(document: Document, rules: Rules) -> Normalized:
    """Read the fields of `document`; pure, and never raises for any input."""
    del rules
    front = document.front
    link = links.publishable(_text(front.get("webUrl")))
    original = links.publishable(_text(front.get("originalUrl")))
    published = front.get("published", "true") == "true"
    return Normalized(
        Item(
            path=document.path,
            explicit="",
            original_key=links.canonical(original),
            web_key=links.canonical(link),
            title=html.unescape(_text(front.get("title"))),
            excerpt=html.unescape(_text(front.get("excerpt"))),
            link=link or original,
            body=document.body,
            published=_instant(front.get("publishedDateTime")),
            provider=_person(front.get("provider")),
            topics=tuple(Term(_text(t).casefold(), _text(t)) for t in _list(front.get("topics"))),
            images=tuple(
                Image(_text(i.get("url"))) for i in _list(front.get("images")) if isinstance(i, dict)
            ),
            related=tuple(
                Related(
                    n,
                    links.canonical(_text(r.get("webUrl"))),
                    _text(r.get("webUrl")),
                    html.unescape(_text(r.get("title"))),
                )
                for n, r in enumerate(_list(front.get("related")))
                if isinstance(r, dict)
            ),
            withheld=Withheld.NO if published else Withheld.UNPUBLISHED,
        ),
        (),
    )


def _text(value: Value | None) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Value | None) -> list[Value]:
    return value if isinstance(value, list) else []


def _instant(value: Value | None) -> int | None:
    return int(datetime.fromisoformat(value).timestamp()) if isinstance(value, str) else None


def _person(value: Value | None) -> Person | None:
    if not isinstance(value, dict) or not _text(value.get("name")):
        return None
    return Person(_text(value["name"]), f"https://{_text(value.get('domain'))}/")
