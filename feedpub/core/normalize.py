"""Document to Item: every field clean, typed and independent of all other files (RULES.md).

`feedpub.core.fields` says which keys hold a field.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import NamedTuple

from feedpub.core import addresses, body, references, text, topics, urls
from feedpub.core.dates import Instant, day, parse_instant
from feedpub.core.fields import (
    POST_FOLDERS,
    Fields,
    Rules,
    integer,
    mapping,
    names,
    plain,
    sequence,
    string,
    token,
)
from feedpub.core.flags import ON, UNDERSCORE, Flag, legible, members, word_of
from feedpub.core.model import Document, Item, Term, Withheld
from feedpub.core.problems import Problem, Severity

_MAX_ID = 2_000  # characters
_MAX_TITLE = 1_000  # graphemes
_STAND_IN = 80  # graphemes of a text that stands in for a title
_MAX_TOPICS = 50
_LONGEST_MESSAGE = 300  # graphemes
_MAX_NAME = 1_000  # characters of a topic
_ADDRESSES = ("originalUrl", "webUrl")
_MOST_NAMES = 40  # lines of a broken file that are looked at
_IMPOSSIBLE = "is no date after 1970-01-01 that exists; write it as 2023-11-08T20:23:00Z"
# A time that Ruby's YAML takes for one in UTC where it has no quotes.
_RUBY_TIME = re.compile(r"\d{4}-\d\d?-\d\d?(?:[Tt]|\s+)\d\d?:\d\d:\d\d(?:\.\d*)?", re.A).fullmatch
# What Eleventy replaces by dates of its own, which only a clock or a repository knows.
_NO_DATES = frozenset({"", "created", "last modified", "git created", "git last modified"})


class Normalized(NamedTuple):
    """An item, or None when the document is quarantined, and what there is to say about it.

    None without an error is a page that is no news.
    """

    item: Item | None
    problems: tuple[Problem, ...]


def normalize(document: Document, rules: Rules) -> Normalized:
    """Read the fields of `document`; pure, and never raises for any front matter or body.

    A problem of severity error quarantines: no address, an impossible date (D6). An item that its
    flags withhold (S3) is always returned, and what it lacks is not reported: it may be a draft.
    Neither is what a page that is no news lacks. One whose address waits for a date is no item.
    The problems of `document` itself are not repeated.
    """
    fields = Fields(document, rules)
    withheld = _withheld(fields)
    flag_problems = len(fields.problems)
    item = _item(document, fields, withheld)
    item = _previewed(item, rules) if rules.preview else item
    fields.report_unknown()
    if withheld:
        return Normalized(item, tuple(fields.problems[:flag_problems]))
    errors = tuple(one for one in fields.problems if one.severity is Severity.ERROR)
    is_page = item.undated or item.only == ()
    problems = errors if is_page else tuple(fields.problems)
    if errors and item.only == ():  # it must not stay out as it last was, either
        return Normalized(item._replace(withheld=Withheld.UNPUBLISHED), problems)
    return Normalized(item if item.link and not errors else None, problems)


def _item(document: Document, fields: Fields, withheld: Withheld) -> Item:
    published, rules = _published(fields), fields.rules
    web, original = addresses.of_field(fields, "webUrl"), addresses.of_field(fields, "originalUrl")
    link = addresses.in_full(web, fields) or original or _made_link(fields, published)
    given = fields.read("title", plain, "is not text") or ""
    excerpt = fields.read("excerpt", plain, "is not text") or ""
    topics_, authors = _topics(fields), references.authors(fields)
    images, enclosures = references.images(fields, link), references.enclosures(fields, link)
    not_a_tag = "is not a language tag such as en-GB"
    locale = fields.read("locale", lambda value: text.language_tag(string(value)), not_a_tag)
    values = {
        "title": given,
        "excerpt": excerpt,
        "link": link,
        "date": day(published.seconds, rules.timezone) if published else "",
        "author": ", ".join(person.name for person in authors),
        "topics": ", ".join(term.label for term in topics_),
        "image": images[0].url if images else "",
    }
    shown = _body(document, fields, values)
    only, apart = _feeds(fields)
    says = given or excerpt or shown or images or fields.get("enclosure")
    begins = excerpt or body.opening(shown)
    headline = title(fields, given, shown, begins) or urls.host(link)
    return Item(
        path=document.path,
        explicit=_explicit(fields),
        original_key=urls.identity(original),
        web_key=urls.identity(web),
        title=headline,
        excerpt=begins,
        link=link,
        original_url=original,
        body=body.without_title(shown, headline),
        published=published.seconds if published else None,
        updated=_seconds(fields, "updatedDateTime", "field-invalid"),
        expiry=_seconds(fields, "expiryDate", "date-impossible"),
        type=fields.read("type", token, "is not a short word") or "",
        quality=fields.read("quality", integer, "is not a whole number") or 0,
        heat=fields.read("heat", integer, "is not a whole number") or 0,
        category=next(_terms(fields, "category"), None),
        topics=topics_,
        provider=fields.read("provider", references.organization, "names no provider"),
        authors=authors,
        images=images,
        enclosures=enclosures,
        episode=references.episode(fields, link) if enclosures else None,
        related=references.related(fields, link, original),
        language=locale
        or (rules.languages and text.language_tag(addresses.place_of(fields).language))
        or "".join(rules.languages[:1]),
        withheld=withheld,
        undated=published is None and not (says and _is_news(fields)),
        only=only,
        apart=apart,
    )


def _previewed(item: Item, rules: Rules) -> Item:
    """Return an item as a preview shows it: what is not out yet is new, and its title says why."""
    link, at, withheld = item.link or rules.home, item.published or 0, item.withheld
    is_draft = withheld is Withheld.UNPUBLISHED
    if not link or withheld is Withheld.REMOVED or not (is_draft or at > rules.preview):
        return item
    label = "Draft" if is_draft else f"Scheduled for {day(at, rules.timezone)}"
    return item._replace(
        title=f"{label}: {item.title}",
        link=link,
        published=rules.preview,
        withheld=Withheld.NO,
        undated=False,
    )


def _made_link(fields: Fields, published: Instant | None) -> str:
    link, template = addresses.made(fields, published), addresses.template_of(fields)
    waits = published is None and addresses.needs_date(template)
    told = any(one.code == "date-impossible" for one in fields.problems)
    if not link and not told and not (waits and not _is_news(fields)):
        hint = "give webUrl or set content.link_template"
        if template:
            hint = f"content.link_template {'needs a date' if waits else 'makes none of it'}"
        fields.report("link-missing", f"no web address; {hint}")
    return link


def _explicit(fields: Fields) -> str:
    """Return the identity that the author gave, verbatim but for what XML forbids (I1)."""
    given = text.clean(string(fields.get("id"))).strip()
    if len(given) > _MAX_ID:
        fields.invalid("id", "is longer than 2,000 characters")
        return ""
    code = addresses.translation(fields) if given else ""
    return f"{given}-{code}" if code else given


def _published(fields: Fields) -> Instant | None:
    """Return the date given if it exists, else that of the file name, else None (D6).

    Hugo waits for `publishDate`; elsewhere the earlier of two dates counts, and that is reported.
    """
    flag = fields.rules.flags.get("publishDate")
    given, found = _date(fields, "publishedDateTime")
    waits, until = _date(fields, "publishDate")
    if found and until and until.seconds > found.seconds and (flag is None or flag.dialects):
        if flag:
            _report_foreign(fields, "publishDate", flag, "is later than the date")
    elif waits:
        if not until:  # and then it is never out: no other date stands in
            fields.report("date-impossible", _IMPOSSIBLE, "publishDate")
        return until
    return found or _date_of_name(fields, "publishedDateTime" if given else "")


def _date_of_name(fields: Fields, name: str) -> Instant | None:
    """Return the date of the file name, where field `name`, if any, has one that does not exist."""
    found = parse_instant(addresses.place_of(fields).date, fields.rules.timezone)
    if name and found:
        fields.report("date-of-name", f"{_IMPOSSIBLE}; that of the file name is used", name)
    elif name:
        fields.report("date-impossible", _IMPOSSIBLE, name)
    elif not found:
        told = "no date; when it was first seen counts, on a first build before all that is dated"
        fields.report("date-missing", told)
    return found


def _is_news(fields: Fields) -> bool:
    """Say whether a file is news also without a date: that may hang on its folder (D6).

    So it is where Eleventy would make a date.
    """
    posts, folders = POST_FOLDERS.get(fields.rules.dialect, ()), fields.path.split("/")[:-1]
    is_page = fields.rules.undated == "skip" and not any(folder in posts for folder in folders)
    return not is_page or bool(fields.get("publishedDateTime"))


def _seconds(fields: Fields, name: str, code: str) -> int | None:
    """Return the instant of a field, or None; one that does not exist is reported as `code`."""
    if name == "expiryDate" and name not in fields.rules.flags:  # emptied by `content.withhold`
        return None
    given, found = _date(fields, name)
    if given and found is None:
        fields.report(code, _IMPOSSIBLE, name)
    return found.seconds if found else None


def _date(fields: Fields, name: str) -> tuple[bool, Instant | None]:
    """Return whether a field gives a date, and its instant, or None if no such date exists."""
    value = fields.get(name)
    if isinstance(value, str) and value.strip().lower() in _NO_DATES:
        return False, None
    written = string(value).strip()
    is_jekylls = fields.rules.dialect == "jekyll" and _RUBY_TIME(written)
    is_utc = is_jekylls and not fields.is_quoted(name)
    found = parse_instant(written, UTC if is_utc else fields.rules.timezone)
    if found and found.assumed:
        zone = "UTC is used, as Jekyll does" if is_utc else "content.timezone is used"
        fields.report("date-no-offset", f"has no UTC offset; {zone}", name)
    return True, found


def _body(document: Document, fields: Fields, values: Mapping[str, str]) -> str:
    """Return the body as HTML, not safe yet; what is not shown of it is reported (C5, C8).

    `values` are what template code may say of the item, by the names of `body.Page`.
    """
    if not document.body:
        return ""
    page = body.Page(fields.rules.home, values)
    found = body.read(document.body, document.path, fields.rules.dialect, page)
    if found.lost:
        names = ", ".join(dict.fromkeys(lost.name for lost in found.lost))
        message = f"template code that is not understood is left out: {names}"
        line = document.body_line + found.lost[0].line - 1
        fields.report("template-code", text.truncate(message, _LONGEST_MESSAGE), line=line)
    if found.left_out:
        told = f"no reader shows {', '.join(found.left_out)}; it is left out"
        fields.report("body-left-out", told)
    if found.html is None:
        told = "the body is too long or intricate to render; the excerpt is used instead"
        fields.report("body-too-complex", told)
    return found.html or ""


def title(fields: Fields, given: str, shown: str, begins: str) -> str:
    """Return the title of an item in plain text (C4), '' if it says nothing of its own.

    References are decoded once and `<…>` stays. More than 1,000 graphemes are cut. Without a title
    the name of a note stands in, as Obsidian shows it, and that of a post, as Jekyll makes it, or
    the heading that the body `shown` begins with, which Docusaurus prefers to the name, else the
    first 80 graphemes of how the item `begins`.
    """
    named = given or _of_name(fields, "obsidian", "jekyll") or body.heading(shown)
    named = named or _of_name(fields, "docusaurus")
    if not named:
        if not fields.get("excerpt"):
            fields.report("title-missing", "no title; the body or the address stands in")
        return text.truncate(begins, _STAND_IN)
    if (cut := text.truncate(named, _MAX_TITLE)) != named:
        fields.report("title-too-long", "is cut at 1,000 characters", "title")
    return cut


def _of_name(fields: Fields, *dialects: str) -> str:
    """Return the title that one of these dialects makes of the name of a file."""
    dialect, slug = fields.rules.dialect, addresses.place_of(fields).slug
    named = fields.path.rpartition("/")[2].rpartition(".")[0] if dialect == "obsidian" else slug
    named = " ".join(map(str.capitalize, slug.split("-"))) if dialect == "jekyll" else named
    return text.plain(named) if dialect in dialects else ""


# Flags (S3)


def _withheld(fields: Fields) -> Withheld:
    """Return whether, and how, the flags withhold the item; every key of a flag counts (S3).

    A flag that says neither yes nor no withholds, and is reported; so is, where nothing withholds,
    what does in another dialect alone.
    """
    rules = fields.rules
    rows = ((name, flag) for name, flag in rules.flags.items() if name != "feeds")
    met = [(name, flag) for name, flag in rows if _holds(fields, name, flag)]
    found = [flag.withheld for _, flag in met if not flag.dialects]
    if not (fields.each("published") or rules.published_default):
        found.append(Withheld.UNPUBLISHED)
    for name, flag in met:
        values = [one.value for one in fields.each(name) if one.value and flag.holds(one.value)]
        if not flag.dialects and not all(map(flag._replace(unless=()).holds, values)):
            told = "is neither true nor false; the item is not published"
            fields.report("field-invalid", told, name)
    for name, flag in [] if found else met:
        if name != UNDERSCORE or not rules.dialect:
            told = f"is {flag.words[0]}" if flag.words else "a name that begins with _"
            _report_foreign(fields, name, flag, told)
    return max(found, default=Withheld.NO)


def _holds(fields: Fields, name: str, flag: Flag) -> bool:
    if name == UNDERSCORE:  # but Jekyll's own folder, which others have, too
        parts = fields.path.split("/")
        return any(part.startswith("_") and part != "_posts" for part in parts)
    return any(flag.holds(found.value) for found in fields.each(name))


def _report_foreign(fields: Fields, name: str, flag: Flag, told: str) -> None:
    """Report that an item is out which another dialect withholds, and how to say what holds."""
    words = f"[{flag.words[0]}] or [" if flag.words else "["
    message = (
        f"{told}, which withholds in {' and '.join(flag.dialects)} alone; the item is out."
        f" Set content.dialect, or content.withhold: {{{name}: {words}]}}"
    )
    fields.report("dialect-key", message, name)


def _feeds(fields: Fields) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Return which feeds alone an item may be in, None for any, and which it is not in (S3).

    What else is said there has no effect, and is told: an editor may rely on it.
    """
    value, flag = fields.get("feeds"), fields.rules.flags.get("feeds")
    if isinstance(value, str) and flag and flag.holds(value):
        return (), ()
    given = {word_of(k): tuple(map(plain, sequence(v))) for k, v in mapping(value).items()}
    wanted = given.keys() & {"only", "not"}
    if value and not wanted and word_of(string(value)) not in ON:
        told = "is ignored; write false, or {only: [NAME]}, or {not: [NAME]}"
        fields.report("field-invalid", told, "feeds")
    elif wanted != given.keys() or "" in itertools.chain(*given.values()):
        told = "has what is no list of feeds; write only or not, each with such a list"
        fields.report("field-invalid", told, "feeds")
    return given.get("only"), given.get("not", ())


# Topics and category (T1)


def _topics(fields: Fields) -> tuple[Term, ...]:
    """Return the topics of an item in the order of the source, each key once, at most 50 (S4)."""
    found: dict[str, Term] = {}
    for term in _terms(fields, "topics"):
        found.setdefault(term.key, term)
    if not found and fields.get("topics"):
        fields.invalid("topics", "is no list of names")
    return tuple(fields.most("topics", [*found.values()], _MAX_TOPICS, "topics-too-many"))


def _terms(fields: Fields, field: str) -> Iterator[Term]:
    for name in names(fields, field):
        if len(name) > _MAX_NAME:
            fields.invalid(field, "holds a name of over 1,000 characters")
            continue
        written = name.removeprefix("#") if fields.rules.dialect == "obsidian" else name
        label = topics.label(text.plain(written))
        if key := topics.key(label):
            yield Term(key, label)


# Files that are broken (X6)


def named_stories(path: str, data: bytes, rules: Rules) -> tuple[str, ...]:
    """Return the identity keys (I2) that lines of a broken file give: ids and addresses.

    Keys are found under the names that `rules` give them, as in a file that is whole, but only
    outermost ones; a value that cannot be used names nothing. Never raises, for any bytes.
    """
    found = list[str]()
    named = {word_of(key) for name in ("id", *_ADDRESSES) for key in rules.fields[name]}
    met = (member for member in members(legible(data)) if word_of(member[0]) in named)
    for key, value in itertools.islice(met, _MOST_NAMES):
        fields = Fields(Document(path, {key: value}, ""), rules)
        explicit = _explicit(fields)
        found.append(f"id:{explicit}" if explicit else "")
        found += (urls.identity(addresses.of_field(fields, name)) for name in _ADDRESSES)
    return tuple(dict.fromkeys(filter(None, found)))
