"""Document to Item: every field clean, typed and independent of all other files (section 0 to 2).

`feedpub.core.fields` says which keys hold a field; one module for each kind of field reads it.
"""

from __future__ import annotations

from typing import NamedTuple

from feedpub.core import flags, markup, media, people, terms, text, urls, values
from feedpub.core.dates import Instant, parse_instant
from feedpub.core.fields import DEFAULT_FIELDS, Fields, Rules
from feedpub.core.model import Document, Item, Problem, Severity, Withheld
from feedpub.core.opening import opening
from feedpub.core.related import related
from feedpub.core.templating import literal
from feedpub.core.titles import title

__all__ = ["DEFAULT_FIELDS", "Normalized", "Rules", "normalize"]

_MAX_ID = 2_000  # characters
# What Eleventy replaces by dates of its own, which only a clock or a repository knows.
_NO_DATES = frozenset({"created", "last modified", "git created", "git last modified"})


class _Texts(NamedTuple):
    title: str
    excerpt: str
    body: str


class Normalized(NamedTuple):
    """An item, or None when the document is quarantined, and what there is to say about it."""

    item: Item | None
    problems: tuple[Problem, ...]


def normalize(document: Document, rules: Rules) -> Normalized:
    """Read the fields of `document`; pure, and never raises for any front matter or body.

    A problem of severity error quarantines: no address, an impossible date (D6). An item that its
    flags withhold (S3) is always returned, and what it lacks is not reported: it may be a draft.
    The problems of `document` itself are not repeated.
    """
    fields = Fields(document, rules)
    withheld = flags.withheld(fields)
    flag_problems = len(fields.problems)
    item = _item(document, fields, withheld)
    fields.report_unknown()
    if withheld:
        return Normalized(item, tuple(fields.problems[:flag_problems]))
    broken = any(one.severity is Severity.ERROR for one in fields.problems)
    return Normalized(None if broken else item, tuple(fields.problems))


def _item(document: Document, fields: Fields, withheld: Withheld) -> Item:
    published = _published(fields)
    web, original = urls.of_field(fields, "webUrl"), urls.of_field(fields, "originalUrl")
    link = web or original or _made_link(fields, published)
    html = document.path.lower().endswith((".html", ".htm"))
    texts = _texts(fields, document.body, link, html)
    return Item(
        path=document.path,
        explicit=_explicit(fields),
        original_key=urls.identity(original) if original else "",
        web_key=urls.identity(web) if web else "",
        title=texts.title,
        excerpt=texts.excerpt,
        link=link,
        original_url=original,
        body=texts.body,
        body_html=html,
        published=published.seconds if published else None,
        updated=_updated(fields),
        type=_token(fields, "type"),
        quality=_integer(fields, "quality"),
        heat=_integer(fields, "heat"),
        category=terms.category(fields),
        topics=terms.of_item(fields),
        provider=people.provider(fields),
        authors=people.authors(fields),
        images=media.images(fields, link),
        enclosure=media.enclosure(fields, link),
        related=related(fields, link, original),
        language=_language(fields),
        withheld=withheld,
    )


def _made_link(fields: Fields, published: Instant | None) -> str:
    link = urls.from_template(fields, published)
    dateless = any(one.code == "date-impossible" for one in fields.problems)
    if not link and not dateless:  # a template may wait for the date, which is reported
        templated = "content.link_template makes none of it"
        hint = (
            templated if fields.rules.link_template else "give webUrl or set content.link_template"
        )
        fields.report("link-missing", f"no web address; {hint}")
    return link


def _explicit(fields: Fields) -> str:
    """Return the identity that the author gave, verbatim but for what XML forbids (I1)."""
    given = text.clean(values.string(fields.get("id"))).strip()
    if len(given) <= _MAX_ID:
        return given
    fields.invalid("id", "is longer than 2,000 characters")
    return ""


def _published(fields: Fields) -> Instant | None:
    """Return the date given, else that of the file name, else None (D6)."""
    if _is_date_given(fields, "publishedDateTime"):
        found = _instant(fields, "publishedDateTime")
        if found is None:
            fault = "is no date after 1970-01-01 that exists; write it as 2023-11-08T20:23:00Z"
            fields.report("date-impossible", fault, "publishedDateTime")
        return found
    try:
        return parse_instant(urls.place(fields).date, fields.rules.timezone)
    except ValueError:
        fields.report("date-missing", "no date; the instant it was first seen is used")
        return None


def _updated(fields: Fields) -> int | None:
    if not _is_date_given(fields, "updatedDateTime"):
        return None
    found = _instant(fields, "updatedDateTime")
    if found is None:
        fields.invalid("updatedDateTime", "is no date after 1970-01-01 that exists")
        return None
    return found.seconds


def _is_date_given(fields: Fields, name: str) -> bool:
    value = fields.get(name)
    return value.strip().lower() not in _NO_DATES | {""} if isinstance(value, str) else True


def _instant(fields: Fields, name: str) -> Instant | None:
    try:
        found = parse_instant(values.string(fields.get(name)), fields.rules.timezone)
    except ValueError:
        return None
    if found.assumed:
        fields.report("date-no-offset", "has no UTC offset; content.timezone is used", name)
    return found


def _texts(fields: Fields, body: str, link: str, html: bool) -> _Texts:
    """Return title, excerpt (without one, how the body begins) and body."""
    shown, judged = literal(body)
    runs = markup.has_template_code(judged)
    excerpt = fields.plain("excerpt")
    begins = excerpt or opening(shown, html, runs)
    return _Texts(
        title=title(fields, excerpt, "" if html else shown, begins, link),
        excerpt=begins,
        body=_body(fields, shown, html, runs),
    )


def _body(fields: Fields, body: str, html: bool, runs: bool) -> str:
    if not body:
        return ""
    if runs:
        fields.report("template-code", "the body holds template code; the excerpt is used instead")
        return ""
    if not markup.renderable(body, html):
        text_ = "the body is too long or intricate to render; the excerpt is used instead"
        fields.report("body-too-complex", text_)
        return ""
    return text.legal(body)


def _token(fields: Fields, name: str) -> str:
    value = fields.get(name)
    found = values.token(value)
    if value and not found:
        fields.invalid(name, "is not a short word")
    return found


def _integer(fields: Fields, name: str) -> int:
    value = fields.get(name)
    found = values.integer(value) if value else 0
    if found is None:
        fields.invalid(name, "is not a whole number")
    return found or 0


def _language(fields: Fields) -> str:
    value = fields.get("locale")
    found = values.language(value) if value else ""
    if value and not found:
        fields.invalid("locale", "is not a language tag such as en-GB")
    return found
