"""What the tags of site generators are given, and what they show: values, embeds, pictures (C5, C8, S1)."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import quote

from feedpub.core import markup
from feedpub.core.body import Page
from feedpub.core.verbatim import SOURCE, UNKNOWN

_FIELDS = {
    **{each: each for each in ("title", "excerpt", "date", "author", "topics", "link", "image")},
    **dict.fromkeys(("description", "summary"), "excerpt"),
    **dict.fromkeys(("tags", "categories"), "topics"),
    **dict.fromkeys(("url", "permalink", "relpermalink"), "link"),
    "authors": "author",
}
_OF_THE_PAGE = re.compile(r"(?:\$|\.|(?:page|params|frontmatter|meta|data|props)\.)*+", re.I)
_UNCHANGED = frozenset({"escape", "xml_escape", "strip", "safe", "trim", "e", "join", "strip_html"})
_RELATIVE, _ABSOLUTE = {"relative_url", "relurl", "url"}, {"absolute_url", "absurl", "get_url"}
_PIPED = re.compile(r"""(?:"[^"]*+"|'[^']*+'|[^|])++""").findall
_FILTER = re.compile(r"(\w+)\s*(?::\s*(.*)|\((.*)\))?", re.DOTALL).fullmatch
_ARGUMENT = re.compile(
    r"""(?:([\w-]++)(?:\s*=\s*|:\s+|:(?=["'])))?+"""
    r"""("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|`[^`]*+`|[^\s,"'`=()][^\s,"'`()]*+)"""
)
_OUTPUT = re.compile(r"\{\{-?([^{}]*)\}\}")
_VARIABLE = re.compile(r"(?:page|site|include|post|layout|config)\.[\w.-]+").fullmatch
_MEANING = re.compile(r"[&<>\"'*_`\[\]{}#|\\!^$]|^\s*[-+](?=\s)|^\s*\d+[.)]")

_EMBEDS = {  # what it is, its address, what stands between an owner and the id, the owner if none
    "youtube": ("YouTube video", "https://www.youtube.com/watch?v={}", "", ""),
    "vimeo": ("Vimeo video", "https://vimeo.com/{}", "", ""),
    **dict.fromkeys(("tweet", "x"), ("Post on X", "https://x.com/{}", "/status/", "i")),
    "gist": ("Gist", "https://gist.github.com/{}", "/", ""),
    "audio": ("Audio", "{}", "", ""),
    "video": ("Video", "{}", "", ""),
    **dict.fromkeys(("embed", "iframe"), ("Embedded page", "{}", "", "")),
}
_EMBED_WORDS = re.compile(r"simple|lite|embed|player|responsive|[-_]")
_PICTURES = frozenset({"figure", "image", "img"})
_PICTURE_FILE = re.compile(
    r"[^\s?#]+\.(?:avif|gif|jpe?g|png|svg|webp)(?=[?#]|\Z)", re.IGNORECASE
).match


class Arguments(NamedTuple):
    """What a tag is given, by place and by name."""

    places: list[str]
    names: dict[str, str]

    def named(self, *names: str) -> str:
        """Return the first of `names` that is given, else ''."""
        return next((self.names[name] for name in names if self.names.get(name)), "")

    @property
    def first(self) -> str:
        """What is given first without a name, else ''."""
        return next(iter(self.places), "")


class Values:
    """What values give on one page."""

    def __init__(self, page: Page) -> None:
        self.home = page.home.rstrip("/")
        self.origin = "/".join(self.home.split("/", 3)[:3])
        self.folder = self.home.removeprefix(self.origin)
        self.shadowed = set[str]()
        """Names that mean something else since a tag has set them."""
        self._fields = page.values

    def arguments(self, written: str, *, has_variables: bool) -> Arguments:
        """Read what a tag is given; a word without quotes may be a variable if `has_variables`."""
        given = Arguments([], {})
        for name, argument in _ARGUMENT.findall(written):
            value = self._argument(argument, has_variables)
            if name:
                given.names[name.lower()] = value
            else:
                given.places.append(value)
        return given

    def _argument(self, written: str, has_variables: bool) -> str:
        if written[0] in "\"'`":
            inner = re.sub(r"\\([\"'\\])", r"\1", written[1:-1])
            return _OUTPUT.sub(lambda found: self.value(found[1]) or UNKNOWN, inner)
        value = self.value(written) if has_variables and _VARIABLE(written) else written
        return UNKNOWN if value is None else value

    def value(self, expression: str) -> str | None:
        """Return the Markdown of what an expression with filters gives, None if not known."""
        first, *filters = [part.strip() for part in _PIPED(expression)] or [""]
        value = self._operand(first)
        for each in filters:
            found = _FILTER(each)
            if value is None or not found:
                return None
            value = self.filtered(value, found[1].lower(), found[2] or found[3] or "")
        return value

    def _operand(self, written: str) -> str | None:
        if written[:1] in {'"', "'"} and written[-1:] == written[:1]:
            return written[1:-1]
        match written.lower():
            case "site.url" | "metadata.url":
                return self.origin
            case "site.baseurl":
                return self.folder
            case ".site.baseurl" | "config.base_url":
                return self.home
        field = self.field(written)
        if field and field == self._fields.get("link"):
            return f"{SOURCE}{field}"
        return None if field is None else plain(field)

    def field(self, written: str) -> str | None:
        """Return a field that the item publishes, by the names that generators have for it."""
        name = re.sub(r"\[[\"'](\w+)[\"']\]", r".\1", written).lower()
        if name in self.shadowed:
            return None
        field = _FIELDS.get(_OF_THE_PAGE.sub("", name, count=1))
        return self._fields.get(field, "") if field else None

    def filtered(self, value: str, name: str, argument: str = "") -> str | None:
        """Return `value` through a filter, None if that is not understood."""
        if name in _UNCHANGED or ("date" in name and value == self._fields.get("date")):
            return value
        if name in _RELATIVE | _ABSOLUTE:
            if re.match(rf"[a-z]+:|//|#|@/|{SOURCE}", value):
                return value
            start = self.folder if name in _RELATIVE else self.home
            return f"{start}/{value.lstrip('/')}"
        if name in {"url_encode", "urlencode"}:
            begins = SOURCE if value.startswith(SOURCE) else ""
            return begins + quote(unescape(value.replace(SOURCE, "")), safe="")
        if name in {"prepend", "append"} and (other := self._operand(argument.strip())) is not None:
            return other + value if name == "prepend" else value + other
        return None


def plain(value: str) -> str:
    """Return `value` so that it is read as that text in Markdown and in HTML."""
    return _MEANING.sub(lambda found: "".join(f"&#{ord(sign)};" for sign in found[0]), value)


# embeds and pictures ------------------------------------------------------------------------------


def is_shown(name: str) -> bool:
    """Say whether `name` is that of an embed or a picture."""
    return name in _PICTURES or _short(name) in _EMBEDS.keys() | _PICTURES


def _short(name: str) -> str:
    return name if name in _EMBEDS else _EMBED_WORDS.sub("", name)


def shown(name: str, given: Arguments, is_html: bool) -> str | None:
    """Return the Markdown (the HTML if `is_html`) of an embed or a picture; None if it is none.

    A tag of any name that is given the file of a picture is one, and one that is given an address
    and words for it is a link.
    """
    provider = given.named("provider").lower()
    short = provider if provider in _EMBEDS else _short(name)
    if short in _EMBEDS:
        return _embed(short, given, is_html)
    address = given.named("href", "link", "to")
    words = given.named("text", "title", "label", "content")
    if address and words and not is_shown(name) and UNKNOWN not in address:
        return f'<a href="{escape(address)}">{markup.inline(words)}</a>'
    return _picture(name, given, is_html)


def _embed(name: str, given: Arguments, is_html: bool) -> str | None:
    words, template, between, owner = _EMBEDS[name]
    key, places = given.named("id", "videoid", "src", "url", "file"), given.places
    if not key and between and len(places) > 1 and re.fullmatch(r"[0-9a-f]+", places[1]):
        owner, key = places[:2]
    key = key or given.first
    owner = given.named("user") or owner
    if not key or UNKNOWN in key or (template == "{}" and not re.search(r"[/.]", key)):
        return None
    is_whole = "/" in key or not owner
    address = template.format(key if is_whole else f"{owner}{between}{key}")
    address = key if re.match(r"https?://|/", key) else address
    return link(words, address, is_html)


def link(words: str, address: str, is_html: bool) -> str:
    """Return a link in Markdown, in HTML if `is_html`."""
    return (
        f'<a href="{escape(address)}">{words}</a>' if is_html else f"[{words}]({_target(address)})"
    )


def _picture(name: str, given: Arguments, is_html: bool) -> str | None:
    places, is_picture = given.places, is_shown(name)
    source = given.named("src", "file", "path", "url", "image")
    while places and not source:
        place = places.pop(0)
        source = place if re.search(r"[./]", place) else ""
    if not source or UNKNOWN in source or not (is_picture or _PICTURE_FILE(source)):
        return None
    texts = [place for place in places if not re.fullmatch(r"\d+(?:px|%)?", place)]
    texts = texts[-1:] if name == "img" else texts * is_picture
    alt = given.named("alt", "title") or "".join(texts[:1])  # sizes may follow it
    caption = given.named("caption")
    if name == "figure":
        caption = f"{given.named('title')} {caption or ''.join(texts[1:2])}".strip()
    picture = f'<img src="{escape(source)}" alt="{escape(alt, quote=True)}">'
    if address := given.named("link"):
        picture = f'<a href="{escape(address)}">{picture}</a>'
    if caption:
        caption = markup.inline(caption)  # and what follows is read as Markdown
        return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>" + "\n" * (
            not is_html
        )
    return picture if address or is_html else f"![{plain(alt)}]({_target(source)})"


def _target(address: str) -> str:
    """Return an address as the target of a Markdown link."""
    return re.sub(r"[\s<>()\\]", lambda found: f"%{ord(found[0]):02X}", address)
