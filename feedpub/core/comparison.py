"""What readers would see differently where other feeds take the place of a site's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from feedpub.core.adoption import END
from feedpub.core.dates import rfc3339
from feedpub.core.model import ReadFeed
from feedpub.core.text import legal
from feedpub.core.urls import identity, publishable

SAME = ("in both", "only in NEW, older than all in OLD")  # OLD may hold the newest alone

_SIGNS = re.compile(r"[\W_]+")


class Seen(NamedTuple):
    """What is seen of an item: the class of that, its link, and what the two sides say."""

    kind: str
    link: str
    old: str = ""
    new: str = ""


def compare(old: Mapping[str, ReadFeed], new: Mapping[str, ReadFeed]) -> Iterator[Seen]:
    """Compare the feeds of two sites, given by their paths, which tell which feed is which.

    An item is known again by its link, without suffix and slash, else by its title.
    """
    before, after = _items(old), _items(new)
    titles = {item["title"]: key for key, item in after.items() if key not in before}
    for key in [key for key in before if key not in after]:
        if before[key]["title"] and (match := titles.pop(before[key]["title"], "")):
            after[key] = after.pop(match)
    for key, item in before.items():
        name = item["link"] or item["title"]
        yield Seen(SAME[0] if key in after else "only in OLD", name)
        a, b = (_with_content(side.get(key, item)) for side in (before, after))
        differing = (name for name in a if a[name] != b.get(name, a[name]))
        yield from (Seen(_kind(n, a[n], b[n]), name, a[n], b[n]) for n in differing)
    oldest = min((item["date"] for item in before.values() if item["date"]), default="")
    for item in (item for key, item in after.items() if key not in before):
        yield Seen(SAME[1] if "" < item["date"] < oldest else "only in NEW", item["link"])
    for path, feed in old.items():
        # The path of a feed that stands alone may be longer.
        alike = [p for p in new if p == path or (len(old) == 1 and path.endswith(f"/{p}"))]
        if alike or len(old) == len(new) == 1:
            known, now = {entry.id for entry in feed.entries}, new[max(alike or new, key=len)]
            news = (entry.link for entry in now.entries if entry.id not in known)
            yield from (Seen(f"unread in {path}", link) for link in news)
        else:
            yield Seen("no such feed in NEW", path)


def _items(feeds: Mapping[str, ReadFeed]) -> dict[str, dict[str, str]]:
    """Return what feeds say of each item, by its link: the longest content, of all else the first."""
    found: dict[str, dict[str, str]] = {}
    for _, feed in sorted(feeds.items(), key=lambda each: (each[0].count("/"), each[0])):
        for entry in feed.entries:
            date = entry.updated if entry.published is None else entry.published
            item = {"link": entry.link, "title": entry.title, f"{feed.format} id": entry.id}
            item |= {"date": "" if date is None else rfc3339(date), "content": entry.content}
            first = found.setdefault(END.sub("", identity(entry.link)) or entry.id, item)
            first |= {**item, **first, "content": max(first["content"], entry.content, key=len)}
    return found


def _with_content(item: Mapping[str, str]) -> dict[str, str]:
    """Return an item with what its content has: text and, a line each, links, pictures, code."""
    parser = etree.HTMLParser(encoding="utf-8")
    tree = etree.fromstring(f"<div>{legal(item['content'])}</div>".encode(), parser)
    blocks = ("".join(map(str, block.itertext())).strip() for block in tree.iter("pre"))
    parts = {"code": "\n".join(blocks)}
    for name, tag, key in (("links", "a", "href"), ("pictures", "img", "src")):
        given = {e.get(key, "#") for e in tree.iter(tag)}
        absolute = {identity(publishable(one, item["link"])) for one in given if one[:1] != "#"}
        parts[name] = "\n".join(sorted(absolute))
    etree.strip_elements(tree, "pre", "script", "style", with_tail=False)
    return {**item, **parts, "content": " ".join(" ".join(map(str, tree.itertext())).split())}


def _kind(name: str, old: str, new: str) -> str:
    """Return the class of a difference: does one side say less, or the same with other signs?"""
    a, b = (identity(s) if name == "link" else _SIGNS.sub("", s).casefold() for s in (old, new))
    lines, others = set(old.splitlines()), set(new.splitlines())
    if a == b or name == "link":
        return f"{name}: {'other signs' if a == b else 'another'}"
    if a in b or lines <= others:
        return f"{name}: less in OLD"
    return f"{name}: less in NEW" if b in a or others <= lines else f"{name}: another"
