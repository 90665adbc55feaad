"""Entries: their content is of one layout in all formats (C7)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pytest
from body_samples import BASE, MARKDOWNISH, assert_safe
from hypothesis import given, settings, strategies as st

from feedpub.core import body as bodies, text
from feedpub.core.compose import linked, unlinked_html
from feedpub.core.model import Image, Item, Person, Related

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
    item = ITEM._replace(body='<p>Hello <a href="y">x</a></p>')
    assert content_html(item, []) == (
        '<div dir="auto"><p>Hello <a href="https://example.org/blog/y">x</a></p></div>'
    )
    assert "AT&amp;T" in content_html(item, [], full=False)
    assert "Hello" not in content_html(item, [], full=False)
    assert content_html(ITEM._replace(body="a < *b*"), []) == ('<div dir="auto">a &lt; *b*</div>')


@pytest.mark.parametrize(
    "body",
    ["", " \n", "<!-- x -->", "<iframe src=/x></iframe>", "<div><iframe></iframe></div>", "&nbsp;",
     "<script>x</script>", "<div></div>" * 2000],
)  # fmt: skip
def test_c7_a_body_that_shows_nothing_gives_way_to_the_excerpt(body: str) -> None:
    assert "<p>AT&amp;T &lt;3 C++</p>" in content_html(ITEM._replace(body=body), [])


def test_c7_a_picture_alone_is_a_body() -> None:
    assert "AT&amp;T" not in content_html(ITEM._replace(body='<img src="i.png">'), [])


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
    item = ITEM._replace(images=(PICTURE,), body=f'<p>Text</p><img src="{escape(source)}">')
    assert content_html(item, []).count("<img ") == pictures
    assert content_html(item, [], full=False).count("<img ") == 1


def test_c7_a_link_to_the_picture_is_not_the_picture() -> None:
    item = ITEM._replace(
        images=(PICTURE,), body=f'<a href="{escape(PICTURE.url)}">x</a> <img src="/z.png">'
    )
    assert content_html(item, []).count("<img ") == 2


clean_text = (st.text() | st.text("&<>\"'; #x41amp\u202e\u2067", max_size=30)).map(text.plain)


@settings(max_examples=150)
@given(clean_text, clean_text, clean_text, clean_text, MARKDOWNISH)
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
    assert_safe(content_html(item._replace(body=bodies.read(body).html or ""), [link]))
