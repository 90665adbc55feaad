"""Bodies as an entry has them, read back and looked through, and text that is like Markdown."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import strategies as st

from feedpub.core import body as bodies, html, text

BASE = "https://example.org/blog/post"
URLS = {"href", "src", "cite", "poster"}
VOID = {"br", "hr", "img", "wbr", "source"}
NEVER = {
    *("script", "style", "iframe", "form", "input", "button", "object", "embed", "applet"),
    *("svg", "math", "meta", "base", "link", "template", "frame", "frameset", "textarea", "title"),
    *("html", "head", "body", "noscript", "select", "marquee", "portal", "foreignobject", "area"),
}


class Reader(HTMLParser):
    """Reads HTML back with the standard library: tags, attributes, text; fails on bad nesting."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == [], "an element is left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - the shape of the base
        pytest.fail("a comment")

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002 - the shape of the base
        pytest.fail("a declaration")

    def handle_pi(self, data: str) -> None:  # noqa: ARG002 - the shape of the base
        pytest.fail("a processing instruction")

    @property
    def text(self) -> str:
        return "".join(self.texts)


def assert_safe(source: str) -> Reader:
    """C1, C2, C3: read `source` back and check every tag, attribute and URL."""
    read = Reader(source)
    for tag, attributes in read.tags:
        assert tag not in NEVER
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in {"style", "srcset", "id", "name", "formaction", "action", "data"}
            if name in URLS:
                assert value.isascii()
                assert value.lower().startswith(("http://", "https://", "mailto:"))
        assert tag not in {"img", "source"} or attributes.get("src")
    assert text.clean(source) == source
    return read


XSS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\n>alert(1)</script\t>",
    "<<script>alert(1);//<</script>",
    '<img src=x onerror="alert(1)">',
    "<img src=x onerror=alert(1)//",
    "<img/src=x/onerror=alert(1)>",
    "<img src='x'onerror=alert(1)>",
    '<img src="x`" `onerror=alert(1)>',
    "<IMG SRC=x OnErRoR\n=\nalert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img src=javascript:alert(1)>",
    '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    '<img src="/ok.png" srcset="javascript:alert(1) 1x, //evil.example/a.png 2x">',
    '<img src="/ok.png" style="background:url(javascript:alert(1))">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="JaVaScRiPt:alert(1)">x</a>',
    '<a href=" &#14; javascript:alert(1)">x</a>',
    '<a href="jav\tascript:alert(1)">x</a>',
    '<a href="java&#10;script:alert(1)">x</a>',
    '<a href="jav&#x0A;ascript&colon;alert(1)">x</a>',
    "<a href=&#0000106&#0000097&#0000118&#0000097&#0000115cript:alert(1)>x</a>",
    '<a href="\u0001javascript:alert(1)">x</a>',
    '<a href="javascript\u200b:alert(1)">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="feed:javascript:alert(1)">x</a>',
    '<a href="view-source:file:///etc/passwd">x</a>',
    '<a href="file:///etc/passwd">x</a>',
    '<a href="blob:https://example.org/1">x</a>',
    "<svg onload=alert(1)>",
    '<svg><script xlink:href="data:,alert(1)"></script></svg>',
    '<svg><a xlink:href="javascript:alert(1)"><text y="20">x</text></a></svg>',
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)></style></table></math>",
    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id='</style><img onerror=1>'>",
    "<style>@import 'javascript:alert(1)';</style>",
    '<div style="width:expression(alert(1))">x</div>',
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    '<base href="https://evil.example/"><a href="x">x</a>',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<iframe src="https://www.youtube.com/embed/x"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<form action="https://evil.example"><input name=q autofocus onfocus=alert(1)></form>',
    '<button formaction="javascript:alert(1)">x</button>',
    '<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">',
    '<video poster="javascript:alert(1)" onplay=alert(1)><source onerror=alert(1)></video>',
    '<audio src="data:audio/mp3;base64,AAAA" controls></audio>',
    '<blockquote cite="javascript:alert(1)">x</blockquote>',
    "<details open ontoggle=alert(1)>x</details>",
    '<p id="location" name="cookie" onclick=alert(1)>x</p>',
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y 'z'>]>&y;",
    "<textarea></textarea><script>alert(1)</script></textarea>",
    '<a href="x" title=\'"><script>alert(1)</script>\'>x</a>',
    '<area href="javascript:alert(1)"><map name=x></map>',
    '<table background="javascript:alert(1)"><td background="//evil.example/x">x</table>',
    "]]><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x][1]\n\n[1]: javascript:alert(1)",
    '[x](https://e.org "\\" onclick=alert(1) x=\\"")',
    '![x" onerror="alert(1)](x.png)',
    "<javascript:alert(1)>",
    "![x](data:image/png;base64,AAAA)",
    '```x"><script>alert(1)</script>\ncode\n```',
]

MARKDOWNISH = st.text(
    st.sampled_from(list("[]()<>!*_`~#-=+|\\\n \t&;:\"'/{}%ab1.\x00\x0b\ud800\u202eé🤖")),
    max_size=60,
) | st.lists(st.sampled_from(XSS), max_size=4).map("\n".join)


def body_html(source: str, base: str = BASE, is_html: bool = False, dialect: str = "") -> str:
    """Return a body as an entry has it."""
    return html.safe(bodies.read(source, _path(is_html), dialect).html or "", base)


def is_read(source: str, is_html: bool = False) -> bool:
    """Say whether a body is read at all: it is not too much for a parser."""
    return bodies.read(source, _path(is_html)).html is not None


def _path(is_html: bool) -> str:
    return "a.html" if is_html else "a.md"
