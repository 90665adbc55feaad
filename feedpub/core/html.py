"""HTML: what of it is let out (C1-C3), and how much of it is parsed at all.

An HTML5 parser repairs wrong nesting, and its repairs can cost the square of the input: 20,000
open `<div>`, or `<p>`, 1,000 unclosed `<b id=…>` and 1,000 more `<p>`, in each of which all of them
are opened again. The work is about the number of tags times that of the elements open at one of
them, and what is written is as many copies of tags. Both are bounded here, on the high side, before
anything is parsed.
"""

from __future__ import annotations

import re
from threading import local

import nh3

from feedpub.core import text, urls

VERSION: str = nh3.__version__  # type: ignore[attr-defined]  # its stub lacks it
"""The version of the sanitizer, which decides bytes."""

MOST_SIZE = 1 << 22
"""The most characters: as many as a body may have bytes."""

MOST_TAGS = 60_000

MOST_WORK = 1_000_000
"""The most tags times open elements; a fifth of a second at worst."""

MOST_COPIED = 1 << 26
"""The most characters of tags that the parser may be made to repeat."""

MOST_MOVED = 250_000_000_000
"""The most `&` times characters: the parser moves what follows each of them."""
_SHORT = 1 << 17  # so long one tag of nothing but attributes takes less than a second

_NAME = "[a-zA-Z][a-zA-Z0-9:-]*+"
_VALUE = r"""(?:"[^"<>\0]*+"|'[^'<>\0]*+'|[^\s"'<>=`\0]++)"""
_END = rf"""(?:\s++[^\s"'<>/=\0]++(?:\s*+=\s*+{_VALUE})?+){{0,64}}+\s*+/?+>"""
_TAG = re.compile(
    rf"<(?:(?P<start>{_NAME}){_END}|/(?P<end>{_NAME})\s*+>"
    r"|(?P<alone>!--[^<]*?-->|(?![a-zA-Z/!?]))"  # a comment; a `<` that is text
    r"|(?P<odd>/?[a-zA-Z][^<]*+)|[^<]*+)",
    re.ASCII,
).finditer
_LONG = re.compile(r"<(?!img)[a-zA-Z][^>]{100,}").findall
_EMPTY = frozenset({"br", "hr", "img"})  # everywhere, other than `<link>` in SVG
_LEFT_OPEN = frozenset({"p", "li"})  # what the next one ends, and the end of a block
_BLOCKS = frozenset(
    {
        *("article", "aside", "blockquote", "center", "details", "div", "figcaption", "figure"),
        *("footer", "header", "main", "nav", "ol", "section", "summary", "td", "th", "ul"),
    }
)

_CELL = {"align", "colspan", "rowspan"}
_MEDIA = {"src", "height", "width"}
ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "audio": {"src", "controls"},
    "blockquote": {"cite"},
    "code": {"class"},
    "del": {"cite", "datetime"},
    "img": _MEDIA | {"alt"},
    "ins": {"cite", "datetime"},
    "ol": {"start", "reversed"},
    "q": {"cite"},
    "source": {"src", "type"},
    "td": _CELL,
    "th": _CELL | {"scope"},
    "time": {"datetime"},
    "video": _MEDIA | {"controls", "poster"},
}
_WITHOUT_ATTRIBUTES = (
    "abbr address article aside b bdi bdo br caption center cite dd details dfn div dl dt em"
    " figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i kbd li main mark p picture pre rp rt"
    " ruby s samp section small span strike strong sub summary sup table tbody tfoot thead tr tt u"
    " ul var wbr"
)
TAGS = {*_WITHOUT_ATTRIBUTES.split(), *ATTRIBUTES} - {"*"}
_SCHEMES = {"http", "https", "mailto"}
_NO_SOURCE = re.compile(r'<(?:img|source)(?: (?!src=")[^ =>]+="[^"]*+")*+>')


def bearable(html: str) -> bool:
    """Say whether `safe` handles `html` in about a second, whoever wrote it.

    What is short and has few tags is passed at once. Of anything else the tags count, and how deep
    they are nested as far as it is written plainly; each one that is not counts as left open.
    """
    tags = html.count("<")
    if tags * tags <= MOST_WORK and tags * len(html) <= MOST_COPIED and len(html) <= _SHORT:
        return True
    is_large = tags > MOST_TAGS or len(html) > MOST_SIZE
    if is_large or html.count("&") * len(html) > MOST_MOVED:
        return False
    depth, left = _nesting(html)
    if len(html) > _SHORT and any(tag["odd"] for tag in left):
        return False
    longest = max(map(len, _LONG(html)), default=100)
    copied = tags * (depth * longest + sum(len(tag[0]) for tag in left))
    return tags * (depth + len(left)) <= MOST_WORK and copied <= MOST_COPIED


def _nesting(html: str) -> tuple[int, list[re.Match[str]]]:
    """Return how deep plain elements are nested in `html`, and the tags that may leave more open.

    An element is plain if it ends where it says so, all within is plain, and its tags hide nothing
    of what follows them from a parser.
    """
    around, left, depth = list[re.Match[str]](), list[re.Match[str]](), 0
    names = ["div"]  # of what stands around, outermost first, and whatever the body stands in
    for tag in _TAG(html):
        kind = tag.lastgroup
        name = tag[kind].lower() if kind == "start" or kind == "end" else ""
        if kind == "alone" or name in _EMPTY or (name in _LEFT_OPEN and names[-1] in _BLOCKS):
            continue
        if kind == "start":
            around.append(tag)
            names.append(name)
            depth = max(depth, len(around))
        elif around and name == names[-1]:
            around.pop()
            names.pop()
        else:
            left += *around, tag
            around.clear()
            del names[1:]
    return depth, left + around


class _Sanitizer(local):
    """The lists of what is let out, handed over once a thread: that takes longer than a short body.

    `base` is what the addresses of the next body are resolved against.
    """

    base = ""

    def __init__(self) -> None:
        self.cleaner = nh3.Cleaner(
            tags=TAGS,
            attributes=ATTRIBUTES,
            attribute_filter=self._attribute,
            url_schemes=_SCHEMES,
            link_rel=None,
        )

    def _attribute(self, element: str, name: str, value: str) -> str | None:
        """Return what an allowed attribute may say, None to drop it."""
        del element
        if name == "href":
            return urls.href(value, self.base) or None
        if name in {"src", "poster", "cite"}:
            return urls.publishable(value, self.base, strip_tracking=False) or None
        if name == "class":
            return value if value.startswith("language-") else None
        return value


_SANITIZER = _Sanitizer()


def safe(html: str, base: str) -> str:
    """Return of `html` what may be let out (C1), with absolute URLs (C2) and clean text (C3).

    Only listed elements and attributes are, no style, class or id; of all URLs only http, https
    and (in links) mailto, against `base`, the item's link. A picture without a usable address goes.
    Takes as long as `bearable` says.
    """
    _SANITIZER.base = base
    return text.clean(_NO_SOURCE.sub("", _SANITIZER.cleaner.clean(html))).strip()
