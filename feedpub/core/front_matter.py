"""Front matter and body: where each begins and ends, and handlers for python-frontmatter.

YAML stands between lines of `---` (or ends with `...`), TOML between lines of `+++`, JSON is an
object at the start (Hugo) or stands between lines of `;;;`. `---toml` and `---json` name the
notation, as Eleventy has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from frontmatter.default_handlers import BaseHandler

from feedpub.core.front_values import Front, FrontMatterError
from feedpub.core.model import Value
from feedpub.core.takedown import spilled_flag
from feedpub.core.typed_front import read_json, read_toml
from feedpub.core.yaml_front import read_yaml

MAX_FRONT = 1 << 20
"""Bytes of UTF-8 that front matter may have (S4)."""

MAX_BODY = 4 << 20
"""Bytes of UTF-8 that a body may have (S4)."""

_OPENER = re.compile(r"(?P<fence>---|\+\+\+|;;;)[ \t]*(?P<name>yaml|yml|toml|json)?[ \t]*(?=\n|\Z)")
_OBJECT = re.compile(r'\{\s*"')
_CLOSERS = {
    "---": re.compile(r"\n(?:---|\.\.\.)[ \t]*(?=\n|\Z)"),
    "+++": re.compile(r"\n\+\+\+[ \t]*(?=\n|\Z)"),
    ";;;": re.compile(r"\n;;;[ \t]*(?=\n|\Z)"),
}
_NOTATIONS = {"---": "yaml", "+++": "toml", ";;;": "json"}
_KEY = re.compile(r"""[ \t{]*["']?[\w.$@-]+["']?[ \t]*(?::(?=\s|\Z)|=)""")
# A blank line after the fence and then no map: text between two rules, not front matter.
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
# The opaque text of S1 as a line of the body: a stray fence has ended the front matter too early.
_SPILLED = re.compile(r"""\n["']?secured["']?[ \t]*[:=][ \t]*["']?[\w+/=;]{32}""", re.IGNORECASE)
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")


class FrontMatterHandler(BaseHandler):
    """What `frontmatter.parse` splits and loads one document with; made anew for each.

    `front` is what was loaded, None while the text has shown no front matter; its lines count from
    the start of the text. `body` is the body with the indentation of its first line, which
    `frontmatter.parse` strips although it makes a code block. `split` and `load` raise
    `FrontMatterError` for what cannot be used.
    """

    FM_BOUNDARY = _OPENER

    def __init__(self) -> None:
        super().__init__()
        self.front: Front | None = None
        self.body = ""

    def keep_body(self, text: str, start: int) -> str:
        """Keep and return the body, which begins at `start`; keys that spilled there are an error."""
        secret = _SPILLED.search(text, start)
        spilled = secret.start() if secret else spilled_flag(text, start)
        if spilled is not None:
            message = "the front matter ends too early: keys follow its closing line; remove that"
            line = text.count("\n", 0, spilled + 1)
            raise FrontMatterError("front-matter-invalid", message, line)
        blank = _BLANK_LINES.match(text, start)
        self.body = body = text[blank.end() if blank else start :]
        if _is_larger(body, MAX_BODY):
            message = f"the body is larger than {MAX_BODY >> 20} MiB; shorten it"
            raise FrontMatterError("body-too-large", message)
        return body


class FencedHandler(FrontMatterHandler):
    """Front matter between fences: `opener` is the match of the first, `reader` reads what follows."""

    def __init__(self, opener: re.Match[str], reader: Callable[[str], Front]) -> None:
        super().__init__()
        self._start = opener.end()
        self._closer = _CLOSERS[opener["fence"]]
        self._reader = reader

    def split(self, text: str) -> tuple[str, str]:
        """Return front matter, from the line end of its opening fence on, and body.

        A `ValueError`, which `frontmatter.parse` understands, says that there is no front matter.
        """
        closer = self._closer.search(text, self._start, self._start + MAX_FRONT + 8)
        if closer is None:
            raise _unclosed(text, self._start)
        # With the line end before the closing fence: a block scalar may end there.
        front = text[self._start : closer.start() + 1]
        if _is_larger(front[1:], MAX_FRONT):
            raise _too_large()
        return front, self.keep_body(text, closer.end())

    def load(self, fm: str) -> dict[str, Value]:
        """Return the fields of front matter as `split` gave it."""
        try:
            self.front = self._reader(fm)
        except FrontMatterError as error:
            if error.code == "front-matter-not-a-map" and _PARAGRAPH.match(fm):
                return {}
            raise
        return self.front.fields


class ObjectHandler(FrontMatterHandler):
    """A JSON object without fences at the start of the text, as Hugo has it."""

    def split(self, text: str) -> tuple[str, str]:
        """Return front matter and body; the object is read here, for it alone knows its end."""
        head = text[: MAX_FRONT + 1]
        try:
            front, end = read_json(head)
        except FrontMatterError:
            if len(text) > MAX_FRONT:
                raise _too_large() from None
            raise
        if _is_larger(head[:end], MAX_FRONT):
            raise _too_large()
        body = self.keep_body(text, end)
        self.front = front
        return head[:end], body

    def load(self, fm: str) -> dict[str, Value]:  # noqa: ARG002 - read when it was split
        """Return the fields that `split` read."""
        return self.front.fields if self.front else {}


def handler_for(text: str) -> FrontMatterHandler | None:
    """Return a handler for the notation that `text`, without leading blanks, begins with."""
    opener = _OPENER.match(text)
    if opener is not None:
        return FencedHandler(opener, _READERS[opener["name"] or _NOTATIONS[opener["fence"]]])
    return ObjectHandler() if _OBJECT.match(text) else None


def _read_fenced_json(text: str) -> Front:
    blank = len(text) - len(text.lstrip())
    if not text.startswith("{", blank):
        raise FrontMatterError("front-matter-not-a-map", "the front matter is no JSON object")
    line = text.count("\n", 0, blank)
    try:
        front, end = read_json(text[blank:])
    except FrontMatterError as error:
        raise FrontMatterError(error.code, error.message, (error.line or 0) + line) from None
    if text[blank + end :].strip():
        raise FrontMatterError("front-matter-invalid", "not valid JSON: text after the object")
    return front._replace(lines={key: at + line for key, at in front.lines.items()})


_READERS: dict[str, Callable[[str], Front]] = {
    "yaml": read_yaml,
    "yml": read_yaml,
    "toml": read_toml,
    "json": _read_fenced_json,
}


def _unclosed(text: str, start: int) -> Exception:
    """Tell front matter that is never closed from Markdown that begins with a rule.

    The first line that is not blank and no comment decides: front matter begins with a key.
    """
    lines = (line for line in text[start : start + 4096].split("\n") if line.strip())
    first = next((line for line in lines if not line.lstrip().startswith("#")), "")
    if not _KEY.match(first):
        return ValueError("no front matter")
    if len(text) - start > MAX_FRONT:
        return _too_large()
    message = "the front matter is never closed; end it with a line like its first"
    return FrontMatterError("front-matter-unclosed", message, 0)


def _too_large() -> FrontMatterError:
    message = f"the front matter is larger than {MAX_FRONT >> 10} KiB, or never closed; shorten it"
    return FrontMatterError("front-matter-too-large", message)


def _is_larger(text: str, limit: int) -> bool:
    """Tell whether text has more than `limit` bytes in UTF-8, of which a character has 4 at most."""
    return len(text) > limit // 4 and len(text.encode()) > limit
