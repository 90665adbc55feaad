"""Bodies as they are read: how they begin (C4), what of them is shown (C8)."""

from __future__ import annotations

import time

import pytest
from body_samples import BASE, assert_safe, body_html, is_read
from hypothesis import example, given, settings, strategies as st

from feedpub.core import body, html, markdown, source_links, text

pytestmark = pytest.mark.timeout(120)


def shown(source: str, *, is_html: bool = False) -> str:
    """Return a body as HTML, not safe yet."""
    return body.read(source, "a.html" if is_html else "a.md").html or ""


def opening(source: str, *, is_html: bool = False) -> str:
    return body.opening(shown(source, is_html=is_html))


def first_heading(source: str) -> str:
    return body.heading(shown(source))


# How a body begins (C4)

SAYS_NOTHING = [
    "## A heading\n\n",
    "Setext\n======\n\n",
    "```python\nprint('x')\n\ny = 1\n```\n\n",
    "    indented = code\n\n",
    "- ```\n  code = in_a_list\n  ```\n\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
    "---\n\n",
    "![A picture](x.png 'with title')\n\n",
    "[![A picture][1]](https://x.example)\n\n[1]: x.png\n\n",
    "<!-- a comment\n\nof two paragraphs -->\n\n",
    "{/* a comment of MDX */}\n\n",
    "<figure>\n\n<img src=x>\n\n<figcaption>C</figcaption></figure>\n\n",
    "<style>\n\np { color: red }\n</style>\n\n",
    "import Tabs from '@theme/Tabs';\nexport const x = {}\n\n",
    ":::note\n\n",
    "> [!TIP]\n\n",
    "[ref]: https://x.example/\n\n",
    "{: .lead}\n\n",
    "{% include toc.html %}\n\n",
    "{{ page.version }}\n\n",
    "[A talk](https://x.example/talk)\n\n",
    '<iframe src="https://www.youtube.com/embed/abcdefg"></iframe>\n\n',
]


@pytest.mark.parametrize("first", SAYS_NOTHING)
def test_the_first_paragraph_that_says_something_is_the_opening(first: str) -> None:
    assert opening(first + "It *begins* here.\n\nNot here.") == "It begins here."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**Bold**, _it_ and ~~gone~~", "Bold, it and gone"),
        ("2 * 3 = 6, ~5 snake_case_names", "2 * 3 = 6, ~5 snake_case_names"),
        ("`<Text />` and ``__init__``", "<Text /> and __init__"),
        ("[Text](https://x.example/a_(b) 'T'), [more][ref] and <https://y.example/>\n\n[ref]: x",
         "Text, more and https://y.example/"),
        ("A <b>tag</b>, AT&amp;T &amp;lt; \\*star\\*[^1]\n\n[^1]: x", "A tag, AT&T &lt; *star*"),
        ("See [#1]({{ site.url }}/1) and [it]({% link a.md %})", "See #1 and it"),
        ("> Quoted\n> twice", "Quoted twice"),
        ("1. One\n2. Two", "One Two"),
        ("# Title {#id}\nText under it", "Text under it"),
        ("Word\n{: .lead}", "Word"),
        ("It says[^1].\n\n[^1]: x", "It says."),
        ("[Only a link](https://x.example/)", "Only a link"),
        ("", ""),
    ],
)  # fmt: skip
def test_c4_the_opening_is_plain_text(source: str, expected: str) -> None:
    assert opening(source) == expected


@pytest.mark.parametrize(
    "mark",
    ["<!--more-->", "<!-- more -->", "<!-- truncate -->", "{/* truncate */}", "<!--EXCERPT-->"],
)
def test_what_stands_before_the_authors_mark_is_the_opening(mark: str) -> None:
    source = f"# Title\n\nOne.\n\nTwo.\n\n{mark}\n\nThree."
    assert opening(source) == "One. Two."
    assert opening(f"![x](y.png)\n{mark}\n\nThree.") == "Three."


@pytest.mark.parametrize(
    "heading", ["# The `x`: a “Tale”", "# **The** x: a Tale", "the x: a tale\n==="]
)
def test_c8_a_heading_that_says_the_title_goes_however_it_is_marked(heading: str) -> None:
    assert body.without_title(shown(f"{heading}\n\nText"), 'The `x`: a "Tale"') == "<p>Text</p>\n"
    assert body.without_title(shown(f"{heading}\n\nText"), "The x") != "<p>Text</p>\n"


def test_an_opening_has_at_most_500_graphemes() -> None:
    assert opening("🇩🇪" * 501) == "🇩🇪" * 499 + "…"


def test_the_opening_of_html_is_that_of_its_first_paragraph() -> None:
    source = "<h1>Title</h1><p>One &amp; <b>two</b></p><p>Three</p>"
    assert opening(source, is_html=True) == "One & two"


def test_a_heading_of_the_first_level_is_one_only_where_the_body_begins() -> None:
    assert first_heading("\n# The *title* of [it](x) #\n\nText") == "The title of it"
    assert (
        first_heading("## Part\n\n# Title")
        == first_heading("Text\n\n# Title")
        == first_heading("")
        == ""
    )


MARKS = [*"`*_[<>\\", "``", "](", ")", "&amp;", "<!--more-->", "{%raw%}", "{%endraw%}"]
MARKDOWN = st.lists(
    st.sampled_from(
        [*SAYS_NOTHING, *MARKS, "{% highlight x %}", "{% endhighlight %}", "\n", " ", "a\x0b"]
    )
    | st.text(max_size=8)
).map("".join)


@settings(max_examples=150)
@given(MARKDOWN, st.booleans())
@example("`" * 9000, False)
@example("[](" * 3000, False)
@example("_" * 8000 + "a", False)
@example("# " + " " * 9000 + "x", False)
@example("{% raw %}" * 3000, False)
def test_no_text_raises_and_every_opening_is_clean(source: str, is_html: bool) -> None:
    for said in (opening(source, is_html=is_html), first_heading(source)):
        assert said == text.clean(said).strip()


def test_c5_a_reference_that_is_left_out_leaves_no_marks() -> None:
    source = "{% include r.md %}\n\n[a b][] [c][d] x[0][1] `[e][f]` [g][h]\n\n[h]: /h\n"
    assert body.read(source).html == (
        '<p>a b c x[0][1] <code>[e][f]</code> <a href="/h">g</a></p>\n'
    )
    assert "[a b][]" in str(body.read(source[source.index("[") :]).html)
    assert "<pre>[a][b]" in str(body.read("{% include r.md %}\n\n<pre>[a][b]").html)


# how much of it is read

LARGE = 1 << 20
"""What takes the square of it takes minutes."""
HOSTILE = {
    "20,000 [": "[" * 20_000,
    "4 MiB [": "[" * (1 << 22),
    "links": "[a](" * (LARGE // 4),
    "20,000 div": "<div>" * 20_000,
    "20,000 div on lines": "<div>\n\n" * 20_000,
    "many div": "<div>" * (LARGE // 5),
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
    "open tag": "<a" + " " * LARGE,
    "open comments": "<!--" * (LARGE // 4),
    "open comment": "<!-- " + "b" * LARGE,
    "words": "a " * (LARGE // 2),
    "terminators": "$:" * (1 << 17),
    "bidi": "\u202e" * (LARGE // 3),
    "spaces after import": "import" + " " * LARGE,
    "open braces": "{{" * (LARGE // 2),
    "marks": ("{:" + " " * 100) * 4000,
    "marks in one line": "{::x}" * 20_000,
    "addresses in one line": "https://a.bhttps://c.d" * 20_000,
    "an address and dots": "https://a.b" + "." * 400_000,
    "one long component": "<" + "Aa" * (LARGE // 2),
    "components": "<Aa " * (LARGE // 4),
    "fences": "```a\n" * (LARGE // 5),
    "colons": ":::a\n" * (LARGE // 5),
}


MANY = 4_000
NEW_KINDS = {
    "many footnotes": "".join(f"a[^{n}]\n\n[^{n}]: b\n\n" for n in range(MANY)),
    "many marks of one note": "a[^1]" * MANY + "\n\n[^1]: b",
    "notes in notes": "a[^0]\n\n" + "".join(f"[^{n}]: b[^{n + 1}]\n" for n in range(MANY)),
    "notes of each other": "a[^0]\n\n"
    + "".join(f"[^{n}]: " + "[^1][^2]" * 20 + "\n" for n in range(1000)),
    "divs in a note": "a[^1]\n\n[^1]: " + "<div>" * 9_000,
    "open notes": "[^" * MANY,
    "long notes": "".join(f"a[^{n}]" for n in range(500))
    + "\n\n"
    + "".join(f"[^{n}]: " + "b " * 500 + "\n" for n in range(500)),
    "nested shortcodes": "{{< a >}}" * MANY,
    "closed shortcodes": "{{< a >}}" * MANY + "{{< /a >}}" * MANY,
    "nested liquid": "{% if x %}" * MANY + "{% endif %}" * MANY,
    "liquid": "{% a" * MANY,
    "raw": "{% raw %}" * MANY,
    "comments": "{% comment %}" * MANY,
    "nested components": "<A>" * MANY + "</A>" * MANY,
    "component attributes": "<A " + "a={" * MANY,
    "jsx": "{" * MANY + "}" * MANY,
    "style": "style={{" * MANY,
    "exports": "export const a = {\n" * MANY,
    "percent": "%%" * MANY,
    "open notes2": "^[" * MANY,
    "containers": ":::note\n" * MANY,
    "open containers": "::: {.a " * MANY,
    "labels": ":::note[" * MANY,
    "admonitions": "!!! a\n" * MANY,
    "nested admonitions": "".join("    " * n + "!!! a\n" for n in range(400)),
    "admonitions with titles": '!!! a "' * MANY,
    "one long admonition": "!!! a\n" + "    b\n" * 15_000,
    "alerts": "> [!NOTE]\n\n" * MANY,
    "nested alerts": "".join("> " * n + "[!NOTE]\n" for n in range(1, 400)),
    "boxes": "- [ ] a\n" * MANY,
    "definitions": "a\n: b\n" * MANY,
    "one term": "a\n" + ": b\n" * MANY,
    "addresses": "https://e.org/" * MANY,
    "addresses on lines": "https://e.org/a_(b)\n" * MANY,
    "brackets after an address": "https://e.org/" + ")" * 50_000,
    "at": "a@" * MANY,
    "mail": "a" * 50_000 + "@e.org",
    "dots": "a@" + "b." * 25_000,
    "www": "www." * MANY,
    "highlights": "==a" * MANY,
    "highlights2": "==" * MANY,
    "wikilinks": "[[a" * MANY,
    "wikilinks2": "![[a.png|3]]" * MANY,
    "block names": "a ^b\n" * MANY,
    "formulas": "$$" * MANY,
    "formulas2": "$a" * MANY,
    "open formula": "$$" + "a\n" * 25_000,
    "attributes": "a{: " + ".b " * 15_000 + "}",
    "open attributes": "{: .a" * MANY,
    "ids": "# a {#" * MANY,
    "marks w cells": "|a{: .x}" * MANY + "\n" + "|-" * MANY,
    "summaries": "<details>\n<summary>*a*</summary>\n" * MANY,
    "open summaries": "<summary>" * MANY,
    "summaries of markdown": "<summary>" + "*a " * 25_000 + "</summary>",
    "breaks": "<br>\n" * MANY,
    "markdown blocks": "<div markdown=1>\n" * MANY,
    "tildes": "~a~ " * MANY,
    "toc": "{:toc}\n" * MANY,
    "abbreviations": "".join(f"*[A{n}]: b\n" for n in range(MANY)),
    "references": "".join(f"[a{n}]: /x\n" for n in range(MANY)) + "[a1]" * MANY,
    "reference bomb": "[a]: /" + "x" * 25_000 + "\n\n" + "[a]" * MANY,
    "iframes": "<iframe src=/a>" * MANY,
    "noscripts": "<noscript><img src=/a>" * MANY,
    "pictures": "<picture><source srcset=/a>" * MANY,
    "srcset": "<img srcset='" + "/a 1x, " * 25_000 + "'>",
    "scripts": "<script>" * MANY,
    "svg": "<svg><title>" * MANY,
    "math": '<math><annotation encoding="application/x-tex">' * MANY,
    "open tag of an embed": "<iframe " + "a='" * 25_000,
    "many attributes": "<img " + "a=b " * 25_000 + ">",
    "embeds in one": "<object>" + "<source src=/a>" * MANY + "</object>",
    "source links": "[a](b.md)" * MANY,
    "source links of one file": "[a](" + "../" * 25_000 + "b.md)",
    "open source links": "<a href='" * MANY,
    "a a": "<a " * 50_000,
    "a href": "<a" + " href=" * 25_000,
    "more": "<!--more-->" * MANY,
    "headings": "# a\n" * MANY,
    "h1s": "<h1>" * MANY,
    "a h1": "<h1>" + "a " * 25_000,
    "languages": "```{python}\n```\n" * MANY,
}
"""What C5, C8 and C9 look for, much of it and without its end."""
DIALECTS = {
    **dict.fromkeys(
        ("highlights", "highlights2", "wikilinks", "wikilinks2", "percent"), "obsidian"
    ),
    **dict.fromkeys(("block names", "open notes2"), "obsidian"),
    **dict.fromkeys(("admonitions", "nested admonitions", "one long admonition"), "mkdocs"),
    **dict.fromkeys(("containers", "open containers", "languages"), "quarto"),
}


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("name", NEW_KINDS)
def test_s4_much_of_what_is_looked_for_in_bodies_is_read_in_bounded_time(name: str) -> None:
    """What costs the square of its length takes far more."""
    source = NEW_KINDS[name]
    for path, dialect in (
        ("a.md", ""),
        ("a.mdx", "docusaurus"),
        ("a.html", ""),
        ("a.md", DIALECTS.get(name, "hugo")),
    ):
        started = time.process_time()
        found = body.read(source, path, dialect).html or ""
        assert len(found) <= html.MOST_SIZE
        shown = html.safe(found, BASE)
        links = source_links.resolved(shown, BASE, {}, lambda _: True)
        assert source_links.HOST not in links.html
        for said in (body.opening(found), body.heading(found)):
            assert said == text.clean(said).strip()
        body.without_title(found, "x")
        assert time.process_time() - started < 10, path


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("is_html", [False, True], ids=["markdown", "html"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_rendered_or_given_up_on(name: str, is_html: bool) -> None:
    """Without the guards several of these run for minutes or fill the memory: see the timeout."""
    body = HOSTILE[name]
    found = body_html(body, BASE, is_html)
    assert len(found) <= 3 * (1 << 22)
    assert found == "" or is_read(body, is_html)
    if len(found) < 100_000:
        assert_safe(found)


@pytest.mark.usefixtures("unmeasured")
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
    assert not is_read(HOSTILE[name], is_html)


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
    assert is_read(f"<b>x</b> a < b <!DOCTYPE html> {body}")
    assert is_read("a" * markdown.MOST_CHARACTERS)
    assert not is_read("a" * (markdown.MOST_CHARACTERS + 1))
