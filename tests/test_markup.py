"""Markdown: CommonMark and what people write beyond it, as readers show it (C8)."""

from __future__ import annotations

import pytest
from body_samples import BASE, assert_safe, body_html
from hypothesis import given, settings, strategies as st

from feedpub.core import markup

pytestmark = pytest.mark.timeout(60)


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
    "- [ ] a\n- [x] b": "<ul>\n<li>☐ a</li>\n<li>☑ b</li>\n</ul>",
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
        '<p><a href="https://e.org/?a&amp;b">https://e.org/?a&amp;b</a>'
        ' <a href="https://e.org">https://e.org</a></p>'
    ),
    "![a *b*](/c.png)": '<p><img src="https://example.org/c.png" alt="a b"></p>',
    "<div>\n*a*\n\n*b*\n</div>": "<div>\n*a*\n<p><em>b</em></p>\n</div>",
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
    "a\n{: .note}": "<p>a</p>",
    "a\n{: .note}\nb": "<p>a</p>\n<p>b</p>",
    "- a\n{: .x}\n- b\n  {: .y}": "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
    "> a\n{: .x}\nb": "<blockquote>\n<p>a</p>\n</blockquote>\n<p>b</p>",
    "|a|\n|-|\n|b|\n{: .x}": (
        "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>b</td></tr>\n</tbody></table>"
    ),
    "a{{.x}} { .x }": "<p>a{{.x}} </p>",
    "a\n\n*[HTML]: b *c*\n*[d]: e\n\n*[f]*": "<p>a</p>\n<p><em>[f]</em></p>",
    "    :::py\n    x\n\na\n\n    #!/bin/sh": (
        '<pre><code class="language-py">x\n</code></pre>\n<p>a</p>\n'
        "<pre><code>#!/bin/sh\n</code></pre>"
    ),
    '``` {.py hl="1"}\na\n```\n```rust,linenos\nb\n```': (
        '<pre><code class="language-py">a\n</code></pre>\n'
        '<pre><code class="language-rust">b\n</code></pre>'
    ),
    "**a.**{: .x}b ![c {#d}](/i.png)": (
        '<p><strong>a.</strong>b <img src="https://example.org/i.png" alt="c "></p>'
    ),
    "a {/* truncate */}b <!-- more -->": "<p>a b </p>",
    "é {/* *se*cret `x` [y](z) */}ü": "<p>é ü</p>",
    "{/* ` */} {: .x} ` {: .y}": "<p> ` </p>",
    ":::note\n\nx\n\n:::": "<p><strong>Note</strong></p>\n<p>x</p>",
    "a\n:::note\nb\n:::\nc": "<p>a</p>\n<p><strong>Note</strong></p>\n<p>b</p>\n<p>c</p>",
    ":::tip[Be *kind*]\nx\n:::": "<p><strong>Be <em>kind</em></strong></p>\n<p>x</p>",
    "x\n:::info A {#t}title\ny": "<p>x</p>\n<p><strong>A title</strong></p>\n<p>y</p>",
    ':::note{title="x"} y\nz': "<p><strong>Note</strong></p>\n<p>z</p>",
    "> a\n> :::note T\n> b\n>:::\n> c": (
        "<blockquote>\n<p>a</p>\n<p><strong>T</strong></p>\n<p>b</p>\n<p>c</p>\n</blockquote>"
    ),
    "1. a\n\n   :::tip\n   b\n   :::\n\n2. c": (
        "<ol>\n<li>\n<p>a</p>\n<p><strong>Tip</strong></p>\n<p>b</p>\n</li>\n"
        "<li>\n<p>c</p>\n</li>\n</ol>"
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
