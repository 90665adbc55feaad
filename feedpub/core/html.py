"""HTML: what readers cannot show, said in another way (C8), and what is let out (C1-C3).

Readers run nothing and load no page within a page: an embed becomes a link, what waits for a script
the picture that it would show, a formula its source, a drawing its title.

An HTML5 parser repairs wrong nesting, and its repairs can cost the square of the input: 20,000
open `<div>`, or `<p>`, 1,000 unclosed `<b id=…>` and 1,000 more `<p>`, in each of which all of them
are opened again. The work is about the number of tags times that of the elements open at one of
them, and what is written is as many copies of tags. Both are bounded here, on the high side, before
anything is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
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
    # An element with nothing but text and such elements: most tags are in one, and met at once.
    rf"<(?:(?P<whole>({_NAME}){_END}(?:[^<]++|<({_NAME}){_END}[^<]*+</\3\s*+>)*+</\2\s*+>)"
    rf"|(?P<start>{_NAME}){_END}|/(?P<end>{_NAME})\s*+>"
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

_ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>=`]++)))?+"""
).finditer
_GIVEN = r"""\b(?P<given>(?:[^"'<>]++|"[^"]*+"|'[^']*+')*+)>"""
_ACTIVE = re.compile(
    r"<(?:!--(?:.*?(?P<closed>-->)|.*)|(?P<end>/?)(?=[a-z]{3})(?P<name>"
    r"applet|audio|embed|iframe|img|lite-(?:vimeo|youtube)|math|noembed|noframes|noscript|object"
    rf"|picture|plaintext|script|select|style|svg|template|textarea|title|video|xmp){_GIVEN})",
    re.ASCII | re.DOTALL | re.IGNORECASE,
).search
_TRANSPARENT = frozenset({"noscript", "textarea", "title", "xmp", "plaintext"})
_UNSAID = frozenset({"style", "template", "picture", "noembed", "noframes"})
_HIDDEN = frozenset({"applet", "noembed", "noframes", "script", "select", "style", "template"})
_EMBEDDED = {
    **dict.fromkeys(("iframe", "video", "audio", "embed"), "src"),
    "object": "data",
    **dict.fromkeys(("lite-vimeo", "lite-youtube"), "videoid"),  # of scripts that many load
}
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_TEX = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL).search
_MATH_PART = re.compile(r"<(?P<end>/?)(?P<name>m\w+)[^<>]*>|<[^<>]*>|(?P<text>[^<]+)").finditer
_MATH_SIGNS = {"mfrac": "/", "msup": "^", "msub": "_", "msubsup": "_^"}
_WITHIN = re.compile(f"<(source|img){_GIVEN}", re.IGNORECASE).finditer
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?").match
_NO_SCRIPT = re.compile(r"\s*<noscript\b[^<>]*>\s*(?=<img\b)", re.IGNORECASE).match
_PARAGRAPH_END = re.compile("\n\n|</?p>", re.IGNORECASE).search
_TITLE = re.compile(r"<title\b[^<>]*>([^<]*)</title", re.IGNORECASE).search
_PLAYERS = (
    (re.compile(r"(?:youtube(?:-nocookie)?\.com/(?:embed|v)|youtu\.be|lite-youtube)/([\w-]{6,})").search,
     "YouTube video", "https://www.youtube.com/watch?v={}"),
    (re.compile(r"(?:player\.vimeo\.com/video|lite-vimeo)/([0-9]+)").search, "Vimeo video", "https://vimeo.com/{}"),
    (re.compile(r"gist\.github\.com/([\w/-]+)\.js").search, "Gist", "https://gist.github.com/{}"),
    (re.compile(r"asciinema\.org/a/(\w+)(?:\.js|/iframe)").search,
     "Terminal recording", "https://asciinema.org/a/{}"),
)  # fmt: skip
_OTHER_FILE = re.compile(
    r"\.(?:(?P<video>mp4|webm|ogv|mov|m4v)|(?P<audio>mp3|m4a|ogg|wav|flac)"
    r"|(?P<embed>pdf|zip|docx?|xlsx?|pptx?))(?=[?#]|\Z)",
    re.IGNORECASE,
).search
"""What authors show like a picture that is none."""

_WORDS = {"video": "Video", "audio": "Audio", "embed": "Embedded file", "object": "Embedded file"}


def readable(source: str) -> tuple[str, tuple[str, ...]]:
    """Return HTML, not safe yet, with what no reader runs or loads said in another way (C8).

    Also the names of what was left out of it, each once.

    An embed becomes a link that says what it is, `<noscript>` its content, `<picture>` and a picture
    that waits for a script the best picture that has an address, a formula in MathML its source, a
    drawing its title. An element without its end tag never takes what follows with it. Linear.
    """
    parts, at, left_out, missing = list[str](), 0, dict[str, None](), set[str]()
    while tag := _ACTIVE(source, at):
        parts.append(source[at : tag.start()])
        at = tag.end()
        if tag["name"] is None:  # a comment; left open, it hides all that follows
            parts.append(tag[0] if tag["closed"] else "")
            continue
        name, given = tag["name"].lower(), _attributes(tag["given"])
        if tag["end"] or name in _TRANSPARENT:
            continue
        if name == "img":
            parts.append(_image(tag[0], given, bool(_NO_SCRIPT(source, at))))
            continue
        end, at = (at, at) if "/" in given else _end(source, name, at, missing)
        said = _said(name, given, source[tag.end() : end])
        parts.append(said)
        if not said and name not in _UNSAID:
            left_out[name] = None
    return "".join(parts) + source[at:], tuple(left_out)


def _said(name: str, given: Mapping[str, str], inner: str) -> str:
    """Return what is shown in place of an element, '' for nothing."""
    if name in _EMBEDDED:
        return _embed(name, given, inner)
    if name == "script":
        return _embed(name, given, "") if _player(given.get("src", "")) else ""
    if name == "picture":
        found = [_attributes(each["given"]) for each in _WITHIN(inner)]
        return _picture(sorted(found, key=lambda one: "src" not in one))
    if name == "math":
        tex = _TEX(inner)
        return tex[1] if tex else _formula(inner)
    title = _TITLE(inner) if name == "svg" else None
    return title[1] if title else ""


def _formula(mathml: str) -> str:
    """Return a formula in MathML as text: a fraction with `/`, an index with `_`, a power with `^`."""
    opened, given = list[tuple[str, list[str]]](), list[str]()
    for part in _MATH_PART(mathml):
        if part["text"]:
            given.append(part["text"].strip())
        elif part["name"] and not part["end"]:
            opened.append((part["name"].lower(), given))
            given = []
        elif opened:
            name, around = opened.pop()
            signs = _MATH_SIGNS.get(name, ())
            many = [f"({one})" if signs and len(one) > 1 else one for one in given if one]
            said = "".join(map("".join, zip(many, (*signs, *[""] * len(many)), strict=False)))
            around.append(f"√({said})" if name == "msqrt" else said)
            given = around
    return "".join("".join(around) for _, around in opened) + "".join(given)


def _end(source: str, name: str, start: int, missing: set[str]) -> tuple[int, int]:
    """Return where the content that begins at `start` ends, and where what follows begins.

    An element that is left open has none, but for a script or style, which ends with its paragraph.
    An end tag that is `missing` is looked for once.
    """
    if name not in missing and name != "embed":
        # In small letters a text may be longer (İ), so that places in it would be others.
        if found := re.compile(f"</{name}", re.ASCII | re.IGNORECASE).search(source, start):
            after = source.find(">", found.end())
            return found.start(), after + 1 if after >= 0 else len(source)
        missing.add(name)
    if name not in _HIDDEN:
        return start, start
    found = _PARAGRAPH_END(source, start)
    end = found.start() if found else len(source)
    return end, end


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in _ATTRIBUTE(source):
        found.setdefault(one[1].lower(), unescape(one[2] or one[3] or one[4] or ""))
    return found


def _is_address(written: str) -> bool:
    """Say whether something can be got at an address, or it only takes its place."""
    return bool(written) and not written.startswith(("data:", "about:", "javascript:"))


def _image(written: str, given: Mapping[str, str], is_there_again: bool) -> str:
    """Return what is shown in place of an `<img>`, which waits for a script if it has to."""
    address = given.get("src", "")
    if other := _OTHER_FILE(address):
        return _embed(other.lastgroup or "", {"title": given.get("alt", ""), **given}, "")
    if not _is_address(address):
        return "" if is_there_again else _picture([given])
    return _picture([given]) if any(map(given.get, (*_LAZY, *_SETS[1:]))) else written


def _picture(candidates: Sequence[Mapping[str, str]]) -> str:
    """Return the picture that the first of the candidates with an address shows, '' without any."""
    for given in candidates:
        sets = (_best(given.get(name, "")) for name in _SETS)
        sources = (given.get(name, "") for name in (*_LAZY, "src"))
        if address := next(filter(None, (*filter(_is_address, sources), *sets)), ""):
            kept = {k: given[k] for k in ("alt", "title", "width", "height") if k in given}
            kept["alt"] = next((one["alt"] for one in candidates if "alt" in one), "")
            told = (f' {k}="{escape(v)}"' for k, v in {"src": address, **kept}.items())
            return f"<img{''.join(told)}>"
    return ""


def _best(candidates: str) -> str:
    """Return the widest of the pictures of a `srcset`."""
    found = [[*part.split(), "1x"][:2] for part in re.split(r",\s", candidates) if part.strip()]
    return max(found, key=lambda one: float((_NUMBER(one[1]) or "0")[0]), default=[""])[0]


def _player(address: str) -> tuple[str, str] | None:
    """Return what a known player shows, and the address of its page; None if it is not known."""
    for player, what, link in _PLAYERS:
        if found := player(address):
            return what, link.format(found[1])
    return None


def _embed(name: str, given: Mapping[str, str], inner: str) -> str:
    """Return a link to what is embedded that says what it is, '' without an address."""
    within = (_attributes(each["given"]).get("src", "") for each in _WITHIN(inner))
    named = (given.get(key, "") for key in (_EMBEDDED.get(name, "src"), *_LAZY, "src"))
    address = next(filter(_is_address, (*named, *within)), "")
    if not address:
        return ""
    address = f"{name}/{address}" if name.startswith("lite-") else address
    words, address = _player(address) or (_WORDS.get(name, "Embedded page"), address)
    title = given.get("title", "").strip()
    if not title and words == "Embedded page":
        title = urls.host(re.sub("^//", "https://", address))
    words = f"{words}: {title}" if title else words
    return f'<a href="{escape(address)}">{escape(words)}</a>'


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
        if kind == "whole":
            is_left_open = tag[2] in _LEFT_OPEN and names[-1] in _BLOCKS
            depth = max(depth, len(around) + (not is_left_open) + (tag[3] is not None))
            continue
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
