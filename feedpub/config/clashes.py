"""What no single key can know: roots inside each other, topics that clash or are above themselves.

These look at the values as written, so that a mistake in another key hides none of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path

from feedpub.config.paths import is_folder, location, shown as shown_path
from feedpub.config.schema import FORMATS_ON, Config
from feedpub.config.source import Node, dotted, shown, suggestion
from feedpub.config.values import is_here
from feedpub.core import topics
from feedpub.core.feeds import FOLDERS, KINDS, NAMED, cycle
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
    hubs = root.at("push", "hubs")
    if hubs.value and is_here(str(root.at("site", "url").value)):
        hubs.wrong("is of no use, as site.url is on this machine, where no hub finds it; remove it")
    _note_shared_places(root.at("feeds"))
    _note_absent_feeds(root.at("feeds"))
    _note_topics(root.at("topics"), root.at("feeds", "addresses"))
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


def _note_shared_places(feeds: Node) -> None:
    """Note file names, folders and addresses that other documents have, or may have (T3)."""
    names = _file_names(feeds)
    if len({*names.values()}) < len(names):
        feeds.at("paths").wrong("gives two formats one file name; give each its own")
    by, chosen = feeds.at("by"), feeds.at("folders")
    used = ["topic"] if by.value is None else [str(node.value) for node in by.texts()]
    used += [NAMED] if feeds.at("named").value else []
    homes = {
        name: str(chosen.at(name).value or FOLDERS[name]).strip("/").lower()
        for name in used
        if name in FOLDERS
    }
    everything = str(chosen.at("everything").value or "").strip("/").lower()
    for kind, home in homes.items():
        others = [everything.rpartition("/")[0], *(homes[name] for name in homes if name != kind)]
        if home in others:
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
            is_usual = folder == everything or folder.rpartition("/")[0] in homes.values()
            if name in FORMATS.keys() - names.keys():
                node.wrong(f"is in a format that feeds.formats has not; add {name} there")
            elif path in taken or (is_usual and file in names.values()):
                node.wrong("is where another document may be, too; choose another address")
            taken.add(path)
    for node in feeds.at("forget").texts():
        if str(node.value).strip("/").lower() in {*names.values(), *taken}:
            node.wrong("is a name of today, which only the other keys of feeds can change")


def _note_absent_feeds(feeds: Node) -> None:
    """Note feeds that are named elsewhere in `feeds` and are not there, or take all from others (N3)."""
    by, own = feeds.at("by"), {topics.key(label): label for label in feeds.at("named").parts}
    used = {NAMED, *(("topic",) if by.value is None else [str(node.value) for node in by.texts()])}
    bundles = feeds.at("unique").value
    shared = [each.texts() for each in bundles] if isinstance(bundles, list) else []
    ofs = [n for each in feeds.at("named").parts.values() if (n := each.at("digest", "of")).value]
    told = [
        (f"{n.value}/" if str(n.value) in KINDS else str(n.value), n) for n in chain(ofs, *shared)
    ]
    for label, node in (*feeds.at("addresses").parts.items(), *told):
        kind, slash, name = label.partition("/")
        if slash and kind in KINDS.keys() - used:
            node.wrong(f"is a feed of a kind that feeds.by has not; add {kind} there")
        elif slash and kind == NAMED and topics.key(name) not in own:
            hint = suggestion(name, own.values()) or "name one of these, or remove it"
            node.wrong(f"is no feed of feeds.named; {hint}")
        elif kind == "everything" and any(node in nodes[:-1] for nodes in shared):
            node.wrong("takes all items from the feeds after it; put it last")


def _note_topics(chosen: Node, addresses: Node) -> None:
    """Note topics that are one or share an address, and names that mean two things."""
    define = chosen.at("define").parts
    defined = _note_same(define, "topic")
    owners: dict[str, str] = {}
    for label, topic in define.items():
        for alias in topic.at("aliases").texts():
            _note_useless_alias(alias, label, defined, owners)
            owners.setdefault(topics.key(alias.value), label)
    _note_unclear_names(chosen, owners)
    _note_unclear_feeds(addresses, owners)
    _note_wrong_parents(define, defined, owners)


def _note_same(define: Mapping[str, Node], what: str) -> dict[str, str]:
    """Note feeds of a kind that are one (T1) or share an address (T3); return their labels by key."""
    defined: dict[str, str] = {}
    slugs: dict[str, str] = {}
    for label, node in define.items():
        slug = node.at("slug").value
        same = defined.setdefault(topics.key(label), label)
        taken = slugs.setdefault(slug if isinstance(slug, str) else topics.slug(label), label)
        if same != label:
            node.wrong(f"is the same {what} as {shown(same)}; keep one")
        elif taken != label:
            node.wrong(f"has the address of {shown(taken)}; give one another slug")
    return defined


def _note_digest(digest: Node, *, has_rule: bool) -> None:
    """Note a time that is on no day of its period, and a feed of what no rule lets in (N4)."""
    every, on, of = (digest.at(name) for name in ("every", "on", "of"))
    day, _, time = str(on.value or "").strip().rpartition(" ")
    period = str(every.value or "week")
    fits = {
        "day": not day,
        "week": not day[:1].isdecimal(),
        "month": day[:1].isdecimal() or not day,
    }
    if not fits.get(period, True):
        example = {"day": "", "week": "monday ", "month": "1 "}[period]
        on.wrong(f'is on no day of a {period}; write "{example}{time}"')
    if of.value and has_rule:
        of.wrong("stands beside a rule of the feed's own; keep one of them")


def _note_named(feeds: Node) -> None:
    """Note named feeds that are one, let nothing in, or have keys without effect."""
    _note_same(feeds.at("named").parts, "feed")
    for node in feeds.at("named").parts.values():
        rule = [node.at(name).value for name in _RULES]
        _note_digest(node.at("digest"), has_rule=any(rule))
        rule.append(node.at("digest", "of").value)
        if isinstance(node.value, dict | None) and not any(rule):
            node.wrong("lets nothing in; give it a rule, such as all: [topic: AI], or items")
        for name, other in (("leave", "at_least"), ("by", "top"), ("within", "top")):
            if node.at(other).value is None and (own := node.at(name)).value is not None:
                own.wrong(f"says how {other} is meant, which is missing; add that or remove this")
        marks, leave = node.at("at_least").parts, node.at("leave")
        for score, mark in (leave.parts or dict.fromkeys(marks, leave)).items():
            if marks and score not in marks:
                mark.wrong(f"is for {score}, which at_least has not; add it there or remove this")
            with suppress(ValueError, TypeError, KeyError):  # what is no number its reader tells
                if int(mark.value) > int(marks[score].value):
                    mark.wrong("is above the mark to enter by; write less")


def _note_useless_alias(
    alias: Node, label: str, defined: Mapping[str, str], owners: Mapping[str, str]
) -> None:
    """Note that an alias is not the old name of just one topic (T6)."""
    key = topics.key(alias.value)
    if key == topics.key(label):
        alias.wrong("is the topic itself; remove it")
    elif key in defined:
        other = shown(defined[key])
        alias.wrong(f"is a topic of its own, {other}; remove its definition, or this")
    elif key in owners:
        alias.wrong(f"is an alias of {shown(owners[key])} already; keep one")


def _note_unclear_names(chosen: Node, owners: Mapping[str, str]) -> None:
    """Note names in the lists of topics that are aliases, and retired topics that make no feed."""
    excluded = {topics.key(node.value) for node in chosen.at("except").texts()}
    for name in ("only", "except", "retired"):
        for node in chosen.at(name).texts():
            key = topics.key(node.value)
            if key in owners:
                owner = shown(owners[key])
                node.wrong(f"is an alias of {owner}; name that topic, or remove the alias")
            if name == "retired" and key in excluded:
                text = "is in topics.except too, so that its feed could not say that it ends"
                node.wrong(f"{text}; keep one")


def _note_unclear_feeds(addresses: Node, owners: Mapping[str, str]) -> None:
    """Note feeds that are named by an alias of a topic, or twice."""
    named: dict[str, str] = {}
    for label, node in addresses.parts.items():
        kind, _, name = label.partition("/")
        first = named.setdefault(f"{kind}/{topics.key(name)}", label)
        owner = owners.get(topics.key(name)) if kind == "topic" else None
        if owner or first != label:
            node.wrong(
                f"is another name of {shown(f'topic/{owner}' if owner else first)}; use that"
            )


def _note_wrong_parents(
    define: Mapping[str, Node], defined: Mapping[str, str], owners: Mapping[str, str]
) -> None:
    """Note parents that are no topic of `topics.define`, and those of topics above themselves."""
    parents: dict[str, str] = {}
    for key, label in defined.items():
        node = define[label].at("parent")
        if not node.value or not isinstance(node.value, str):
            continue
        name = topics.key(node.value)
        parents[key] = topics.key(owners.get(name, name))
        if parents[key] not in defined:
            advice = "add it there: {} will do"
            node.wrong(f"is {shown(node.value)}, which topics.define does not have; {advice}")
    for key, label in defined.items():
        if found := cycle(parents, key):
            way = " → ".join(shown(defined[one]) for one in (*found, key))
            define[label].at("parent").wrong(f"is below itself: {way}; cut it")
