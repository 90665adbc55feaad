"""HTML: what is let out of it (C1), and how much of it a parser is given."""

from __future__ import annotations

import re

import nh3
import pytest
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
