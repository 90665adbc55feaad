"""Plain paragraphs: the Markdown that has no markup, which is what many bodies are.

They need no parser: a line that begins with a letter begins no other block, and without any of the
characters below nothing in it is more than text. What comes out is what CommonMark says.
"""

from __future__ import annotations

import re

_LINE = r"[^\W\d_][^\0\t\n\r&*<\[\\_`{~]*+(?<!\s)"
_PLAIN = re.compile(rf"\n*+{_LINE}(?:\n++{_LINE})*+\n*+")
_BETWEEN = re.compile(r"\n{2,}")


def render(body: str) -> str | None:
    """Return the HTML of a Markdown `body` of plain paragraphs, or None if it has more. Linear."""
    if not _PLAIN.fullmatch(body):
        return None
    text = body.strip("\n").replace(">", "&gt;").replace('"', "&quot;")
    paragraphs = _BETWEEN.sub("</p>\n<p>", text)
    return f"<p>{paragraphs}</p>\n"
