"""What of a site generator's template code can be told without running it (C5).

Liquid's and Nunjucks' `raw` means its content as it stands, Liquid's `highlight` is a block of
code, and JSX's `style` is a look, which no feed has.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TAG = re.compile(
    r"\{%-?[ \t]*(?:(?P<raw>raw|endraw)[ \t]*-?%\}"
    r"|(?P<code>highlight|endhighlight)\b(?:[ \t]+(?P<language>[\w+#.-]+))?[^%\n]*%\}(?:[ \t]*\n)?)"
)
_STYLE = re.compile(r"[ \t\n]style=\{\{[^{}<>]*\}\}")
_AT_LINE_START = re.compile(r"(?:\A|\n)[ \t]*\Z").search
_FENCE = "``````"


class Literal(NamedTuple):
    """A body without the marks that need no running: as shown, and without what `raw` holds."""

    shown: str
    judged: str


def literal(body: str) -> Literal:
    """Return `body` without the marks of `raw`, `highlight` and JSX's `style`.

    `judged` is where template code may still be. Where marks have no pair, all of them stay.
    """
    if "{" not in body:
        return Literal(body, body)
    if "={{" in body:
        body = _STYLE.sub("", body)
    if "{%" not in body:
        return Literal(body, body)
    shown, judged, end = list[str](), list[str](), 0
    for tag, within_raw in _paired(body):
        chunk = body[end : tag.start()]
        mark = _fence(tag, chunk) if tag["code"] else ""
        shown += chunk, mark
        judged += "" if within_raw else chunk, mark
        end = tag.end()
    return Literal("".join(shown) + body[end:], "".join(judged) + body[end:])


def _fence(tag: re.Match[str], before: str) -> str:
    line_end = "" if _AT_LINE_START(before[-80:]) else "\n"
    return f"{line_end}{_FENCE}{tag['language'] or ''}\n"


def _paired(body: str) -> list[tuple[re.Match[str], bool]]:
    """Return the marks, and whether each stands within `raw`, that is, ends it; none if unpaired."""
    found, opened = list[tuple[re.Match[str], bool]](), list[str]()
    for tag in _TAG.finditer(body):
        name, within_raw = tag["raw"] or tag["code"], opened[-1:] == ["raw"]
        if within_raw and name != "endraw":
            continue
        if not name.startswith("end"):
            opened.append(name)
        elif not opened or opened.pop() != name.removeprefix("end"):
            return []
        found.append((tag, within_raw))
    return [] if opened else found
