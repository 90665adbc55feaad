"""Markdown: CommonMark and what people write beyond it, as readers show it (C8)."""

from __future__ import annotations

import lxml.html
import pytest
from body_samples import BASE, MARKDOWNISH, Reader, assert_safe, body_html
from hypothesis import assume, given, settings, strategies as st

from feedpub.core import body as bodies, fields, html, markdown

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
    "$a_b*c_d*$ $$e_f_$$": "<p>$a_b*c_d*$ $$e_f_$$</p>",
    "$, *a* `$` $5/$10 $x\ny$": "<p>$, <em>a</em> <code>$</code> $5/$10 $x\ny$</p>",
    "a.b@e.org c@0.1.0": '<p><a href="mailto:a.b@e.org">a.b@e.org</a> c@0.1.0</p>',
    "a (https://e.org/b).": '<p>a (<a href="https://e.org/b">https://e.org/b</a>).</p>',
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
    ":::columns\na\n:::\n:::card T\nb": "<p>a</p>\n<p><strong>T</strong></p>\n<p>b</p>",
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


FOOTNOTES = {
    "A claim.[^1] Again.[^note] And.[^1]\n\n[^1]: The source says so.\n[^note]: With *markup*.": (
        "<p>A claim.<sup>1</sup> Again.<sup>2</sup> And.<sup>1</sup></p>\n<hr>\n<ol>\n"
        "<li><p>The source says so.</p></li>\n<li><p>With <em>markup</em>.</p></li>\n</ol>"
    ),
    "A.[^1]\n\n[^1]: Ibid.": "<p>A.<sup>1</sup></p>\n<hr>\n<ol>\n<li><p>Ibid.</p></li>\n</ol>",
    "A.[^1]\n\n[^1]: https://e.org/p": (
        "<p>A.<sup>1</sup></p>\n<hr>\n<ol>\n"
        '<li><p><a href="https://e.org/p">https://e.org/p</a></p></li>\n</ol>'
    ),
    "A.[^1]\n\n[^1]: First.\n\n    Second.\n\nOn.": (
        "<p>A.<sup>1</sup></p>\n<p>On.</p>\n<hr>\n<ol>\n<li><p>First.</p>\n<p>Second.</p></li>\n</ol>"
    ),
    "A.[^1]\n\n[^1]:\n    On the next line.": (
        "<p>A.<sup>1</sup></p>\n<hr>\n<ol>\n<li><p>On the next line.</p></li>\n</ol>"
    ),
    "[^2] before[^1]\n\n[^1]: first\n[^2]: second": (
        "<p><sup>1</sup> before<sup>2</sup></p>\n<hr>\n<ol>\n<li><p>second</p></li>\n"
        "<li><p>first</p></li>\n</ol>"
    ),
    "A.[^a]\n\n[^a]: See[^b].\n[^b]: See[^a].": (
        "<p>A.<sup>1</sup></p>\n<hr>\n<ol>\n<li><p>See<sup>2</sup>.</p></li>\n"
        "<li><p>See<sup>1</sup>.</p></li>\n</ol>"
    ),
    "A.[^1]\n\n[^1]: <div>x</div>\n\n    ```\n    [^1]\n    ```\n\nOn.": (
        "<p>A.<sup>1</sup></p>\n<p>On.</p>\n<hr>\n<ol>\n<li><div>x</div>\n"
        "<pre><code>[^1]\n</code></pre></li>\n</ol>"
    ),
    "No mark.\n\n[^1]: Not asked for.": "<p>No mark.</p>",
    "`[^1]` and a[^1]b\n\n[^1]: `x[^1]`": (
        "<p><code>[^1]</code> and a<sup>1</sup>b</p>\n<hr>\n<ol>\n"
        "<li><p><code>x[^1]</code></p></li>\n</ol>"
    ),
    "|a[^1]|\n|-|\n|b[^1]|\n\n[^1]: c": (
        "<table><thead><tr><th>a<sup>1</sup></th></tr></thead><tbody>\n"
        "<tr><td>b<sup>1</sup></td></tr>\n</tbody></table>\n<hr>\n<ol>\n<li><p>c</p></li>\n</ol>"
    ),
}


@pytest.mark.parametrize("body", FOOTNOTES)
def test_c8_marks_of_footnotes_are_numbers_and_their_texts_stand_at_the_end(body: str) -> None:
    assert body_html(body) == FOOTNOTES[body]


def quoted(title: str, *paragraphs: str) -> str:
    inner = "".join(f"<p>{text}</p>\n" for text in (f"<strong>{title}</strong>", *paragraphs))
    return f"<blockquote>\n{inner}</blockquote>"


WRITTEN = {
    ("", "1. [ ] a\n2. [X] b\n\n[ ] c [x] d"): (
        "<ol>\n<li>☐ a</li>\n<li>☑ b</li>\n</ol>\n<p>[ ] c [x] d</p>"
    ),
    ("", "> [!NOTE]\n> Text *it*"): quoted("Note", "Text <em>it</em>"),
    ("", "> [!warning] Its title\n> Text"): quoted("Its title", "Text"),
    ("obsidian", "> [!bug]- Folded\n> Text"): quoted("Folded", "Text"),
    ("", "> [!NOTE]\n>\n> - a"): (
        "<blockquote>\n<p><strong>Note</strong></p>\n<ul>\n<li>a</li>\n</ul>\n</blockquote>"
    ),
    ("", "> `[!NOTE]`"): "<blockquote>\n<p><code>[!NOTE]</code></p>\n</blockquote>",
    ("mkdocs", "!!! note\n    One *b*\n\n    Two\n\nAfter"): (
        quoted("Note", "One <em>b</em>", "Two") + "\n<p>After</p>"
    ),
    ("mkdocs", '??? tip "A *title*"\n    ```py\n    x\n    ```'): (
        "<blockquote>\n<p><strong>A <em>title</em></strong></p>\n"
        '<pre><code class="language-py">x\n</code></pre>\n</blockquote>'
    ),
    ("mkdocs", '???+ warning ""\n\tText'): "<blockquote>\n<p>Text</p>\n</blockquote>",
    ("mkdocs", '!!! a "1"\n    x\n\n    !!! b "2"\n        y'): (
        "<blockquote>\n<p><strong>1</strong></p>\n<p>x</p>\n"
        "<blockquote>\n<p><strong>2</strong></p>\n<p>y</p>\n</blockquote>\n</blockquote>"
    ),
    ("", "    !!! note\n        x"): "<pre><code>!!! note\n    x\n</code></pre>",
    ("quarto", "::: {.callout-tip title='A b'}\nx\n:::\n\n::: {.column-margin}\ny\n:::"): (
        "<p><strong>A b</strong></p>\n<p>x</p>\n<p>y</p>"
    ),
    ("quarto", "```{python}\nx\n```\n\n```{r, echo=FALSE}\ny\n```"): (
        '<pre><code class="language-python">x\n</code></pre>\n'
        '<pre><code class="language-r">y\n</code></pre>'
    ),
    ("", "Term\n: One\n: Two *b*"): (
        "<dl>\n<dt>Term</dt>\n<dd>One</dd>\n<dd>Two <em>b</em></dd>\n</dl>"
    ),
    ("", "<details>\n<summary>A *b* `c`</summary>\n\n*Text*\n\n</details>"): (
        "<details>\n<summary>A <em>b</em> <code>c</code></summary>\n"
        "<p><em>Text</em></p>\n</details>"
    ),
    ("", "<br>\nA *b*\n\n<br/><br>\n- [c](/d)"): (
        "<br>\n<p>A <em>b</em></p>\n<p><br><br></p>\n"
        '<ul>\n<li><a href="https://example.org/d">c</a></li>\n</ul>'
    ),
    ("", "<div markdown='1'>\n*a*\n</div>"): "<div>\n<p><em>a</em></p>\n</div>",
    ("", "$$\na_b * c_d * e\n$$ and $x_1 * y_2$, $5 or $6"): (
        "<p>$$\na_b * c_d * e\n$$ and $x_1 * y_2$, $5 or $6</p>"
    ),
    ("obsidian", "==a b== [x==y==](/z) `==c==` 1 == 2\n\nText ^a-1"): (
        '<p><mark>a b</mark> <a href="https://example.org/z">x<mark>y</mark></a>'
        " <code>==c==</code> 1 == 2</p>\n<p>Text</p>"
    ),
    ("obsidian", "![[/a.png|300]]"): ('<p><img src="https://example.org/a.png" alt="/a.png"></p>'),
    ("", "==a== [[b]] c^d"): "<p>==a== [[b]] c^d</p>",
    ("mkdocs", "[TOC]\n\nText [TOC]"): "<p>Text [TOC]</p>",
    ("jekyll", "* x\n{:toc}\n\nText"): "<p>Text</p>",
}


@pytest.mark.parametrize(("dialect", "body"), WRITTEN)
def test_c8_what_people_write_is_shown_as_any_reader_shows_it(dialect: str, body: str) -> None:
    assert body_html(body, dialect=dialect) == WRITTEN[dialect, body]


@pytest.mark.parametrize(
    ("source", "links"),
    [
        ("see https://e.org/a_(b)?x=1&y=2.", {"https://e.org/a_(b)?x=1&y=2": ""}),
        ("(https://e.org/a), \"http://e.org/b\"!", {"https://e.org/a": "", "http://e.org/b": ""}),
        ("www.e.org/c;", {"http://www.e.org/c": "www.e.org/c"}),
        ("me.too+x@e.org.", {"mailto:me.too+x@e.org": "me.too+x@e.org"}),
        ("(http://e.org)", {"http://e.org": ""}),
        ("*https://e.org/a*", {"https://e.org/a": ""}),
        ("[https://e.org](/x) <a href='/y'>https://e.org</a>", {
            "https://example.org/x": "https://e.org", "https://example.org/y": "https://e.org"}),
        ("![https://e.org](/x.png) `https://e.org` xhttps://e.org http:// @e.org a@b", {}),
        ("    https://e.org", {}),
        ("<https://e.org/a> [r]\n\n[r]: https://e.org/b", {
            "https://e.org/a": "", "https://e.org/b": "r"}),
        ("| https://e.org/a | www.e.org |\n|-|-|\n", {
            "https://e.org/a": "", "http://www.e.org": "www.e.org"}),
    ],
)  # fmt: skip
def test_c8_bare_addresses_are_links(source: str, links: dict[str, str]) -> None:
    read = Reader(body_html(source))
    assert [a["href"] for tag, a in read.tags if tag == "a"] == [*links]
    assert all((words or url) in read.text for url, words in links.items())


@pytest.mark.parametrize("dialect", ["jekyll", "zola", "pelican", "eleventy", "mkdocs"])
def test_c8_bare_addresses_are_text_where_the_generator_makes_no_links_of_them(
    dialect: str,
) -> None:
    assert body_html("https://e.org/a_b_ www.e.org", dialect=dialect) == (
        "<p>https://e.org/a_b_ www.e.org</p>"
    )


OF_A_DIALECT = {
    ("pelican", "1. a\n\n        :::py\n        b\n\n          c\n\n- d\n\n        e"): (
        '<ol>\n<li>\n<p>a</p>\n<pre><code class="language-py">b\n\n  c\n</code></pre>\n</li>\n</ol>\n'
        "<ul>\n<li>\n<p>d</p>\n<pre><code>e\n</code></pre>\n</li>\n</ul>"
    ),
    (
        "pelican",
        "1. a\n\n       b *c*\n      d\n",
    ): "<ol>\n<li>\n<p>a</p>\n<p>b <em>c</em>\nd</p>\n</li>\n</ol>",
    ("jekyll", "<div>\n<b>a</b>\n <pre><code>b\n\n    *c*\n\n\nd</code></pre>\n</div>\n\n*e*"): (
        "<div>\n<b>a</b>\n <pre><code>b\n\n    *c*\n\n\nd</code></pre>\n</div>\n<p><em>e</em></p>"
    ),
    ("pelican", "- a\n\n      b\n\t\tcde\n"): (
        "<ul>\n<li>\n<p>a</p>\n<pre><code>b\n  cde\n</code></pre>\n</li>\n</ul>"
    ),
    ("zola", "- d\n\n        e"): (
        "<ul>\n<li>\n<p>d</p>\n<pre><code>  e\n</code></pre>\n</li>\n</ul>"
    ),
    ("mkdocs", '=== "A"\n\n    x\n\n    ```py\n    y\n    ```\n\n===! "B *b*"\n    z\n\nafter'): (
        "<p><strong>A</strong></p>\n<p>x</p>\n"
        '<pre><code class="language-py">y\n</code></pre>\n'
        "<p><strong>B <em>b</em></strong></p>\n<p>z</p>\n<p>after</p>"
    ),
    ("mkdocs", "!!!note\n    x"): (
        "<blockquote>\n<p><strong>Note</strong></p>\n<p>x</p>\n</blockquote>"
    ),
    ("", "!!! Wow, that is it\n\nMore"): "<p>!!! Wow, that is it</p>\n<p>More</p>",
    ("mkdocs", "==it== H~2~O x^2^ `x^2^` a ^ b ~c~~d~"): (
        "<p><mark>it</mark> H<sub>2</sub>O x<sup>2</sup> <code>x^2^</code> a ^ b ~c~~d~</p>"
    ),
    ("mkdocs", "|a^b|c^|\n|-|-|"): (
        "<table><thead><tr><th>a^b</th><th>c^</th></tr></thead><tbody>\n</tbody></table>"
    ),
    ("mkdocs", "Term\n: Def\n\n:material-check: :tada: `:tada:` 10:20:30 :no-such:"): (
        "<dl>\n<dt>Term</dt>\n<dd>Def</dd>\n</dl>\n"
        "<p> 🎉 <code>:tada:</code> 10:20:30 :no-such:</p>"
    ),
    ("docusaurus", "- :+1: é:smile:\n\n```\n:+1:\n```"): (
        "<ul>\n<li>👍 é😄</li>\n</ul>\n<pre><code>:+1:\n</code></pre>"
    ),
    ("", ":tada: stays"): "<p>:tada: stays</p>",
    ("", "[TOC]\n\n[[toc]]\n\n`[TOC]` [TOC] a"): "<p><code>[TOC]</code> [TOC] a</p>",
    ("", "![[a b.png|300]] ![[c.jpg|Words|30x40]] [[note]] ![[no]]"): (
        '<p><img src="https://example.org/blog/a%20b.png" alt="a b.png">'
        ' <img src="https://example.org/blog/c.jpg" alt="Words">'
        ' <a href="https://source.invalid/note">note</a>'
        ' <a href="https://source.invalid/no">no</a></p>'
    ),
    ("obsidian", "![[files/p.png]] ![[p.png|10]]"): (
        '<p><img src="https://example.org/files/p.png" alt="files/p.png">'
        ' <img src="https://example.org/blog/p.png" alt="p.png"></p>'
    ),
    ("", "> [!tip]- A **bold** `title`\n> body\n\n> [!x] only\n> - a"): (
        "<blockquote>\n<p><strong>A <strong>bold</strong> <code>title</code></strong></p>\n"
        "<p>body</p>\n</blockquote>\n"
        "<blockquote>\n<p><strong>only</strong></p>\n<p></p>\n<ul>\n<li>a</li>\n</ul>\n</blockquote>"
    ),
    ("", "``` { .yaml .annotate }\na: {b}\n```\n\n~~~{python}\nc\n~~~"): (
        '<pre><code class="language-yaml">a: {b}\n</code></pre>\n'
        '<pre><code class="language-python">c\n</code></pre>'
    ),
    ("quarto", "[f] ~g~ H~2~O {.x k=1}"): "<p>[f] <sub>g</sub> H<sub>2</sub>O </p>",
    ("quarto", "::: panel-tabset\n## R {-}\nx\n:::\n\n::: callout-tip\ny\n:::"): (
        "<h2>R </h2>\n<p>x</p>\n<p><strong>Tip</strong></p>\n<p>y</p>"
    ),
    ("", "```{.a &amp; b\\}\nx\n```"): '<pre><code class="language-a">x\n</code></pre>',
    ("", "![a](/b.png){width=300}"): '<p><img src="https://example.org/b.png" alt="a"></p>',
    ("", "```{=html}\n<b>\n```"): "<pre><code>&lt;b&gt;\n</code></pre>",
    ("docusaurus", "1. a\n\n   `Indented` b"): (
        "<ol>\n<li>\n<p>a</p>\n<p><code>Indented</code> b</p>\n</li>\n</ol>"
    ),
    ("quarto", "```{=html}\n<b>x</b>\n```\n\ny"): "<p><b>x</b></p>\n<p>y</p>",
    ("docusaurus", "<div>\n    *a* ![b](/c.png)\n    <p>d *e*</p>\n    - f\n</div>"): (
        '<div>\n<p><em>a</em> <img src="https://example.org/c.png" alt="b"></p>\n'
        "<p>d <em>e</em></p>\n<ul>\n<li>f</li>\n</ul>\n</div>"
    ),
    (
        "docusaurus",
        "1. a\n\n   <div\n     id='x'\n   >\n     ```js\n     <b>\n     ```\n   </div>",
    ): (
        "<ol>\n<li>\n<p>a</p>\n<div>\n"
        '<pre><code class="language-js">&lt;b&gt;\n</code></pre>\n</div>\n</li>\n</ol>'
    ),
    ("docusaurus", "<table>\n<tbody>\n<tr><td>*a*</td></tr>\n</tbody>\n</table>\n<br/>\n*b*"): (
        "<table>\n<tbody>\n<tr><td><em>a</em></td></tr>\n</tbody>\n</table>\n<br>\n<p><em>b</em></p>"
    ),
    ("docusaurus", "<pre>\n*a*\n</pre>"): "<pre>*a*\n</pre>",
    ("", "<div>\n*a*\n</div>"): "<div>\n*a*\n</div>",
}


@pytest.mark.parametrize(("dialect", "body"), OF_A_DIALECT)
def test_c8_what_only_a_dialect_has_is_read_as_its_generator_reads_it(
    dialect: str, body: str
) -> None:
    assert body_html(body, dialect=dialect) == OF_A_DIALECT[dialect, body]


marked = st.lists(
    st.sampled_from(
        [*("{: .x}", "{#y}", "{/* z */}", ":::note", ":::", "!!! note", "~a~", "~~b~~", "é", "a"),
         *("{", "|", " ", "[^1]", "==m==", "https://e.org/a.", "{% x %}", "{{ y }}", "{{< z >}}"),
         *("$x$", "- [ ]", "[!NOTE]", "<br>", "<b>", "style={{a: 1}}", "&amp;", "[[n]]", "%%"),
         *("[a](b.md)", "<Tag a={1}>", "import x from 'y'", "^b", "*[A]: b", "<!-- c -->", "\\")]
    ),
    max_size=9,
).map("".join)  # fmt: skip
PLACES = {
    "fence": lambda code: f"```py\n{code}\n```",
    "fence of tildes in a list": lambda code: f"- ~~~~\n  {code}\n  ~~~~",
    "fence in a quote": lambda code: f"> ```\n> {code}\n> ```",
    "fence in a note": lambda code: f"a[^n]\n\n[^n]: b\n\n    ```\n    {code}\n    ```",
    "indented": lambda code: f"    {code}",
    "span": lambda code: f"a ``{code} ` `` b",
}
DIALECTS = ["", *fields.DIALECTS]


def code_of(source: str) -> list[str]:
    """Return the code of HTML, as another parser than ours reads it."""
    tree = lxml.html.fragment_fromstring(source, create_parent="div")
    return ["".join(each.itertext()) for each in tree.iter("code")]


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=80)
@given(st.sampled_from(DIALECTS), marked, marked, marked)
def test_c5_code_is_never_touched(
    place: str, dialect: str, before: str, code: str, after: str
) -> None:
    assume(place != "indented" or dialect != "docusaurus")  # MDX has none
    code = f"x{code}x"
    before, after = before.lstrip(), after.lstrip()  # else they may be code, too
    if dialect == "obsidian":
        before = before.replace("%%", "")  # which may begin a comment
    body = f"{before}\n\nw\n\n{PLACES[place](code)}\n\nw\n\n{after}"
    found = code_of(body_html(body, dialect=dialect))
    expected = code if place != "span" else f"{code} ` "
    assert expected in [each.removesuffix("\n") for each in found]


@settings(max_examples=200)
@given(
    st.sampled_from(DIALECTS),
    st.sampled_from(["md", "mdx", "html"]),
    MARKDOWNISH | marked | st.text(),
)
def test_c5_c8_no_text_raises_or_gets_out_unsafe_in_any_dialect(
    dialect: str, suffix: str, source: str
) -> None:
    found = bodies.read(source, f"a.{suffix}", dialect)
    assert_safe(html.safe(found.html or "", BASE))


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
    assert [source[start:end] for start, end in markdown.code_spans(source)] == code


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("aé字 .,;?\"'()-=1", max_size=20).map("W".__add__), max_size=5))
def test_c4_text_without_marks_is_all_there(paragraphs: list[str]) -> None:
    read = assert_safe(body_html("\n\n".join(paragraphs), BASE))
    assert read.text.split() == " ".join(paragraphs).split()
    assert [tag for tag, _ in read.tags] == ["p"] * len(paragraphs)
