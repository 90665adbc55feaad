"""Who and what an item refers to: its people, pictures, attached file and related links (M, R)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from feedpub.core import addresses, urls
from feedpub.core.dates import parse_instant
from feedpub.core.fields import (
    Fields,
    first,
    integer,
    mapping,
    media_type,
    plain,
    positive,
    sequence,
    string,
    token,
)
from feedpub.core.flags import OFF, ON
from feedpub.core.model import Enclosure, Entry, Episode, Image, Person, Related, Value

_LINK = re.compile(r"\[([^][]*)\]\(([^()\s]*)\)")
_MAIL = re.compile(
    r"\s*[(<\[]?(?:mailto:)?(?<![^\s<>()\[\],;:])[^\s@<>()\[\],;:]+@[^\s@<>()\[\],;:]+[)>\]]?"
)
_DOMAIN = re.compile(r"[\w.-]+").fullmatch
_NAMES = ("name", "display_name", "displayName")
_FIRST, _LAST = ("first", "first_name"), ("last", "last_name")
_HOMES = ("url", "uri", "web", "website", "homepage")
_MAX_NAME = 300  # characters of a name or domain
_MAX_ADDRESS = 8_192  # characters
_DIGITS_OF_PIXELS = 6
_DIGITS_OF_BYTES = 16
_MAX_AUTHORS = 50
_MAX_IMAGES = 100
_MAX_RELATED = 200
_MAX_ENCLOSURES = 20
_SWITCHES = frozenset({"", "true", "false", "yes", "no", "on", "off"})
"""What a theme may say about related posts, or sound, instead of naming any."""

_TYPES = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "m4b": "audio/mp4", "aac": "audio/aac",
    "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/opus", "flac": "audio/flac",
    "wav": "audio/wav", "weba": "audio/webm", "webm": "video/webm", "ogv": "video/ogg",
    "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime",
    "pdf": "application/pdf", "epub": "application/epub+zip",
}  # fmt: skip
"""Media types by suffix; that of the standard library differs by machine and version (D9)."""

_EXPLICIT = dict.fromkeys((*ON, "explicit"), "yes") | dict.fromkeys((*OFF, "clean"), "no")

_SELF = ("related-self", "leads to the item itself")
_AGAIN = ("related-duplicate", "leads where a better one does")
_MISSING = ("related-no-url", "has no address")
_UNUSABLE = ("related-no-url", "leads to no web address")
"""Why a related link is dropped: the code of the problem, and what it says."""


# People


def organization(value: Value | None) -> Person | None:
    """Return the organization that a name, or a map of name and domain or url, stands for."""
    known: dict[str, Value] = {"name": value} if isinstance(value, str) else mapping(value)
    name, domain = string(known.get("name")), string(first(known, "domain", "url"))
    if len(name + domain) > _MAX_NAME:
        return None
    host = urls.host(domain) if "/" in domain else domain.strip().lower()
    uri = urls.publishable(f"https://{host}/", "", False) if _DOMAIN(host) else ""
    name = _without_mail(name) or (urls.host(uri) if uri else "")
    return Person(name, uri) if name else None


def authors(fields: Fields) -> tuple[Person, ...]:
    """Return the people named as authors, each once, at most 50, in the order of the source."""
    value = fields.get("authors")
    if isinstance(value, str) and fields.key("authors") == "authors":  # as Pelican has several
        value = [*value.split(";" if ";" in value else ",")]
    home, known = fields.rules.home, fields.rules.authors
    several = fields.most("authors", sequence(value), _MAX_AUTHORS)
    keys = [string(mapping(one).get("key")) or string(one).strip() for one in several]
    pairs = zip(several, keys, strict=True)
    named = [person(one, home, key, known.get(key)) for one, key in pairs]
    if None in named:
        message = "names nobody; give a name, as mail addresses and handles are not published"
        fields.report("field-invalid", message, "authors")
    return tuple(dict.fromkeys(filter(None, named)))


def person(value: Value, base: str, key: str = "", known: Person | None = None) -> Person | None:
    """Return who a name, or a map of what is said of one, stands for, without mail addresses.

    What is `known` of the person elsewhere fills in, and `key` stands in for the name.
    """
    if isinstance(value, str):
        return known or _from_text(value, base)
    told = mapping(value)
    parts = filter(None, (string(first(told, *_FIRST)), string(first(told, *_LAST))))
    name = string(first(told, *_NAMES)) or " ".join(parts)
    named = _from_text(name, base) or known or _from_text(key, base)
    uri = addresses.given(first(told, *_HOMES), base, False) or (known.uri if known else "")
    return Person(named.name, uri) if named else None


def people(told: Mapping[str, Value], base: str) -> dict[str, Person]:
    """Return the people of an authors file by their keys."""
    found = {key: person(value, base, key) for key, value in told.items()}
    return {key: who for key, who in found.items() if who}


def _from_text(value: str, base: str) -> Person | None:
    """Read `Name`, perhaps with a mail address, or names with links in Markdown, as in Docsy."""
    if len(value) > _MAX_NAME:
        return None
    links = _LINK.findall(value)
    uri = addresses.given(links[0][1], base, False) if len(links) == 1 else ""
    name = _without_mail(_LINK.sub(r"\1", value) if links else value)
    return Person(name, uri) if name else None


def _without_mail(value: Value | None) -> str:
    """Return a name as plain text without the mail addresses in it: these are nobody's to read."""
    name = plain(value)
    bare = _MAIL.sub("", name) if "@" in name else name
    return name if bare == name else bare.strip(" ()<>[],;:")


def credited(entry: Entry) -> tuple[Person, ...]:
    """Return who an item is said to be by: its provider, else its authors; nobody without name."""
    if entry.provider and entry.provider.name:
        return (entry.provider,)
    return tuple(author for author in entry.authors if author.name)


# Pictures and files


def images(fields: Fields, base: str) -> tuple[Image, ...]:
    """Return the pictures of the item, each address once, the lead image first.

    Relative addresses resolve against `base`; what has no web address is reported and dropped.
    """
    found: dict[str, Image] = {}
    several = fields.most("images", sequence(fields.get("images")), _MAX_IMAGES)
    for index, one in enumerate(several):
        if known := image(one, base):
            found[known.url] = known
        elif one:
            fields.report("image-invalid", f"[{index}] has no web address; it is dropped", "images")
    return tuple(found.values())


def image(value: Value | None, base: str) -> Image | None:
    """Return the picture that an address, or a map with one, stands for; None without any.

    The address stays byte-exact but for escaping (M1), the type is never guessed (M2), and sizes
    are positive or unknown (M3).
    """
    known: dict[str, Value] = {"url": value} if isinstance(value, str) else mapping(value)
    url = _file(first(known, "url", "src", "image", "path"), base)
    if not url:
        return None
    return Image(
        url,
        positive(known.get("width"), _DIGITS_OF_PIXELS),
        positive(known.get("height"), _DIGITS_OF_PIXELS),
        media_type(known.get("type")),
        plain(first(known, "alt", "title", "attribution")),
    )


def enclosures(fields: Fields, base: str) -> tuple[Enclosure, ...]:
    """Return the attached files, each address once; RSS has the first alone (M2).

    A type that is not given is that of the suffix, an unknown length is 0. What is lacking is
    reported, and a file without address or type is dropped.
    """
    found: dict[str, Enclosure] = {}
    beside = {key: fields.get(f"enclosure{key.title()}") for key in ("length", "type")}
    if fields.key("enclosure") == "podcast_file":  # of Hugo's Castanet, whose config says where
        base = ""
    unsized = False
    for one in fields.most("enclosure", [*_attached(fields)], _MAX_ENCLOSURES):
        known = one if found else beside | one  # other keys tell of the first file
        url = _file(first(known, "url", "src", "file"), base)
        suffix = re.split("[?#]", url)[0].rpartition(".")[2].lower()
        kind = media_type(first(known, "type", "mime_type")) or _TYPES.get(suffix, "")
        size = first(known, "length", "size", "bytes")
        length = positive(size, _DIGITS_OF_BYTES)
        if url and kind:
            found.setdefault(url, Enclosure(url, kind, length))
            unsized = unsized or (not length and string(size).strip() != "0")
        else:
            what = "type, such as type: audio/mpeg" if url else "web address"
            fields.report("enclosure-incomplete", f"lacks its {what}; it is left out", "enclosure")
    if beside["length"] and not fields.get("enclosure"):
        message = "is that of a file that no key names; give its address as audio"
        fields.report("enclosure-incomplete", message, "enclosureLength")
    if unsized:
        message = "lacks its length in bytes (length, audio_file_size); feeds say 0"
        fields.report("enclosure-incomplete", message, "enclosure")
    if len(found) > 1:
        message = "names several files; RSS has a place for the first alone"
        fields.report("enclosures-several", message, "enclosure")
    return tuple(found.values())


def _attached(fields: Fields) -> Iterator[dict[str, Value]]:
    """Yield what is known of each file: an address has its length and type in lines, as in WordPress."""
    for one in sequence(fields.get("enclosure")):
        if not isinstance(one, str):
            yield mapping(one)
        elif one.strip().lower() not in _SWITCHES:
            yield dict(zip(("url", "length", "type"), one.strip().split("\n"), strict=False))


def episode(fields: Fields, base: str) -> Episode | None:
    """Return what podcasts say of an item beside its sound; None where nothing is said."""
    own = next(_attached(fields), {})
    lasting = fields.get("duration") or own.get("duration") or "0"
    if (duration := _seconds(lasting)) is None:
        message = "has a duration that is neither 1:02:03 nor seconds; it is ignored"
        fields.report("field-invalid", message, "enclosure")
    picture = fields.read("episodeImage", lambda value: image(value, base), "has no web address")
    neither = "is neither true nor false"
    told = Episode(
        duration or 0,
        max(0, fields.read("episode", integer, "is not a whole number") or 0),
        max(0, fields.read("season", integer, "is not a whole number") or 0),
        fields.read("explicit", lambda value: _EXPLICIT.get(string(value).lower()), neither) or "",
        picture.url if picture else "",
    )
    return told if any(told) else None


def _seconds(value: Value) -> int | None:
    """Return how long something lasts: seconds, perhaps after minutes and hours."""
    parts = string(value).partition(".")[0].strip().split(":")
    if len(parts) > 3 or not all(re.fullmatch("[0-9]{1,6}", part) for part in parts):
        return None
    hours, minutes, seconds = map(int, ["0", "0", *parts][-3:])
    return hours * 3600 + minutes * 60 + seconds


def _file(value: Value, base: str) -> str:
    written = string(value).strip()
    if len(written) > _MAX_ADDRESS or not ("." in written or "/" in written) or "{{" in written:
        return ""
    if written.startswith("www."):  # no file is called so
        return ""
    return urls.publishable(written, base, False)


# Related links


def related(fields: Fields, link: str, original: str) -> tuple[Related, ...]:
    """Return the related links of an item, best first; each dropped one is reported (R2, R3).

    `link` and `original` are the item's own addresses; relative ones resolve against `link`.
    Not cut to the number that is shown: links to items that are not out still go.
    """
    found: list[Related] = []
    drops: dict[int, tuple[str, str]] = {}
    for place, one in enumerate(_links(fields)):
        known: dict[str, Value] = {"webUrl": one} if isinstance(one, str) else mapping(one)
        address = first(known, "webUrl", "url", "link", "originalUrl")
        if url := addresses.given(address, link, fields.rules.strip_tracking):
            found.append(_related(fields, place, known, url))
        else:
            drops[place] = _UNUSABLE if address else _MISSING
    taken = dict.fromkeys(map(urls.canonical, filter(None, (link, original))), _SELF)
    kept: list[Related] = []
    for each in sorted(found, key=lambda r: (-r.quality, -(r.published or 0), r.url, r.place)):
        if each.key in taken:
            drops[each.place] = taken[each.key]
        else:
            taken[each.key] = _AGAIN
            kept.append(each)
    for place, (code, reason) in sorted(drops.items()):
        fields.report(code, f"[{place}] {reason}; it is dropped", "related")
    return tuple(kept)


def _links(fields: Fields) -> Sequence[Value]:
    value = fields.get("related")
    if isinstance(value, str):
        if value.strip().lower() not in _SWITCHES:
            fields.invalid("related", "is not a list of links")
        return []
    several = value if isinstance(value, list) else [value]
    return fields.most("related", several, _MAX_RELATED, "related-too-many")


def _related(fields: Fields, place: int, known: dict[str, Value], url: str) -> Related:
    pictures = first(known, "images", "image")
    several = pictures if isinstance(pictures, list) else [pictures]
    return Related(
        place=place,
        key=urls.canonical(url),
        url=url,
        title=plain(known.get("title")) or urls.host(url),
        excerpt=plain(first(known, "excerpt", "description", "summary")),
        published=_published(fields, place, first(known, "publishedDateTime", "date")),
        type=token(known.get("type")),
        provider=organization(known.get("provider")),
        quality=integer(known.get("quality")) or 0,
        image=next(filter(None, (image(one, url) for one in several)), None),
    )


def _published(fields: Fields, place: int, value: Value) -> int | None:
    found = parse_instant(string(value), fields.rules.timezone)
    if value and not found:
        fields.invalid("related", f"[{place}] has a date that does not exist or cannot be read")
    return found.seconds if found else None
