"""What readers cannot show is said in another way (C8): embeds, lazy pictures, formulas, drawings."""

from __future__ import annotations

import pytest
from body_samples import MARKDOWNISH, Reader, assert_safe, body_html
from hypothesis import given, strategies as st

from feedpub.core import body, html

SITE = "https://example.org"


@pytest.mark.parametrize(
    ("embed", "address", "words"),
    [
        ('<iframe src="https://www.youtube.com/embed/abc_DEF-123?start=3" title="A &amp; B">',
         "https://www.youtube.com/watch?v=abc_DEF-123", "YouTube video: A & B"),
        ('<iframe src="//www.youtube-nocookie.com/embed/abc_DEF-123"></iframe>',
         "https://www.youtube.com/watch?v=abc_DEF-123", "YouTube video"),
        ('<IFRAME SRC="https://player.vimeo.com/video/12345?h=1"></IFRAME>',
         "https://vimeo.com/12345", "Vimeo video"),
        ('<iframe data-src="//maps.example.net/x?a=1&amp;b=2">No frames</iframe>',
         "https://maps.example.net/x?a=1&b=2", "Embedded page: maps.example.net"),
        (
            '<lite-youtube videoid="abc_DEF-123" playlabel="x"></lite-youtube>',
            "https://www.youtube.com/watch?v=abc_DEF-123",
            "YouTube video",
        ),
        ('<lite-vimeo videoid="12">', "https://vimeo.com/12", "Vimeo video"),
        ('<iframe src="about:blank" data-src="/app/"></iframe>', f"{SITE}/app/", "Embedded page"),
        ('<video controls><source src="/v.mp4"><source src="/v.webm">None</video>',
         f"{SITE}/v.mp4", "Video"),
        ('<video src="/v.mp4" poster="/p.jpg" title="Waves"/>', f"{SITE}/v.mp4", "Video: Waves"),
        ("<audio src='/a.mp3'></audio>", f"{SITE}/a.mp3", "Audio"),
        ('<object data="/x.pdf"><p>No plugin</p></object>', f"{SITE}/x.pdf", "Embedded file"),
        ('<embed src="/x.pdf">', f"{SITE}/x.pdf", "Embedded file"),
        ('<iframe src="javascript:alert(1)"></iframe>', "", ""),
        ('<iframe srcdoc="<p>x</p>"></iframe>', "", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_html", [False, True], ids=["markdown", "html"])
def test_c8_an_embed_is_a_link_that_says_what_it_is(
    embed: str, address: str, words: str, is_html: bool
) -> None:
    read = assert_safe(body_html(f"before {embed}\n\nafter", is_html=is_html))
    assert [a["href"] for tag, a in read.tags if tag == "a"] == [address] * bool(address)
    assert read.text.split() == ["before", *words.split(), "after"]


SAID = {
    '<iframe data-src="https://e.org/x" src="about:blank"></iframe>': (
        '<a href="https://e.org/x">Embedded page: e.org</a>'
    ),
    '<iframe src="https://e.org/x" title="A map">': '<a href="https://e.org/x">Embedded page: A map</a>',
    '<script src="https://gist.github.com/me/0a1b.js"></script>': (
        '<a href="https://gist.github.com/me/0a1b">Gist</a>'
    ),
    '<script id="asciicast-1" src="https://asciinema.org/a/1.js" async></script>': (
        '<a href="https://asciinema.org/a/1">Terminal recording</a>'
    ),
    '<picture><source data-srcset="/a.webp"><img data-src="/a.jpg" alt="A"'
    """ src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"></picture>""": (
        '<p><img src="https://example.org/a.jpg" alt="A"></p>'
    ),
    '<img src="/talk.mp4?x=1" alt="My talk">': (
        '<a href="https://example.org/talk.mp4?x=1">Video: My talk</a>'
    ),
    "![Slides](slides.pdf)": (
        '<p><a href="https://example.org/blog/slides.pdf">Embedded file: Slides</a></p>'
    ),
    "<math><mi>x</mi><mo>=</mo><mfrac><mn>1</mn><mrow><mn>2</mn><mi>a</mi></mrow></mfrac></math>": (
        "<p>x=1/(2a)</p>"
    ),
    "<math><msup><mi>e</mi><mi>x</mi></msup><msqrt><mi>b</mi></msqrt></math>": "<p>e^x√(b)</p>",
    "<math><mi>x</mi><mo>=</math>": "<p>x=</p>",
}


@pytest.mark.parametrize("source", SAID)
def test_c8_what_no_reader_shows_is_said_in_another_way(source: str) -> None:
    assert body_html(source) == SAID[source]


@pytest.mark.parametrize(
    ("source", "address", "alt"),
    [
        ('<img data-srcset="/75.png 75w, /100.png 100w" alt="M">'
         '<noscript><img src="/x.png" alt="M"></noscript>', "/x.png", "M"),
        ('<noscript><img src="/x.png" alt="M"></noscript>', "/x.png", "M"),
        ('<img src="data:image/gif;base64,AA" data-src="/real.jpg" alt="L">', "/real.jpg", "L"),
        ('<img src="/tiny.jpg" data-src="/real.jpg" alt="L">', "/real.jpg", "L"),
        ('<img data-lazy-src="/real.jpg">', "/real.jpg", ""),
        ('<img src="data:image/gif;base64,AA" data-src="/x.jpg" alt="L">\n'
         '<noscript><img src="/real.jpg" alt="L"></noscript>', "/real.jpg", "L"),
        ('<img data-src="/real.jpg" alt="L"> <noscript><img src="/real.jpg" alt="L"></noscript>',
         "/real.jpg", "L"),
        ('<picture><source srcset="/a.webp" type="image/webp"><img src="/a.jpg" alt="x"></picture>',
         "/a.jpg", "x"),
        ('<picture><source srcset="/a.webp 1x, /b.webp 2x"><img alt="x"></picture>', "/b.webp", "x"),
        ('<img srcset="/a.png 300w, /b.png 1200w, /c.png 600w" alt="a &quot; b">',
         "/b.png", 'a " b'),
        ('<img src="/a.png" srcset="/b.png 2x" alt="x">', "/a.png", "x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_html", [False, True], ids=["markdown", "html"])
def test_c8_the_picture_that_a_page_shows_is_there_once(
    source: str, address: str, alt: str, is_html: bool
) -> None:
    read = assert_safe(body_html(f"before\n\n{source}\n\nafter", is_html=is_html))
    shown = [(a["src"], a.get("alt", "")) for tag, a in read.tags if tag == "img"]
    assert shown == [(SITE + address, alt)]
    assert read.text.split() == ["before", "after"]


@pytest.mark.parametrize(
    ("source", "expected", "left_out"),
    [
        ("<noscript><p>Read <b>this</b></p></noscript>", "<p>Read <b>this</b></p>", ()),
        ("<svg viewBox='0 0 1 1'><title>A drawing</title><path d='M0'/></svg>", "A drawing", ()),
        ("<svg><text>x</text></svg>", "", ("svg",)),
        ("<math><semantics><mi>x</mi><annotation encoding=\"application/x-tex\">x^2 &lt; *y*"
         "</annotation></semantics></math>", "x^2 &lt; *y*", ()),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "x=1", ()),
        ("<script>f()</script>", "", ("script",)),
        ("<script>1</script><svg></svg><script>2</script><object></object>", "",
         ("script", "svg", "object")),
        ("<style>p { color: red }</style>", "", ()),
        ("<template><p>x</p></template>", "", ()),
        ("<select><option>a</option></select>", "", ("select",)),
        ("<textarea>a < b</textarea>", "a &lt; b", ()),
        ("<!-- <iframe src='/x'></iframe> -->", "", ()),
    ],
)  # fmt: skip
def test_c8_what_no_reader_shows_is_said_or_told(
    source: str, expected: str, left_out: tuple[str, ...]
) -> None:
    found = body.read(f"<div>{source}</div>", "a.html")
    assert found.left_out == left_out
    assert body_html(f"<div>{source}</div>", is_html=True) == f"<div>{expected}</div>"


LEFT_OPEN = [
    *("iframe", "video", "audio", "object", "noscript", "textarea", "title", "xmp", "plaintext"),
    *("script", "style", "template", "svg", "math", "select", "picture", "noembed", "noframes"),
    *("applet", "embed", "details", "summary", "form", "button", "table", "canvas", "dialog"),
]


@pytest.mark.parametrize("is_html", [False, True], ids=["markdown", "html"])
@pytest.mark.parametrize("name", LEFT_OPEN)
def test_c8_an_element_without_its_end_never_takes_what_follows(name: str, is_html: bool) -> None:
    for tag in (f"<{name}>", f"<{name.upper()} src='/x' data='/x'>", f"<b><{name}> x"):
        read = assert_safe(body_html(f"before\n\n{tag}\n\nafter [link](/y)", is_html=is_html))
        assert "before" in read.text
        assert "after" in read.text
        assert f"{SITE}/y" in str(read.tags) or is_html or name in {"script", "style", "textarea"}


HIDDEN = {"script", "style", "template", "select", "noembed", "noframes", "applet"}


@pytest.mark.parametrize("name", sorted({*LEFT_OPEN} - HIDDEN))
def test_c8_what_is_left_open_hides_nothing_that_is_text(name: str) -> None:
    for is_html in (False, True):
        assert "stays" in Reader(body_html(f"a <{name} src='/x'> stays", is_html=is_html)).text


@given(MARKDOWNISH | st.text())
def test_c8_text_without_such_elements_is_left_alone(source: str) -> None:
    source = source.replace("<", "&lt;")
    assert html.readable(source) == (source, ())


active = st.lists(
    st.sampled_from(
        [f"<{name}" for name in LEFT_OPEN]
        + [f"</{name}>" for name in LEFT_OPEN]
        + ["<img", " src='/a'", ' data-src="/b"', " srcset=/c", ">", "/>", "x", "\n\n", '"', "<!--", "-->"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(active)
def test_c8_whatever_is_embedded_in_whatever_it_is_safe_and_what_stands_before_it_stays(
    source: str,
) -> None:
    read = assert_safe(body_html(f"<p>before</p>{source}", is_html=True))
    assert read.text.startswith("before")


def test_c8_code_that_shows_an_embed_is_code() -> None:
    shown = body_html('`<iframe src="/x">`\n\n```html\n<img data-src="/x">\n<script>\n```\n')
    assert Reader(shown).text == '<iframe src="/x">\n<img data-src="/x">\n<script>\n'


def test_c8_an_address_with_a_quotation_mark_stays_one_address() -> None:
    read = Reader(
        body_html("<iframe src='https://e.org/?a=\"x\"&amp;b' title='\"T\" <3'></iframe>")
    )
    assert read.text == 'Embedded page: "T" <3'
    assert read.tags[-1] == ("a", {"href": "https://e.org/?a=%22x%22&b"})


def test_c8_a_comment_that_is_left_open_hides_what_follows() -> None:
    assert html.readable("a <!-- b --> c <!-- d <img data-src=/x>") == ("a <!-- b --> c ", ())


def test_c8_nothing_is_lost_behind_an_embed_where_small_letters_take_more_room() -> None:
    shown, _ = html.readable("<p>İstanbul İzmir</p><IFRAME SRC='/x'>No</IFRAME><p>after</p>")
    assert shown.endswith("</a><p>after</p>")
