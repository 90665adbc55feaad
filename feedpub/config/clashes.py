"""What no single key can know: roots inside each other, topics that clash or are above themselves.

These look at the values as written, so that a mistake in another key hides none of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from feedpub.config.readers import is_folder, location, shown_path
from feedpub.config.schema import FORMATS_ON, Config
from feedpub.config.source import Node, dotted, shown, suggestion
from feedpub.core import topics
from feedpub.core.feeds import FOLDERS, KINDS
from feedpub.core.policy import NAMED
from feedpub.formats import FORMATS

_CONTENT = ("content", "root")
_OUTPUT = ("output", "root")
_APART = (
    (_OUTPUT, _CONTENT, "what is written would be read as content"),
    (_CONTENT, _OUTPUT, "what is written would be read as content"),
    (("state", "root"), _OUTPUT, "the state would be published"),
    (("state", "ledger"), _OUTPUT, "the ledger would be published"),
    (("output", "templates"), _OUTPUT, "the templates would be published"),
)
"""What may not be inside what, and why."""

_RULES = ("all", "any", "none", "items", "also", "at_least", "top")
"""The keys of a named feed one of which says what is in it."""

_HOW = {"leave": "at_least", "by": "top", "within": "top"}
"""Keys of a named feed that only say how another one is meant."""

_DAYS = {"day": ("", "07:00"), "week": (r"\D+", "monday 07:00"), "month": (r"\d+", "1 07:00")}
"""The days of a period on which it may end, and an example."""

_UNREAD = re.compile(r"\.|_site$").match
"""Where no item is looked for: out/ may be there."""


def note_clashes(root: Node, *, content_may_be_away: bool) -> None:
    """Note what is wrong between the keys of a config.

    That there is no folder at content.root is one of them unless `content_may_be_away`.
    """
    content = _path(root, _CONTENT)
    if content and not content_may_be_away and not is_folder(content):
        state = "is not a folder" if os.path.lexists(content) else "does not exist"
        advice = "create it, or name the folder that holds the items"
        root.at(*_CONTENT).wrong(f"{shown_path(content)} {state}; {advice}")
    for inner, outer, why in _APART:
        _keep_apart(root, inner, outer, why)
    _note_missing_home(root)
    _note_shared_places(root.at("feeds"))
    _note_absent_feeds(root.at("feeds"))
    _note_topics(root.at("topics", "define").parts)
    _note_named(root.at("feeds"))


def _path(root: Node, where: tuple[str, str]) -> Path | None:
    """Return the path at `where`, or its default; None where it is none, as its reader says."""
    group, key = where
    node = root.at(group, key)
    if node.value is None:
        node = node._replace(value=Config.__annotations__[group]._field_defaults[key])
    try:
        return location(node)
    except ValueError:
        return None


def _keep_apart(root: Node, inner: tuple[str, str], outer: tuple[str, str], why: str) -> None:
    """Note that what `inner` names is inside what `outer` names, if it is."""
    inside, around = _path(root, inner), _path(root, outer)
    if inside is None or around is None or not inside.is_relative_to(around):
        return
    if outer == _CONTENT and any(_UNREAD(part) for part in inside.relative_to(around).parts):
        return
    relation, here, there = "is inside", inner, outer
    if root.at(*inner).value is None:  # what the config says is at fault, not a default
        relation, here, there = "holds", outer, inner
    if inside == around:
        relation = "is the same folder as"
    if inside != around or inner != _CONTENT:  # which the row above tells
        root.at(*here).wrong(f"{relation} {dotted(there)}; {why}, so move one")


def _note_missing_home(root: Node) -> None:
    """Note that nobody can tell what a template is relative to: feeds may lie below the items."""
    template, site = root.at("content", "link_template"), root.at("site")
    url = re.fullmatch(r"\w+://[^/]+/+[^/].*", str(site.at("url").value))
    is_whole = re.match(r"(?:https?:)?//", str(template.value))
    if template.value and url and site.at("home").value is None and not is_whole:
        advice = "give it: the address of the site that the items belong to"
        template.wrong(f"is relative to site.home, which is missing; {advice}")


def _file_names(feeds: Node) -> dict[str, str]:
    """Return the file names of the formats in use, in small letters."""
    formats, paths = feeds.at("formats"), feeds.at("paths")
    used = FORMATS_ON if formats.value is None else [node.value for node in formats.texts()]
    known = (name for name in used if name in FORMATS)
    return {name: str(paths.at(name).value or FORMATS[name].file).lower() for name in known}


def _kinds(feeds: Node) -> list[str]:
    """Return the kinds of feeds that there are, beside that of everything."""
    by = feeds.at("by")
    used = ["topic"] if by.value is None else [node.value for node in by.texts()]
    return [name for name in KINDS if name in used or (name == NAMED and feeds.at(NAMED).value)]


def _note_shared_places(feeds: Node) -> None:
    """Note file names, folders and addresses that other documents have, or may have (T3)."""
    names = _file_names(feeds)
    if len({*names.values()}) < len(names):
        feeds.at("paths").wrong("gives two formats one file name; give each its own")
    chosen = feeds.at("folders")
    homes = {
        name: str(chosen.at(name).value or FOLDERS[name]).strip("/").lower()
        for name in _kinds(feeds)
    }
    everything = str(chosen.at("everything").value or "").strip("/").lower()
    for kind, home in homes.items():
        others = [everything.rpartition("/")[0], *(homes[name] for name in homes if name != kind)]
        if home in others or home.startswith(f"{homes.get(NAMED, ' ')}/"):  # pages of digests
            chosen.at(kind).wrong("is where other feeds may be, too; give each kind its own folder")
    _note_wrong_addresses(feeds, names, everything, homes)


def _note_wrong_addresses(
    feeds: Node, names: Mapping[str, str], everything: str, homes: Mapping[str, str]
) -> None:
    """Note addresses of what there is not, or where another document may be, or that shall end."""
    taken = set[str]()
    for documents in feeds.at("addresses").parts.values():
        for name, node in documents.parts.items():
            path = str(node.value).strip("/").lower()
            folder, _, file = path.rpartition("/")
            is_of_feeds = folder == everything or folder.rpartition("/")[0] in homes.values()
            is_taken = path in taken or (is_of_feeds and file in names.values())
            if name in FORMATS and name not in names:
                node.wrong(f"is in a format that feeds.formats has not; add {name} there")
            elif is_taken:
                node.wrong("is where another document may be, too; choose another address")
            taken.add(path)
    for node in feeds.at("forget").texts():
        if str(node.value).strip("/").lower() in {*names.values(), *taken}:
            node.wrong("is a name of today, which only the other keys of feeds can change")


def _note_absent_feeds(feeds: Node) -> None:
    """Note feeds that are named elsewhere in `feeds` twice, or are not there (N3)."""
    named, used, bundles = feeds.at("named").parts, _kinds(feeds), feeds.at("unique").value
    own, addresses = _by_key(named, "feed"), feeds.at("addresses").parts
    _by_key(addresses, "feed")
    shared = [each.texts() for each in bundles] if isinstance(bundles, list) else []
    values = chain(*shared, (node.at("digest", "of") for node in named.values()))
    for label, node in (*addresses.items(), *((str(node.value), node) for node in values)):
        kind, _, name = label.partition("/")
        if kind == NAMED and topics.key(name) not in own:
            hint = suggestion(name, own.values()) or "name one of these, or remove it"
            node.wrong(f"is no feed of feeds.named; {hint}")
        elif kind in KINDS and kind not in used:
            node.wrong(f"is a feed of a kind that feeds.by has not; add {kind} there")


def _by_key(named: Mapping[str, Node], what: str) -> dict[str, str]:
    """Note names that are one (T1); return them by their keys."""
    found: dict[str, str] = {}
    for label, node in named.items():
        if (same := found.setdefault(topics.key(label), label)) != label:
            node.wrong(f"is the same {what} as {shown(same)}; keep one")
    return found


def _note_topics(define: Mapping[str, Node]) -> None:
    """Note topics that are one, and names of two (T6)."""
    defined = _by_key(define, "topic")
    owners = dict(defined)
    for label, topic in define.items():
        for alias in topic.at("aliases").texts():
            key = topics.key(alias.value)
            if (owner := owners.setdefault(key, label)) != label or key in defined:
                alias.wrong(f"is a name of {shown(owner)} already; keep one")
    _note_wrong_parents(define, defined, owners)


def _note_named(feeds: Node) -> None:
    """Note named feeds that let nothing in, or have keys without effect."""
    named = feeds.at("named").parts
    digests = {topics.key(k) for k, n in named.items() if n.at("digest").value is not None}
    for node in named.values():
        of, is_map = node.at("digest", "of"), isinstance(node.value, dict | None)
        has_rule = any(node.at(name).value for name in _RULES)
        if is_map and not (has_rule or of.value):
            node.wrong("lets nothing in; give it a rule, such as all: [topic: AI], or items")
        if of.value and (has_rule or node.at("except").value):
            of.wrong("stands beside a rule of the feed's own; keep one of them")
        if topics.key(str(of.value).removeprefix(f"{NAMED}/")) in digests:
            of.wrong("has digests itself; name a feed of items")
        _note_wrong_day(node.at("digest"))
        for how, other in _HOW.items():
            own, is_missing = node.at(how), node.at(other).value is None
            if own.value is not None and is_missing:
                own.wrong(f"says how {other} is meant, which is missing; add that or remove this")


def _note_wrong_day(digest: Node) -> None:
    """Note a time that is on no day of its period (N4)."""
    period, on = str(digest.at("every").value or "week"), digest.at("on")
    day, example = _DAYS.get(period, (".*", ""))
    if on.value and not re.fullmatch(rf"\s*({day}\s+)?\S*\s*", str(on.value)):
        on.wrong(f'does not fit every: {period}; write "{example}"')


def _note_wrong_parents(
    define: Mapping[str, Node], defined: Mapping[str, str], owners: Mapping[str, str]
) -> None:
    """Note parents that are no topic of `topics.define`, and those of topics above themselves."""
    parents: dict[str, str] = {}
    for key, label in defined.items():
        node = define[label].at("parent")
        if not (node.value and isinstance(node.value, str)):
            continue
        name = topics.key(node.value)
        parents[key] = topics.key(owners.get(name, name))
        if parents[key] not in defined:
            advice = "add it there: {} will do"
            node.wrong(f"is {shown(node.value)}, which topics.define does not have; {advice}")
    for key, label in defined.items():
        way = [key]
        while way[-1] in parents and parents[way[-1]] not in way:
            way.append(parents[way[-1]])
        if parents.get(way[-1]) == key:
            names = " → ".join(shown(defined[one]) for one in (*way, key))
            define[label].at("parent").wrong(f"is below itself: {names}; cut it")
