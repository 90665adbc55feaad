"""Plain Markdown is rendered without its parser, and as that would render it."""

from __future__ import annotations

import subprocess
import sys
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedpub.core import commonmark, plain_markdown

# All that begins a block, ends a line or means anything within one, and signs that look like it.
PIECES = (
    *("\n", "\n", "\n\n", "\n\n\n", " \n", "  \n", " ", "    ", "\t", "\r", "\0", "\x0c", "\x1c"),
    *(
        "\xa0",
        "\u2028",
        "\u200b",
        "\ufeff",
        "word",
        "Word",
        "été",
        "字",
        "ａ",
        "1. ",
        "1) ",
        "²",
        "- ",
    ),
    *("+ ", "===", "---", "# ", ">", '"', "'", ":::", "|", "-|-", "a | b", ":--", "!", "]", "]: x"),
    *(
        "(http://a.example)",
        "www.a.example",
        "https://a.example/",
        "x@a.example",
        "--",
        "...",
        "(c)",
    ),
    *("%}", "}", "$", "@", "*", "_", "`", "~~", "<b>", "&amp;", "[", "\\", "{: .x}", "💥"),
)
# Blocks that are plain, and blocks that nearly are.
BLOCKS = (
    *(
        "One two.",
        "One\ntwo",
        "**One** two",
        "*One*\n`two`",
        "[One](/x)",
        "![One](/x.png)",
        '"One"',
    ),
    *("1 One", "1.5 One", "1. One", "1. One\n1. two", "2. One", "12) One", "字 one", "¿Qué?"),
    *("# One", "## One `two`", "###### One", "####### One", "# One #", "#One", "#  One", "#"),
    *("> One", "> One\n> **two**", "> One\ntwo", ">One", "> - One", "> > One", ">"),
    *(
        "- One",
        "- One\n- two",
        "* One\n* two",
        "+ One",
        "- One\n  two",
        "- One\n\n  two",
        "- [ ] x",
    ),
    *("-", "- One\n* two", "- One\n  - two", "- # One", "  - One", "1. One\n   - two"),
    *(
        "```\n```",
        "```py\na < b\n\nc\n```",
        "```\n``\n```",
        "```",
        "````\n```\n````",
        "``` a b\nx\n```",
        "```a`b\nx\n```",
        "```a&amp;\nx\n```",
    ),
    *(
        "~~~\nx\n~~~",
        "    code",
        "\tcode",
        "  One",
        "One  \ntwo",
        "One\\\ntwo",
        "One\n---",
        "One\n===",
    ),
    *("| a | b |\n| - | :-: |\n| `c` | d |", "| a |\n| --: |", "| a | b |\n| - | - |\n| c |"),
    *("| a \\| b |\n| - |", "| `a|b` |\n|-|-|", "|a||\n|:-|-|\n|\xa0|b|", "a | b\n- | -", "|-|"),
    *(
        "---",
        "***",
        "___",
        "- - -",
        "-----",
        "<div>",
        "<div>\nOne",
        "<b>One</b>",
        "<!-- One",
        "-->",
    ),
    *(
        "<!-- more -->",
        "<pre>",
        "</pre>",
        "<script>",
        "[One]: /x",
        "[One]",
        "[One][two]",
        "> [two]: /y",
    ),
    *("- [One]: /z", "[a\\]: /x]: /y", "::: note", ":::", ":::tip One", "{: .x}", "## One {#two}"),
)
SPANS = (
    *("*", "**", "***", "_", "__", "~~", "`", "``", "[", "]", "(", ")", "![", "](/x)", "](/x 'y')"),
    *(
        "](<x>)",
        "<",
        ">",
        "<https://e.org/>",
        "&",
        "&amp;",
        "&nbsp;",
        "&#8217;",
        "&#1;",
        "&x;",
        "&copy;",
    ),
    *(
        "\\",
        "{",
        "{#x}",
        "{:x}",
        '"',
        "'",
        ".",
        ",",
        "!",
        "|",
        " ",
        " ",
        "\n",
        "a",
        "b",
        "1",
        "é",
        "\xa0",
    ),
    *(
        "*a*",
        "**a**",
        "*a b*",
        "**a `b` c.**",
        "`a`",
        "` a`",
        "[a](/x)",
        "[`a`](/x)",
        "[![a](/b)](/c)",
    ),
    *("**[a](/x)**", "a_b", "_a_", "http://a.b/c_d", "\u200b", "💥", "\u2028", "\0", "\t"),
)
lines = st.text("Aé字 .,;:!?\"'()>|-+=#%/19\xa0", max_size=12).map("W".__add__)
spans = st.lists(st.sampled_from(SPANS), max_size=9).map("".join)
blocks = st.sampled_from(BLOCKS) | lines
bodies = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=12).map("".join)
separated = st.lists(blocks | st.sampled_from(["", "\n", " "]), max_size=7).map("\n\n".join)
close = st.lists(blocks | spans, max_size=5).map("\n".join)
within = st.tuples(st.sampled_from(["", "# ", "> ", "- ", "1. ", "| a | "]), spans).map("".join)


def unasked(part: str) -> str:
    raise AssertionError(part)


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("", ""),
        ("\n\n", ""),
        ("One", "<p>One</p>\n"),
        ('\n\nOne,\ntwo: 3 - 4.\n\n\nÉté "x" > y\'s!\n\n', None),
        ("One | two\nThree\n", "<p>One | two\nThree</p>\n"),
        ("## One *two*\n\n# Three", "<h2>One <em>two</em></h2>\n<h1>Three</h1>\n"),
        ("> One\n> two", "<blockquote>\n<p>One\ntwo</p>\n</blockquote>\n"),
        ("- One\n- **two**", "<ul>\n<li>One</li>\n<li><strong>two</strong></li>\n</ul>\n"),
        ("1. One\n2. two\n\nThree", "<ol>\n<li>One</li>\n<li>two</li>\n</ol>\n<p>Three</p>\n"),
        ("```py\nif a < b:\n\n\n\tc``\n```", None),
        (
            '``` c++  {1,3} title="a b"\nx\n```',
            '<pre><code class="language-c++">x\n</code></pre>\n',
        ),
        ('```"x"\na[1]: int\n<pre>\n```\n\n`[1]: <!--`', None),
        ("```\n```", "<pre><code></code></pre>\n"),
        ("| a | b | c | d |\n|-|:-|-:|:-:|\n| 1 | `2` | | *4* |", None),
        ("| a |\n| - |", None),
        ("- One\n\n* two\n\n+ three\n\n1. four\n\n- five", None),
        ("One\n\n---\n\n*****", "<p>One</p>\n<hr />\n<hr />\n"),
        (
            "AT&T & R&amp;D it&#8217;s&nbsp;&quot;so&quot; &lt;",
            "<p>AT&amp;T &amp; R&amp;D it’s\xa0&quot;so&quot; &lt;</p>\n",
        ),
        (
            "`a < *b* & c` snake_case a_b_c",
            "<p><code>a &lt; *b* &amp; c</code> snake_case a_b_c</p>\n",
        ),
        ("(**one.**) *two, `*` three!* '**`four`**' **[five](/x).**", None),
        ("[one](/x?a=1&b=2_c_d) [`two`](#y), [](/z)", None),
        ("![a & b](/x.png)! [![one](/x.jpg)](/y) !", None),
    ],
)
def test_plain_markdown_needs_no_parser(body: str, html: str | None) -> None:
    found = plain_markdown.render(body, unasked)
    assert found == commonmark.render(body)
    assert html is None or found == html


@pytest.mark.parametrize(
    "body",
    [
        "# One #",
        ">One",
        "- One\n  two",
        "- One\n* two",
        "2. One",
        "```py\\x\na\n```",
        "| a | b |\n| - | - |\n| c |",
        "| a |\n| - |\n|\xa0c |",
        "    One",
        " One",
        "One  \ntwo",
        "One\n===",
        "One\n---",
        "One | two\n--- | ---",
        "One _two_",
        "One ~~two~~",
        "One <b>two</b>",
        r"One \* two",
        "One &copy; &#1;",
        "One*two*",
        "One * two * three",
        "*One **two***",
        "[One][two]",
        "[One](/x 'y')",
        "![`One`](/x)",
        "`` One ``",
        "One\ttwo",
        "One {: .two}",
        "One\r\ntwo",
        "One\0",
        ":::note\nOne",
    ],
)
def test_what_is_not_surely_plain_is_left_to_the_parser(body: str) -> None:
    asked: list[str] = []
    plain_markdown.render(body, lambda part: asked.append(part) or "")
    assert asked == [body]


def test_only_what_is_not_plain_is_parsed() -> None:
    asked: list[str] = []
    body = "# One\n\nTwo <b>\n\n    code\n\nThree\n\n- four\n\n- five\n\nSix\n\nSeven ~~eight~~"
    found = plain_markdown.render(body, lambda part: asked.append(part) or f"({part})")
    assert asked == ["Two <b>\n\n    code\n", "- four\n\n- five\n", "Seven ~~eight~~"]
    assert found == f"<h1>One</h1>\n({asked[0]})<p>Three</p>\n({asked[1]})<p>Six</p>\n({asked[2]})"


@pytest.mark.parametrize(
    "part",
    [
        "~~~\nx",
        "````\nx",
        "<!-- x",
        "<pre>",
        "<Script>",
        "[two]: /x",
        "> [two]: /x",
        "- [t\\]o]: /x",
        "[t\nwo]: /x",
    ],
)
def test_what_reaches_far_leaves_all_to_the_parser(part: str) -> None:
    asked: list[str] = []
    body = f"One\n\n{part}\n\nThree\n\n"
    plain_markdown.render(body, lambda part: asked.append(part) or "")
    assert asked[-1] == body


@settings(max_examples=1500)
@given(separated | close | within | bodies | st.lists(within).map("\n\n".join))
def test_what_is_rendered_is_what_commonmark_says(body: str) -> None:
    assert plain_markdown.render(body, commonmark.render) == commonmark.render(body)


@settings(max_examples=100)
@given(st.lists(lines, min_size=1).map("\n\n".join))
def test_most_plain_text_is_recognized(body: str) -> None:
    stripped = "\n\n".join(line.strip() for line in body.split("\n\n"))
    assert plain_markdown.render(stripped, unasked) == commonmark.render(stripped)


@pytest.mark.parametrize(
    "part",
    [
        *(
            "a",
            "a ",
            "a\n",
            "a\n\n",
            "*",
            "*a",
            "*a ",
            "**a*",
            "`",
            "`a",
            "``\n",
            "```\n",
            "```\n\n",
        ),
        *(
            "[",
            "[a",
            "[a](",
            "![",
            "[![a](b)",
            "&",
            "&a",
            "&#1",
            "_a",
            "- a\n",
            "- a\n\n",
            "1. a\n",
        ),
        *("> a\n", "|", "|a|\n", "|-", "#", "# a\n\n", "\\", "[\\]", ">-", "<", "\n[a\\"),
    ],
)
def test_time_is_linear(part: str) -> None:
    def spent(size: int) -> float:
        body, begin = part * (size // len(part)), process_time()
        plain_markdown.render(body, lambda _: "")
        return process_time() - begin

    # The best of three: a collection of what other tests left behind takes as long as all of it.
    assert min(spent(1 << 18) for _ in range(3)) < 20 * spent(1 << 15) + 0.1


def test_a_plain_body_does_not_load_the_parser() -> None:
    program = (
        "import sys; from feedpub.core.markup import body_html;"
        "print(body_html('One\\n\\ntwo', 'https://e.org/'), 'markdown_it' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "<p>One</p>\n<p>two</p> False\n"
