"""The address of an item: one that it gives, or one that a template makes of its path, slug and date."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from urllib.parse import quote

from feedpub.core import text, urls
from feedpub.core.dates import Instant
from feedpub.core.fields import Fields, names, plain, string
from feedpub.core.model import Value

_ABSOLUTE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?!.*\{[{%])", re.IGNORECASE | re.ASCII).match
# No word with a colon first, no `/:year/:title/` of Jekyll's, no template code.
_REFERENCE = re.compile(r"(?![^/]*:)(?:(?!/:)[^\s{}<>\\])+").fullmatch
# What is meant to be whole: www.example.org, example.org/a, https//example.org, <https://…>, ftp:…
_IS_MEANT = re.compile(
    r"<\w|www\.|https?/|[\w.+-]+[:@]|(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|dev)(?=[/?#]|$)",
    re.IGNORECASE | re.ASCII,
).match
# 2024-03-21-title, 2024-3-1-title, 2024-03-21/title, 2024/03/21/title
_DATED = re.compile(
    r"(?:^|/)(?:(\d{4}-\d\d?-\d\d?)(?:[-/](?=.)|$)|(\d{4}/\d\d/\d\d)/)([^/]*)$", re.ASCII
).search


class Place(NamedTuple):
    """Where an item lies: path without suffix, slug, date and language (as written, or ''), undecoded."""

    path: str
    slug: str
    date: str
    language: str = ""


def place_of(fields: Fields) -> Place:
    """Return what the item's path says: Zola's `path` in the front matter, else the file's.

    `2024/2024-03-21-title.md` has the slug `title` and a date; `2024-03-21/title.md` and
    `2024/03/21/title.md` have them too. A file `index.*` stands for its folder (Docusaurus, Hugo).
    """
    given = plain(fields.get("path")).strip("/")
    language, path = language_and_path(fields.path, fields.rules.languages)
    path = given if given and _REFERENCE(given) else _without_suffix(path)
    name = path.rpartition("/")[2]
    # Obsidian also has 2024-03-21 title.
    dated = _DATED(path.replace(" ", "-") if fields.rules.dialect == "obsidian" else path)
    date = (dated[1] or dated[2]) if dated else ""
    slug = (path[dated.start(3) :] if dated else "") or name
    if slug == "index" and fields.rules.dialect == "eleventy":
        slug = path.split("/")[-2] if "/" in path else slug  # the name of its folder
    return Place(path, slug, date, language)


def language_and_path(path: str, languages: tuple[str, ...]) -> tuple[str, str]:
    """Return the language that a path says (`ja/a.md`, `a.ja.md`), as written, and the path without."""
    if not languages:
        return "", path
    *folders, name = path.split("/")
    bare, dot, suffix = name.rpartition(".")
    stem, _, tag = bare.rpartition(".")
    if stem and text.language_tag(tag) in languages:
        return tag, "/".join([*folders, stem + dot + suffix])
    told = next((folder for folder in folders if text.language_tag(folder) in languages), "")
    if told:
        folders.remove(told)
    return told, "/".join([*folders, name])


def translation(fields: Fields, lies: Place | None = None) -> str:
    """Return the language that an item's path says, as written; '' for the first of the config's."""
    found = (lies or place_of(fields)).language
    return found if text.language_tag(found) not in fields.rules.languages[:1] else ""


def _without_suffix(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return folder if stem == "index" else folder + slash + stem


def given(value: Value, base: str, strip_tracking: bool) -> str:
    """Return the absolute web address that a front matter value gives, or ''.

    `base` is what a relative one resolves against. A word such as Jekyll's `pretty`, a pattern,
    template code or a host without its scheme is none.
    """
    written = string(value).strip()
    leads_on = "/" in written or written.endswith((".html", ".htm"))
    is_relative = leads_on and not _IS_MEANT(written) and _REFERENCE(written)
    is_one = len(written) <= urls.MAX and (_ABSOLUTE(written) or is_relative)
    return urls.publishable(written, base, strip_tracking) if is_one else ""


def below(home: str, written: str) -> str:
    """Return a reference that begins with a slash as one to what is below `home` with its path.

    One that has that path already is not given it twice.
    """
    path = home.partition("//")[2].partition("/")[2].rpartition("/")[0]
    is_whole = written.startswith("//") or (path and written.startswith(f"/{path}/"))
    return f".{written}" if written.startswith("/") and not is_whole else written


def of_field(fields: Fields, name: str) -> str:
    """Return the first usable address among the keys of field `name`, resolved against home.

    One that begins with a slash is below home with its path where a generator made it, in Hugo any
    other below the language. What is meant to be one, and is none, is reported; a pattern is not.
    """
    rules, written = fields.rules, fields.each(name)
    for found in written:
        value = string(found.value).strip()
        if rules.dialect == "hugo" and value[:1] not in ("", "/") and not _ABSOLUTE(value):
            value = f"{translation(fields)}/{value}".lstrip("/")
        value = below(rules.home, value) if rules.dialect else value
        if url := given(value, rules.home, rules.strip_tracking):
            return url
    if any(_IS_MEANT(string(found.value).strip()) for found in written):
        fields.invalid(name, "is no web address: it lacks https:// at its beginning")
    return ""


def in_full(web: str, fields: Fields) -> str:
    """Return the address that an item has by the one it gives: Hugo's `url` is a folder's."""
    is_own = web.startswith(fields.rules.home) and fields.key("webUrl") == "url"
    is_folder = fields.rules.dialect == "hugo" and is_own and re.search(r"/[^/.?#]+\Z", web)
    return f"{web}/" if is_folder else web


# What a template makes

PLACEHOLDER = re.compile(r"\{([^{}]*?)(:lower)?\}(/?)")
"""A placeholder, its name, whether it is in small letters, and the slash after it."""

_PART = re.compile(r":[a-z_]+")  # of a template of Jekyll

WITHOUT_SLUG = re.compile(r"\[([^][]*)\]")
"""What only those items get that give no slug of their own."""


# What Jekyll and Hugo leave as it is anyway.
_IS_PLAIN = re.compile(r"\w+(?:[-./]\w+)*", re.ASCII).fullmatch


def _slug(fields: Fields) -> str:
    return plain(fields.get("slug")).strip("/")


def _ascii(name: str) -> str:
    return re.sub(r"[^\w\s]|_", "-", text.latin(name))


def _named(fields: Fields, name: str) -> str:
    """Return a name as its generator has it in an address: `a note` is `a-note` in Jekyll and Hugo."""
    if fields.rules.dialect == "zola":
        return text.slug(_ascii(name))
    if fields.rules.dialect not in ("jekyll", "hugo") or _IS_PLAIN(name):
        return name
    if fields.rules.dialect == "jekyll":
        kept = text.only(name, "._~!$&'()+,;=@", "-")
        return "-".join(filter(None, re.split(r"[\s-]+", kept))) or name
    kept = text.only(name, "-.+#~@/").strip()
    return re.sub(r"\s*(-+)\s*|\s+", lambda found: found[1] or "-", kept) or name


def _path(fields: Fields, place: Place) -> str:
    """Return the path, which in Hugo and Zola ends with the slug that is given."""
    folders, slash, name = place.path.rpartition("/")
    if fields.rules.dialect == "hugo":
        return _named(fields, folders + slash + (_slug(fields) or name))
    is_named = fields.rules.dialect == "zola"
    return folders + slash + _own_name(fields, place) if is_named else place.path


def _own_name(fields: Fields, place: Place) -> str:
    """Return the slug, else the name of the file; in Docusaurus with its folders, in Zola as given."""
    if fields.rules.dialect == "docusaurus" and not _slug(fields):
        return re.sub(rf"{place.date}[-/]?", "", place.path, count=1) if place.date else place.path
    if fields.rules.dialect == "zola" and fields.get("path"):
        return place.path.rpartition("/")[2]
    return _named(fields, _slug(fields) or place.slug)


def _title(fields: Fields, place: Place) -> str:
    keeps, title = ".+#~@/" if fields.rules.dialect == "hugo" else "", plain(fields.get("title"))
    if fields.rules.dialect == "eleventy":
        title = _ascii(re.sub(r"['’](?=[ts]\b)", "", title.replace("&", " and ")))
    return text.slug(title, keeps) or place.slug


def _categories(fields: Fields, place: Place) -> list[str]:
    """Return the categories, each once: of Jekyll also the folders of `_posts`, else Pelican's folder."""
    above, within, _ = f"/{place.path}".partition("/_posts/")
    found = above.split("/") if within and fields.rules.dialect == "jekyll" else []
    found += names(fields, "category") or names(fields, "categories")
    if fields.rules.dialect == "pelican" and not any(found):
        found = [fields.path.split("/")[-2] if "/" in fields.path else "misc"]
    return [*dict.fromkeys(filter(None, map(str.strip, map(plain, found))))]


_OF_ONE: Mapping[str, Callable[[Fields, Place], str]] = {
    "path": _path,
    "slug": _own_name,
    "title": _title,
    "slug_or_name": lambda fields, place: (
        _slug(fields) if fields.is_written("slug") else place.slug  # not one made of the title
    ),
    "slug_or_title": lambda fields, place: _named(fields, _slug(fields)) or _title(fields, place),
}
_OF_MANY: Mapping[str, Callable[[Fields, Place], str]] = {
    "language": translation,
    "locale": lambda fields, place: place.language or "".join(fields.rules.languages[:1]).lower(),
    "folders": lambda fields, place: _path(fields, place).rpartition("/")[0],
    "categories": lambda fields, place: "/".join(_categories(fields, place)).lower(),
    "category": lambda fields, place: text.slug(next(iter(_categories(fields, place)), "")),
}
_OF_DATE = {
    "year": "%Y", "month": "%m", "day": "%d", "i_month": "%m", "i_day": "%d",
    "hour": "%H", "minute": "%M", "second": "%S",
}  # fmt: skip
_OF_NAME = ("year", "month", "day")
_OF_JEKYLL = {":title": "{slug}", ":slug": "{slug:lower}", ":output_ext": ".html"} | {
    f":{name}": f"{{{name}}}" for name in ("categories", *_OF_DATE)
}
IDENTIFYING = frozenset(_OF_ONE)
"""The placeholders of which a template needs one: the others are the same for many items."""

PLACEHOLDERS = (*_OF_ONE, *_OF_MANY, *_OF_DATE)


def needs_date(template: str) -> bool:
    """Say whether `template` makes no address without a date."""
    return any(found[1] in _OF_DATE for found in PLACEHOLDER.finditer(template))


def made(fields: Fields, published: Instant | None) -> str:
    """Return the address that `link_template` makes, relative to home with its path, or ''.

    Without a date there is no {year} and its like; what an item has none of goes with its slash.
    """
    rules, template = fields.rules, _own(fields) or template_of(fields)
    if not template:
        return ""
    place = place_of(fields)
    is_bare = bool(_slug(fields)) or (rules.dialect == "docusaurus" and not place.date)
    template = WITHOUT_SLUG.sub("" if is_bare else r"\1", template)
    try:
        filled = PLACEHOLDER.sub(lambda found: _filled(found, fields, place, published), template)
    except (KeyError, OverflowError):
        return ""
    filled = below(rules.home, filled)
    return urls.publishable(filled, rules.home, rules.strip_tracking)


def template_of(fields: Fields) -> str:
    """Return the template of the innermost folder around the file that has one, else of all."""
    paths = fields.path, language_and_path(fields.path, fields.rules.languages)[1]
    templates = fields.rules.link_templates
    around = (name for name in templates if any(p.startswith(f"{name}/") for p in paths))
    innermost = max(around, key=len, default="")
    return templates.get(innermost, fields.rules.link_template)


def _own(fields: Fields) -> str:
    """Return the template that an item of Jekyll gives, `permalink: /:year/:title/`, or ''."""
    written = (string(one.value) for one in fields.each("webUrl"))
    given = next((one for one in written if "/:" in one and "://" not in one), "")
    if not given or fields.rules.dialect != "jekyll":
        return ""
    if not (known := of_jekyll(given)):
        fields.invalid("webUrl", "has a part such as :title that feedpub does not know")
    return known


def of_jekyll(permalink: str) -> str:
    """Return the template that a permalink of Jekyll stands for, or '' if a part is not known."""
    if _OF_JEKYLL.keys() >= {*_PART.findall(permalink)}:
        return _PART.sub(lambda found: _OF_JEKYLL[found[0]], permalink)
    return ""


def _filled(found: re.Match[str], fields: Fields, place: Place, published: Instant | None) -> str:
    """Percent-encode a part of a path; bytes of a file name that are not UTF-8 stay themselves."""
    name, lower, slash = found.groups()
    if read := _OF_ONE.get(name) or _OF_MANY.get(name):
        value = read(fields, place)
    elif name in _OF_NAME and fields.rules.dialect == "docusaurus" and place.date:
        value = re.split("[-/]", place.date)[_OF_NAME.index(name)]  # that of the file's, as written
    elif published is None:
        raise KeyError(name)
    else:
        zone = fields.rules.calendar or timezone(timedelta(seconds=published.offset))
        local = datetime.fromtimestamp(published.seconds, UTC).astimezone(zone)
        value = f"{local:{_OF_DATE[name]}}"
        value = value.lstrip("0") if name.startswith("i_") else value
    if not value and name in _OF_MANY:
        return ""
    is_given = fields.rules.dialect == "zola" and bool(fields.get("path"))
    part = value.lower() if lower and not is_given else value
    return quote(part.encode("utf-8", "surrogateescape"), safe="/") + slash
