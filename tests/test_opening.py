"""How bodies begin, and what of their template code is plain (section 1, C4, C5)."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedpub.core import text
from feedpub.core.markup import has_template_code, literal
from feedpub.core.text import heading, opening

SAYS_NOTHING = [
    "## A heading\n\n",
    "Setext\n======\n\n",
    "```python\nprint('x')\n\ny = 1\n```\n\n",
    "    indented = code\n\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
    "---\n\n",
    "![A picture](x.png 'with title')\n\n",
    "[![A picture][1]](https://x.example)\n\n",
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
    "Released {{ page.version }}, see {{ site.url }}\n\n",
    "See {% link _posts/2024-01-01-x.md %} for more\n\n",
]


@pytest.mark.parametrize("first", SAYS_NOTHING)
def test_the_first_paragraph_that_says_something_is_the_opening(first: str) -> None:
    assert opening(first + "It *begins* here.\n\nNot here.", has_code=True) == "It begins here."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("**Bold**, _it_ and ~~gone~~", "Bold, it and gone"),
        ("2 * 3 = 6, ~5 snake_case_names", "2 * 3 = 6, ~5 snake_case_names"),
        ("`<Text />` and ``__init__``", "<Text /> and __init__"),
        ("[Text](https://x.example/a_(b) 'T'), [more][ref] and <https://y.example/>",
         "Text, more and https://y.example/"),
        ("A <b>tag</b>, AT&amp;T &amp;lt; \\*star\\*[^1]", "A tag, AT&T &lt; *star*"),
        ("See [#1]({{ site.url }}/1) and [it]({% link a.md %})", "See #1 and it"),
        ("> Quoted\n> twice", "Quoted twice"),
        ("1. One\n2. Two", "One Two"),
        ("# Title {#id}\nText under it", "Text under it"),
        ("Word\n{: .lead}", "Word"),
        ("", ""),
    ],
)  # fmt: skip
def test_c4_the_opening_is_plain_text(body: str, expected: str) -> None:
    assert opening(body, has_code=True) == expected
    assert opening(body) == expected


@pytest.mark.parametrize(
    "mark",
    ["<!--more-->", "<!-- more -->", "<!-- truncate -->", "{/* truncate */}", "<!--EXCERPT-->"],
)
def test_what_stands_before_the_authors_mark_is_the_opening(mark: str) -> None:
    body = f"# Title\n\nOne.\n\nTwo.\n\n{mark}\n\nThree."
    assert opening(body) == "One. Two."
    assert opening(f"![x](y.png)\n{mark}\n\nThree.") == "Three."


def test_an_opening_has_at_most_500_graphemes() -> None:
    assert opening("🇩🇪" * 501) == "🇩🇪" * 499 + "…"


def test_the_opening_of_html_is_that_of_its_first_paragraph() -> None:
    body = "<h1>Title</h1><p>One &amp; <b>two</b></p><p>Three</p>"
    assert opening(body, is_html=True) == "One & two"


def test_a_heading_of_the_first_level_is_one_only_where_the_body_begins() -> None:
    assert heading("\n# The *title* of [it](x) #\n\nText") == "The title of it"
    assert heading("## Part\n\n# Title") == heading("Text\n\n# Title") == heading("") == ""


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
def test_no_text_raises_and_every_opening_is_clean(body: str, is_html: bool) -> None:
    shown, judged = literal(body)
    assert len(judged) <= len(shown) or not shown
    for said in (opening(shown, is_html), opening(shown, is_html, has_code=True), heading(body)):
        assert said == text.clean(said).strip()
        assert "\n" not in said
