"""The title of an item, and what stands in where it has none (section 1)."""

from __future__ import annotations

import re

from feedpub.core import links, text
from feedpub.core.fields import Fields
from feedpub.core.model import Document

_MAX_TITLE = 1_000  # graphemes
_STAND_IN = 80  # graphemes
_OPENING = 4_096  # characters of a body that are looked at

_TAG = re.compile(r"<[^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_MARKS = re.compile(r"^[ \t]*(?:[#>*+-]+|\d+\.)[ \t]+|[*`~]+", re.MULTILINE)


def title(fields: Fields, document: Document, excerpt: str, link: str, html: bool) -> str:
    """Return the title of an item in plain text, never empty if there is anything to show (C4).

    References are decoded once and `<…>` stays. Without a title the first 80 graphemes of the
    excerpt stand in, else of the body, else the host of `link`. More than 1,000 are cut.
    """
    given = fields.plain("title")
    if given:
        return _shortened(fields, given)
    if excerpt:
        return text.truncate(excerpt, _STAND_IN)
    fields.report("title-missing", "no title; the body or the address stands in")
    return text.truncate(_opening(document.body, html), _STAND_IN) or links.host(link)


def _shortened(fields: Fields, given: str) -> str:
    cut = text.truncate(given, _MAX_TITLE)
    if cut != given:
        fields.report("title-too-long", "is cut at 1,000 characters", "title")
    return cut


def _opening(body: str, html: bool) -> str:
    """Return the first paragraph that says something, without the commonest marks."""
    head = body[:_OPENING]
    bare = _TAG.sub(" ", head) if html else _MARKS.sub("", _LINK.sub(r"\1", _TAG.sub(" ", head)))
    paragraphs = (text.plain(paragraph) for paragraph in re.split(r"\n[ \t]*\n", bare))
    return next(filter(None, paragraphs), "")
