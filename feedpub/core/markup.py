"""Bodies: Markdown or HTML in, safe HTML with absolute URLs out (C1, C2, C3, C5)."""

from __future__ import annotations

import re
from functools import partial

from feedpub.core import tagsoup, text, urls

MOST_CHARACTERS = 1 << 18
"""The longest Markdown body that is rendered: a quarter of what a feed document holds (F6)."""

MOST_MARKERS = 20_000
"""The most markup characters of a Markdown body: about 15 µs each at worst.

Ordinary texts have 5 in 100.
"""

_MARKERS = b"\n!&*<[\\]_`|~>-#"

_MODULE = re.compile(
    r"""
      ^import[ \t]++(?:[^\n]*?[ \t]from[ \t]++)?["'][^\n"']+["']
    | ^export[ \t]++(?:(?:const|let|var|function|class|async)[ \t]
                      |default[ \t]++(?:function|class|\()|[{*])
    """,
    re.VERBOSE | re.MULTILINE,
)
# A capital and a small letter, closed by itself or by an end tag; not the <BR> of old pages.
_COMPONENT = re.compile(
    r"""<(?:/(?=[A-Z]\w*?[a-z])[\w.]++\s*+>|(?<!\w<)(?=[A-Z]\w*?[a-z])[\w.]++(?:\s[^<]*?)?/>)"""
)
_FENCE = re.compile(r"[ \t>*+-]*+(`{3,}+|~{3,}+)(.*)")
_CODE_SPAN = re.compile(r"``[^\n]*?``|`[^`\n]*`")

_ANYWHERE = frozenset({"dir", "lang", "title"})
_CELL = frozenset({"align", "colspan", "rowspan"})
_MEDIA = frozenset({"src", "height", "width"})
_PLAIN = (
    "abbr address article aside b bdi bdo br caption center cite dd details dfn div dl dt em"
    " figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i kbd li main mark p picture pre rp rt"
    " ruby s samp section small span strike strong sub summary sup table tbody tfoot thead tr tt u"
    " ul var wbr"
)
_WITH_ATTRIBUTES: dict[str, frozenset[str]] = {
    "a": frozenset({"href"}),
    "audio": frozenset({"src", "controls"}),
    "blockquote": frozenset({"cite"}),
    "code": frozenset({"class"}),
    "del": frozenset({"cite", "datetime"}),
    "img": _MEDIA | {"alt"},
    "ins": frozenset({"cite", "datetime"}),
    "ol": frozenset({"start", "reversed"}),
    "q": frozenset({"cite"}),
    "source": frozenset({"src", "type"}),
    "td": _CELL,
    "th": _CELL | {"scope"},
    "time": frozenset({"datetime"}),
    "video": _MEDIA | {"controls", "poster"},
}
_TAGS = {*_PLAIN.split(), *_WITH_ATTRIBUTES}
_ATTRIBUTES = {"*": set(_ANYWHERE)} | {tag: set(names) for tag, names in _WITH_ATTRIBUTES.items()}
_SCHEMES = {"http", "https", "mailto"}
_NO_SOURCE = re.compile(r'<(?:img|source)(?: (?!src=")[^ =>]+="[^"]*+")*+>')


def has_template_code(body: str) -> bool:
    """Say whether `body` has code that a site generator would run: it cannot be shown (C5).

    That is Liquid (`{% … %}`, `{{ … }}`), Hugo's shortcodes, and MDX: imports and exports at the
    start of a line, components. Code that is only shown, in a fence or a code span, does not
    count; in an indented code block it does. Comments and `:::note` are no code. Linear.
    """
    return _runs(body) and _runs(_without_code(body))


def _runs(body: str) -> bool:
    return (
        ("{" in body and (_encloses(body, "{{", "}}") or _encloses(body, "{%", "%}")))
        or _COMPONENT.search(body) is not None
        or (("import" in body or "export" in body) and _MODULE.search(body) is not None)
    )


def _encloses(body: str, opening: str, closing: str) -> bool:
    start = body.find(opening)
    return start >= 0 and body.find(closing, start) >= 0


def _without_code(body: str) -> str:
    prose, fence = list[str](), ""
    for line in body.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
        elif mark and "`" not in mark[2]:
            fence = mark[1]
        else:
            prose.append(line)
    return _CODE_SPAN.sub("", "\n".join(prose))


def renderable(body: str, is_html: bool = False) -> bool:
    """Say whether `body_html` renders `body`, or gives up because it would take too long.

    What is rendered to find out is rare: tags of its own, and so much markup that they might be
    repeated too often.
    """
    if is_html:
        return tagsoup.bearable(body)
    if len(body) <= MOST_MARKERS and tagsoup.modest(body, len(body)):
        return True
    markers = _count_markers(body)
    if not _is_bounded(body, markers):
        return False
    return tagsoup.modest(body, markers) or _raw(body, is_html) is not None


def body_html(body: str, base: str, is_html: bool = False) -> str:
    """Return the safe HTML of a Markdown `body`, or of an HTML one when `is_html` (C1-C3).

    Only listed elements and attributes are let through, no style, class or id; of all URLs only
    http, https and (in links) mailto, absolute against `base`, the item's link. A picture without
    a usable address goes. '' if nothing is left or the body is not `renderable`. Never raises.
    """
    raw = _raw(text.legal(body), is_html)
    return text.clean(_sanitized(raw, base)).strip() if raw else ""


def _raw(body: str, is_html: bool) -> str | None:
    """Return unsafe HTML, or None if parsing it could take more than about a second."""
    if is_html:
        return body if tagsoup.bearable(body) else None
    markers = _count_markers(body)
    if not _is_bounded(body, markers):
        return None
    from feedpub.core import plain_markdown  # 5 ms, and most runs have no new body

    html = plain_markdown.render(body, _parsed)
    return html if tagsoup.modest(body, markers) or tagsoup.bearable(html) else None


def _parsed(body: str) -> str:
    from feedpub.core import commonmark  # 50 ms, and few bodies need it

    return commonmark.render(body)


def _is_bounded(body: str, markers: int) -> bool:
    return len(body) <= MOST_CHARACTERS and markers <= MOST_MARKERS


def _count_markers(body: str) -> int:
    data = body.encode("utf-8", "surrogatepass")
    return len(data) - len(data.translate(None, _MARKERS))


def _sanitized(html: str, base: str) -> str:
    import nh3

    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=partial(_attribute, base),
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    return _NO_SOURCE.sub("", safe)


def _attribute(base: str, element: str, name: str, value: str) -> str | None:
    """Return what an allowed attribute may say, None to drop it."""
    del element
    if name == "href":
        return urls.href(value, base) or None
    if name in {"src", "poster", "cite"}:
        return urls.publishable(value, base, strip_tracking=False) or None
    if name == "class":
        return value if value.startswith("language-") else None
    return value
