"""What the tags of site generators are given, and what values in them give (C5, S1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from html import unescape
from typing import NamedTuple
from urllib.parse import quote

from feedpub.core.verbatim import SOURCE, UNKNOWN


class Page(NamedTuple):
    """What tags may say of an item: only what it publishes itself (S1).

    `home` is the site's address with its path; `values` has the names of the fields of `_FIELDS`.
    """

    home: str
    values: Mapping[str, str]


_FIELDS = {
    **{each: each for each in ("title", "excerpt", "date", "author", "topics", "link", "image")},
    **dict.fromkeys(("description", "summary", "lead"), "excerpt"),
    **dict.fromkeys(("tags", "categories", "keywords"), "topics"),
    **dict.fromkeys(("url", "permalink", "relpermalink"), "link"),
    **dict.fromkeys(("cover", "cover_image", "feature_image", "featured_image"), "image"),
    "authors": "author",
    **dict.fromkeys(("published", "pubdate"), "date"),
}
_OF_THE_PAGE = re.compile(r"(?:\$|\.|(?:page|params|frontmatter|meta|data|props)\.)*+", re.I)
_HARMLESS = frozenset({"escape", "xml_escape", "strip", "safe", "trim", "e", "join", "strip_html"})
_ENCODED = frozenset({"url_encode", "urlencode", "cgi_escape", "uri_escape"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_DAY_FORMAT = re.compile(r"""\s*+["']((?:[^%"']|%-?[A-Za-z])*+)["'].*""", re.DOTALL).fullmatch
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
            case ".site.baseurl" | "config.base_url" | "config.site_url" | "base_url":
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
        if name in _HARMLESS:
            return value
        if name in _RELATIVE | _ABSOLUTE:
            if re.match(rf"[a-z]+:|//|#|@/|{SOURCE}", value):
                return value
            start = self.folder if name in _RELATIVE else self.home
            return f"{start}/{value.lstrip('/')}"
        if name in _ENCODED:
            begins = SOURCE if value.startswith(SOURCE) else ""
            return begins + quote(unescape(value.replace(SOURCE, "")), safe="")
        if "date" in name and _DAY(value):
            shape = _DAY_FORMAT(argument)
            return date.fromisoformat(value).strftime(shape[1]) if shape else value
        if name in {"prepend", "append"} and (other := self._operand(argument.strip())) is not None:
            return other + value if name == "prepend" else value + other
        return None


def plain(value: str) -> str:
    """Return `value` so that it is read as that text in Markdown and in HTML."""
    return _MEANING.sub(lambda found: "".join(f"&#{ord(sign)};" for sign in found[0]), value)
