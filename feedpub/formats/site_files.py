"""The files that out/ has once for all feeds.

Lists of the feeds as OPML and JSON (F7), what pages load (B3), and rules for web servers that lead
old addresses of feeds to new ones, where no service does (T6).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import groupby
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from lxml import etree
from lxml.etree import SubElement, _Element

from feedpub.core.dates import rfc3339
from feedpub.core.feed_lifecycle import Former
from feedpub.core.feeds import KINDS
from feedpub.core.model import FeedHead, Listed, Person, Site
from feedpub.core.selection import weekly_rate
from feedpub.formats import FORMATS, LISTINGS, SiteFile

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def render_opml(file: SiteFile, site: Site, branches: Iterable[Listed]) -> bytes:
    """Return the list of feeds as OPML 2.0 in UTF-8: a file to subscribe to everything at once.

    `branches` are the live feeds, each once, in the order to be shown. Feeds of one kind that
    follow each other are one group. A feed with others below it becomes a group as well, with
    itself in front: many readers look into groups only, not below feeds. It says nothing of time,
    so that it changes only when the feeds do (D9). Texts must be free of what XML forbids (C3):
    else `ValueError`.
    """
    opml = etree.Element("opml", version="2.0")
    head, body = SubElement(opml, "head"), SubElement(opml, "body")
    owner = site.author or Person(site.title)
    names = "title", "ownerName", "ownerEmail", "ownerId"
    for name, text in zip(names, (site.title, owner.name, owner.email, owner.uri), strict=True):
        if text:
            SubElement(head, name).text = text
    head.append(etree.fromstring(file.sign))
    for kind, group in groupby(branches, lambda branch: branch.head.kind):
        parent = _group(body, KINDS[kind].heading) if kind in KINDS else body
        _add(parent, group)
    data: bytes = etree.tostring(opml, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return data


def _add(parent: _Element, branches: Iterable[Listed]) -> None:
    for head, children, _ in branches:
        place = _group(parent, head.title) if children else parent
        SubElement(place, "outline", _outline(head))
        _add(place, children)


def _group(parent: _Element, name: str) -> _Element:
    return SubElement(parent, "outline", {"text": name, "title": name})


def _outline(head: FeedHead) -> dict[str, str]:
    """Return the attributes of a feed; `type` is rss whatever its format (OPML 2.0).

    Its address is that of the first format of the registry that it has: RSS, if any.
    """
    attributes = {
        "type": "rss",
        "text": head.title,
        "title": head.title,
        "xmlUrl": next(head.addresses[name] for name in FORMATS if name in head.addresses),
        "htmlUrl": head.alternate,
        "description": head.description,
        "language": head.language,
    }
    return {name: value for name, value in attributes.items() if value}


def render_feeds(file: SiteFile, site: Site, feeds: Iterable[Listed]) -> bytes:
    """Return the list for machines as UTF-8: `title`, `home_page_url`, and `feeds`, one to a line.

    A feed has `id`, `kind`, `title`, `description`, `language`, `page`, `addresses` by format,
    `items` (how many), `newest` and `updated` (D8; both RFC 3339), `items_per_week` (the mean of eight weeks), `weeks`
    (items of up to 26 weeks, the oldest first; the last ends with the newest item), `providers`
    (the main ones, the first provides most), and `parent`, the id of the feed that it is below.
    Nothing of it depends on the clock.
    """
    head = _written({"title": site.title, "home_page_url": site.home or site.url})[1:-1]
    lines = ",".join(f"\n{_written(told)}" for told in _flat(feeds, ""))
    return file.sign + f'{head},"feeds":[{lines}\n]}}\n'.encode()


_OF_HEAD = ("id", "kind", "title", "description", "language", "image", "page", "addresses")


def _flat(feeds: Iterable[Listed], parent: str) -> Iterator[dict[str, Any]]:
    for head, children, facts in feeds:
        told = {name: getattr(head, name) for name in _OF_HEAD} | {"parent": parent}
        instants = {"newest": facts.newest, "updated": facts.updated}
        told |= {name: rfc3339(t) for name, t in instants.items() if t is not None}
        figures: dict[str, Any] = {"items": facts.items, "items_per_week": weekly_rate(facts)}
        figures |= {"weeks": facts.weeks, "providers": facts.providers}
        yield {name: value for name, value in told.items() if value} | figures
        yield from _flat(children, head.id)


def former_feeds(data: bytes) -> list[Former]:
    """Return the feeds in a list for machines of ours; nothing where it cannot be read (I5)."""
    if not data.startswith(LISTINGS["feeds"].sign):
        return []
    try:
        told = json.loads(data)
        return [_former(feed, f" · {told['title']}") for feed in told["feeds"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []  # somebody changed it: it tells nothing


def _former(feed: dict[str, Any], ending: str) -> Former:
    slug = unquote(str(feed["page"]).rstrip("/").rpartition("/")[2])
    title = str(feed["title"]).removesuffix(ending)
    return Former(str(feed["kind"]), str(feed["id"]), title, slug)


def render_asset(file: SiteFile, _site: Site, templates: Mapping[str, str]) -> bytes:
    """Return what pages load as UTF-8: the site's, if `templates` have it, or ours.

    It has its sign in either case: it is known as ours when the state is lost.
    """
    own = templates.get(file.file)
    if own is None:
        return files("feedpub.formats").joinpath("templates", file.file).read_bytes()
    data = own.encode()
    return data if data.startswith(file.sign) else file.sign + b" */\n" + data


def render_redirects(file: SiteFile, site: Site, departures: Mapping[str, str | None]) -> bytes:
    """Return rules for a web server, in the order of the paths.

    `departures` gives by the path of a file, or of a folder with a final `/`, what took its place.
    For nginx they are lines for a `map $uri $feedpub_moved`: an address that moved gives the new
    one, one that is gone gives `gone`. nginx compares paths without percent-encoding, and without
    regard to case. The others have `_redirects`, without what is gone: that answers 404 by itself.
    """
    base, rules = urlsplit(site.url).path or "/", [file.sign.decode()]
    # At Netlify only a rule with `!` comes before a file that is there, at Cloudflare Pages each.
    status = "301!" if file.name == "netlify" else "301"
    for old, heir in sorted(departures.items()):
        new = "gone" if heir is None else site.url + quote(heir)
        if file.name == "nginx":
            rules.append(f"{_quoted(base + old)} {_quoted(new)};")
        elif heir is not None:
            rules.append(f"{base}{quote(old)} {new} {status}")
    return "\n".join([*rules, ""]).encode()


def _quoted(text: str) -> str:
    r"""Return `text` as a string of nginx, in which `\`, `"` and `$` mean something."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
