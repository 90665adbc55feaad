"""Which stories a broken file may hold, by the lines of it that are whole (S3, I4, X6).

Where a broken file asks for the removal of its story and was never read whole (or the cache that
knew it is lost), this is all there is to know the story by. What is found is only used to withhold,
so it is better to find too much: in a merge conflict, say, both addresses.
"""

from __future__ import annotations

import re

from feedpub.core import text, urls, values
from feedpub.core.fields import Fields, Rules
from feedpub.core.model import Document, Value, Withheld
from feedpub.core.stories import Copy
from feedpub.core.takedown import TAG, has_braces, legible, outermost

_SAME_KEY = 8
"""How often one key is looked at."""

# A key without indentation, and its value on the same line, or on an indented one after it.
_LINE = re.compile(
    rf"""\n["']?(?P<key>[\w.$@-]+)["']?[ \t]*[:=][ \t]*{TAG}(?:[>|][+-]?[ \t]*)?(?:\n[ \t]+)?"""
    r"(?P<value>[^\n]*)"
)
_MEMBER = re.compile(
    r"""(?<![\w-])["']?(?P<key>[\w.$@-]+)["']?\s*:\s*"""
    r"""(?P<value>"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,{}\[\]"']+)"""
)
_COMMENT = re.compile(r"[ \t]+#.*")


def named_stories(path: str, data: bytes, rules: Rules) -> tuple[str, ...]:
    """Return the identity keys (I2) that lines of a broken file give: ids and addresses.

    Keys are found under the names that `rules` give them, as in a file that is whole, but only
    outermost ones; a value that cannot be used names nothing. Never raises, for any bytes.
    """
    keys: dict[str, None] = {}
    for front in _fronts(legible(data)):
        fields = Fields(Document(path, front, ""), rules)
        explicit = text.clean(values.string(fields.get("id"))).strip()
        given = (urls.of_field(fields, name) for name in ("originalUrl", "webUrl"))
        found = (f"id:{explicit}" if explicit else "", *map(urls.identity, given))
        keys |= dict.fromkeys(filter(None, found))
    return tuple(keys)


def barring(path: str, content: str, keys: tuple[str, ...]) -> Copy:
    """Return what is kept of a broken file that asks for the removal of the stories of `keys`."""
    return Copy(
        path=path,
        content=content,
        explicit="",
        original_key="",
        web_key="",
        title="",
        mark="",
        published=None,
        updated=None,
        quality=0,
        withheld=Withheld.REMOVED,
        broken=True,
        bars=keys,
    )


def _fronts(text_: str) -> list[dict[str, Value]]:
    """Return the front matter that whole lines make; of keys given again, the next one in turn."""
    found = outermost(_MEMBER, text_) if has_braces(text_) else _LINE.finditer("\n" + text_)
    fronts: list[dict[str, Value]] = []
    for match in found:
        key = match["key"]
        front = next((one for one in fronts if key not in one), None)
        if front is None and len(fronts) < _SAME_KEY:
            fronts.append(front := {})
        if front is not None:
            front[key] = _plain(match["value"].strip().rstrip(","))
    return fronts


def _plain(value: str) -> str:
    """Return a value without quotes and comment; quotes may be left open."""
    quote = value[:1]
    if quote not in ('"', "'"):
        return _COMMENT.sub("", value)
    inner = value[1:].partition(quote)[0].rstrip()
    return inner.replace("\\/", "/") if quote == '"' else inner
