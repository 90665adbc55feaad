"""HTML: what is let out of it (C1), and how much of it a parser is given."""

from __future__ import annotations

import re

import nh3
import pytest
from body_samples import BASE, MARKDOWNISH, XSS, Reader, assert_safe, body_html
from hypothesis import example, given, settings, strategies as st

from feedpub.core import html
from feedpub.core.html import bearable, safe

PARAGRAPH = '<div class="x"><p>a <b>c</b> <a href="/x?a=1&amp;b">y</a><br/><img src=i.png></div>\n'


@pytest.mark.parametrize(
    "body",
    [
        PARAGRAPH * 3000,
        "<ul>" + "<li>one\n" * 10_000 + "</ul>",
        "<p>one <b>two</b>\n" * 10_000,
        '<!-- wp:core-embed/x {"a":1} -->\n<p>x</p>\n' * 3000,
        '<iframe src="/x"></iframe><script>f()</script>' * 3000,
        "<DIV>" * 300 + "</div>" * 300,
        '<DIV><P>abc <A HREF="/x">y</A><BR></DIV>\n' * 2000,
        "<div>" * 8 + '<ul><li><a href="/x"><b>y</b></a></li></ul>\n' * 3000 + "</div>" * 8,
        f'<p><img src="data:image/png;base64,{"A" * 100_000}"></p>\n' + "<p>x</p>" * 2000,
        "<p>" + "<b>x</b> a < b > c " * 2000 + "</p>",
        "<p>R&amp;D & so on</p>\n" * 10_000,
        "<p>x <b>y</b></p>\n" * 300 + f'<p><a href="https://e.org/?{"q" * 50_000}">z</a></p>',
    ],
)
def test_much_that_is_plain_is_no_threat(body: str) -> None:
    assert bearable(body)
    safe(body, "https://e.org/")


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 2000,
        "<div>" * 2000 + "</div>" * 2000,
        "<b><div></b></div>" * 2000,
        ("<div>" * 40 + "</b>") * 60,
        "<x><div></x></div>" * 2000,
        '<b title="x>y</b>' * 2000,
        '<b title="<p t="a=\'">z">x</b> \' >' * 2000,
        "<i><!--</i>-->" * 2000,
        "<i><!--<b>x</b>--></i>" * 2000 + "<b><!--</b>-->" * 2000,
        "<span><p></span>" * 2000,
        "<svg><optgroup><p></optgroup></p>" * 2000,
        "<a " + "b " * (1 << 17) + ">",
        "x" * (html.MOST_SIZE + 1),
        "<br>" * (html.MOST_TAGS + 1),
        "<p>" + f"<b title='{'x' * 100_000}'>" + "<p>x" * 900,
        "&" * (1 << 20),
    ],
)
def test_what_stays_open_or_may_hide_that_is_not_parsed(body: str) -> None:
    assert not bearable(body)


NAMES = [
    "a",
    "b",
    "i",
    "p",
    "p",
    "li",
    "li",
    "ul",
    "dl",
    "dt",
    "dd",
    "div",
    "span",
    "table",
    "tr",
    "td",
    "svg",
    "math",
    "desc",
    "button",
    "select",
    "option",
    "nobr",
    "form",
    "object",
    "h1",
    "blockquote",
    "x-y",
    "address",
    "details",
    "ruby",
    "rp",
    "marquee",
    "optgroup",
    "body",
    "frameset",
    "iframe",
    "script",
    "style",
    "textarea",
    "title",
    "xmp",
    "noscript",
    "template",
]
ELEMENTS = set(NAMES) - {*["iframe", "script", "style", "textarea", "title", "xmp", "noscript"]}
PARSER = nh3.Cleaner(tags=ELEMENTS, clean_content_tags=set(), attributes={}, link_rel=None)
names = st.sampled_from(NAMES)
attributes = st.sampled_from(
    [
        "",
        "",
        "",
        " id=1",
        " t='x'",
        " t='\"'",
        ' t="\'"',
        " t='<'",
        " /",
        " t=x/",
        " =",
        " t='y > z'",
    ]
)
odd = st.sampled_from(
    [
        "x",
        "<",
        "< ",
        "<!--",
        "-->",
        "<!-- a -->",
        "]]>",
        "<![CDATA[",
        "<a t='",
        '<b t="',
        "/>",
        "</",
    ]
)
pieces = st.recursive(
    odd
    | st.builds("<{}{}>".format, names, attributes)
    | st.builds("</{}>".format, names),
    lambda some: st.builds(
        lambda name, more, within: f"<{name}{more}>{''.join(within)}</{name}>",
        names, attributes, st.lists(some, max_size=3),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["", "<p>", "<svg>", "<table>", "<b>"]), st.lists(pieces, max_size=5))
@example("", ["<x-y><p></x-y>"])
@example("<p>", ["<x-y>", "<div>", "</x-y>", "</div>"])
def test_no_parser_nests_deeper_than_was_foreseen(begin: str, some: list[str]) -> None:
    body = begin + "".join(some) * 60
    depth, left = html._nesting(body)
    foreseen = depth + len(left)
    open_, deepest = 0, 0
    for tag in re.findall("</?(?=[a-z])", PARSER.clean(body)):
        open_ += 1 if tag == "<" else -1
        deepest = max(deepest, open_)
    assert deepest <= 4 * foreseen + 9


def test_c1_the_lists_of_the_sanitizer_hold_nothing_active() -> None:
    never = "script style iframe form input button object embed svg math meta base link template"
    assert not html.TAGS & set(never.split())
    names = set().union(*html.ATTRIBUTES.values())
    assert not {name for name in names if name.startswith("on")}
    assert not names & {"style", "srcset", "id", "name", "action", "formaction", "data", "ping"}


def test_c2_addresses_are_those_of_each_body_itself() -> None:
    link = '<a href="y">x</a>'
    assert safe(link, "https://a.example/b/") == '<a href="https://a.example/b/y">x</a>'
    assert safe(link, "https://c.example/") == '<a href="https://c.example/y">x</a>'


# what is let out


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
    assert Reader(safe(body, BASE)).tags == Reader(body).tags


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


@settings(max_examples=300)
@given(MARKDOWNISH | st.text(st.characters(exclude_categories=())), st.booleans())
def test_c1_no_body_raises_or_gets_out_unsafe(body: str, is_html: bool) -> None:
    assert_safe(body_html(body, BASE, is_html))


@settings(max_examples=100)
@given(MARKDOWNISH)
def test_c1_what_is_safe_is_left_alone(body: str) -> None:
    once = body_html(body, BASE)
    assert body_html(once, BASE, True) == once
