"""The title of an item, and what stands in where it has none (section 1)."""

from __future__ import annotations

from feedpub.core import text, urls
from feedpub.core.fields import Fields
from feedpub.core.opening import heading

_MAX_TITLE = 1_000  # graphemes
_STAND_IN = 80  # graphemes


def title(fields: Fields, excerpt: str, markdown: str, begins: str, link: str) -> str:
    """Return the title of an item in plain text, never empty if there is anything to show (C4).

    References are decoded once and `<…>` stays. More than 1,000 graphemes are cut. Without a title
    the first 80 graphemes of the excerpt stand in, else a heading that the `markdown` body begins
    with (the title of a Docusaurus page), else how the body `begins`, else the host of `link`.
    """
    if given := fields.plain("title"):
        return _shortened(fields, given)
    if excerpt:
        return text.truncate(excerpt, _STAND_IN)
    if found := heading(markdown):
        return _shortened(fields, found)
    fields.report("title-missing", "no title; the body or the address stands in")
    return text.truncate(begins, _STAND_IN) or urls.host(link)


def _shortened(fields: Fields, given: str) -> str:
    cut = text.truncate(given, _MAX_TITLE)
    if cut != given:
        fields.report("title-too-long", "is cut at 1,000 characters", "title")
    return cut
