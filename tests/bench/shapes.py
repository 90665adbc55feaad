"""Corpora of other shapes than a news site's: long bodies, and front matter as people write it.

As in corpus.py, an item depends on the seed and its number alone. Standard library only.
"""

from __future__ import annotations

import json
from bisect import bisect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from corpus import NEWEST, Corpus, prose

LONG = 20_000
"""How many bytes a long body has at least."""

_EVERY = timedelta(minutes=42)
_DRAFTS = 0.03


class Articles(Corpus):
    """The items of a news site, each with a body of 20 KB in all that Markdown has."""

    def item(self, number: int) -> tuple[str, str]:
        """Return the path and the text of an item."""
        path, text = super().item(number)
        front = text[: text.rindex("\n---\n") + len("\n---\n")]
        return path, front + _article(self._random("article", number))


def _article(rng: Random) -> str:
    parts: list[str] = []
    size = 0
    while size < LONG:
        part = rng.choice(_BLOCKS)(rng)
        parts.append(part)
        size += len(part.encode())
    return "\n" + "\n".join(parts)


def _heading(rng: Random) -> str:
    return f"{'#' * rng.randint(2, 4)} {prose(rng, 5)[:-1]}\n"


def _paragraph(rng: Random) -> str:
    link = f"[{prose(rng, 3)[:-1]}](https://source.example/{rng.randrange(10**6)})"
    parts = (prose(rng, 30), f"**{prose(rng, 4)}**", prose(rng, 25), f"*See* {link}.")
    return " ".join((*parts, f"`value = {rng.randrange(999)}`", prose(rng, 20))) + "\n"


def _list(rng: Random) -> str:
    sign = rng.choice(("-", "*", "1."))
    return "".join(f"{sign} {prose(rng, 12)}\n" for _ in range(rng.randint(3, 7)))


def _quote(rng: Random) -> str:
    return f"> {prose(rng, 25)}\n> {prose(rng, 10)}\n"


def _code(rng: Random) -> str:
    lines = (f"    total += {name!r} < {rng.randrange(99)}" for name in prose(rng, 8).split())
    return "```python\n" + "\n".join(lines) + "\n```\n"


def _picture(rng: Random) -> str:
    return f"![{prose(rng, 4)}](https://pictures.example.net/{rng.getrandbits(64):016x}.jpg)\n"


def _table(rng: Random) -> str:
    rows = "".join(f"| {prose(rng, 3)} | {rng.randrange(999)} |\n" for _ in range(5))
    return f"| place | count |\n| --- | ---: |\n{rows}"


_BLOCKS: tuple[Callable[[Random], str], ...] = (
    *(_heading, _paragraph, _paragraph, _paragraph, _list, _quote, _code, _picture, _table),
)


class Post(NamedTuple):
    """What a post says; how it is written is another matter."""

    number: int
    title: str
    summary: str
    published: datetime
    tags: list[str]
    draft: bool
    author: str


class Blogs(Corpus):
    """Posts of a site that six generators and many hands have written: no two files look alike.

    Dates with and without time and offset, in front matter or in the name of the file; YAML, TOML
    and JSON; comments, flow lists, block scalars, all kinds of quotes, CRLF. Only what both feedpub
    and Hugo understand; none of it has an address of its own.
    """

    def item(self, number: int) -> tuple[str, str]:
        """Return the path and the text of an item."""
        rng = self._random("post", number)
        ranks = (
            bisect(self._shares, rng.random() * self._shares[-1]) for _ in range(rng.randint(1, 4))
        )
        post = Post(
            number,
            prose(rng, rng.randint(4, 10))[:-1].replace("&", "and"),
            prose(rng, rng.randint(15, 40)),
            NEWEST - number * _EVERY,
            [self._topics[rank] for rank in dict.fromkeys(ranks)],
            rng.random() < _DRAFTS,
            rng.choice(("Ann Lee", "Bo O'Neill", "Zoë: of the Desk")),
        )
        write = _HANDS[rng.randrange(len(_HANDS))]
        path, front = write(post, rng)
        body = "".join(f"\n{_paragraph(rng)}" for _ in range(rng.randint(1, 5)))
        text = front + body
        return path, text.replace("\n", "\r\n") if rng.random() < 0.1 else text


def _jekyll(post: Post, rng: Random) -> tuple[str, str]:
    """A date in the name of the file, plain scalars, aligned by hand."""
    lines = [
        "---",
        "layout:    post   # what all have",
        f"title:     {json.dumps(post.title, ensure_ascii=False)}",
        f"author:    {json.dumps(post.author, ensure_ascii=False)}",
        f"tags:      [{', '.join(post.tags)}]",
        f"excerpt: >-\n  {_folded(post.summary)}",
        *_draft(post, "draft: true"),
        "comments:  true" if rng.random() < 0.5 else "comments: no",
        "---\n",
    ]
    return f"{post.published:%Y-%m-%d}-post-{post.number}.md", "\n".join(lines)


def _hugo(post: Post, rng: Random) -> tuple[str, str]:
    """TOML: literal strings, an array over several lines, a table."""
    zone = timezone(timedelta(hours=rng.choice((-7, 0, 2))))
    tags = "".join(f"  {json.dumps(name, ensure_ascii=False)},  # one\n" for name in post.tags)
    lines = [
        "+++",
        f"title = {json.dumps(post.title, ensure_ascii=False)}",
        f"date = {post.published.astimezone(zone).isoformat()}",
        f'description = """\\\n  {post.summary}"""',
        f"tags = [\n{tags}]",
        *_draft(post, "draft = true"),
        "weight = 0\n\n[params]\ntoc = false",
        f"author = {json.dumps(post.author, ensure_ascii=False)}",
        "+++\n",
    ]
    return f"blog/{post.published:%Y}/post-{post.number}.md", "\n".join(lines)


def _json(post: Post, rng: Random) -> tuple[str, str]:
    """One object, as programs write it."""
    front: dict[str, Any] = {
        "title": post.title,
        "date": f"{post.published:%Y-%m-%dT%H:%M:%SZ}",
        "tags": post.tags,
        "description": post.summary,
        "author": post.author,
        "draft": post.draft,
        "cover": {"image": f"https://pictures.example.net/{post.number}.jpg", "alt": None},
    }
    indent, ascii_only = rng.choice((None, 2, 4)), rng.random() < 0.5
    text = json.dumps(front, indent=indent or 1, ensure_ascii=ascii_only)
    return f"imported/{post.number % 16:x}/post-{post.number}.md", text + "\n"


def _eleventy(post: Post, rng: Random) -> tuple[str, str]:
    """A date as Ruby and editors print it, lists that are not indented, an object of its own."""
    del rng
    day = post.published.astimezone(timezone(timedelta(hours=1)))
    lines = [
        "---",
        f"title: '{_single(post.title)}'",
        f"description: |\n  {post.summary}",
        f"date: {day:%Y-%m-%d %H:%M:%S +0100}",
        "tags:",
        *(f"- {name}" for name in post.tags),
        f"eleventyNavigation: {{key: post-{post.number}, order: {post.number % 9}}}",
        *_draft(post, "draft: true # not yet"),
        "---\n",
    ]
    return f"posts/post-{post.number}.md", "\n".join(lines)


def _docusaurus(post: Post, rng: Random) -> tuple[str, str]:
    """Authors as a list of maps, a day alone, keys in quotes."""
    lines = [
        "---",
        f'"title": {json.dumps(post.title, ensure_ascii=False)}',
        "",
        "# who wrote it",
        "authors:",
        f"    - name: '{_single(post.author)}'",
        "      url: https://people.example.net/",
        f"tags: {json.dumps(post.tags, ensure_ascii=False)}",
        f"date: {post.published:%Y-%m-%d}",
        f"description: {json.dumps(post.summary, ensure_ascii=rng.random() < 0.5)}",
        *_draft(post, "draft: true"),
        "---\n",
    ]
    return f"docs/{post.published:%Y/%m}/post-{post.number}.md", "\n".join(lines)


def _by_hand(post: Post, rng: Random) -> tuple[str, str]:
    """A date of e-mail, keys in capitals, values over two lines, blanks wherever they fell."""
    first, _, rest = post.title.partition(" ")
    lines = [
        "---  " if rng.random() < 0.1 else "---",
        f'Title:   "{first}\n    {rest}"',
        f"Date: {format_datetime(post.published.astimezone(UTC))}",
        "Tags:",
        *(f"    -   '{_single(name)}'" for name in post.tags),
        f'Summary: "{post.summary}"',
        *_draft(post, "Draft: true"),
        "---\n",
    ]
    return f"notes/{post.number % 7}/post-{post.number}.markdown", "\n".join(lines)


_HANDS = (_jekyll, _hugo, _json, _eleventy, _docusaurus, _by_hand)


def _draft(post: Post, line: str) -> Iterator[str]:
    if post.draft:
        yield line


def _folded(text: str) -> str:
    words = text.split()
    return " ".join(words[: len(words) // 2]) + "\n  " + " ".join(words[len(words) // 2 :])


def _single(text: str) -> str:
    return text.replace("'", "''")


SHAPES: dict[str, tuple[type[Corpus], float]] = {
    "news": (Corpus, 1.0),
    "long": (Articles, 0.1),
    "blogs": (Blogs, 1.0),
}
"""The corpora by name, and how many items each has for one of the first."""


def write(shape: str, folder: Path, items: int, topics: int) -> tuple[int, int]:
    """Write a corpus into `folder`; return how many items and how many bytes it has."""
    kind, share = SHAPES[shape]
    count = max(1, int(items * share))
    return count, kind(topics).write(folder, count)
