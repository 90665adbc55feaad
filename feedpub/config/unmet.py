"""What the config names and nothing in the content has: mistyped, most likely."""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedpub.config.meaning import policy
from feedpub.config.schema import Config
from feedpub.config.source import dotted, shown, suggestion
from feedpub.core import topics
from feedpub.core.problems import Problem, problem
from feedpub.publish.ports import Catalogue, Content

MET = "met"
"""The fact that lists what was found: it is not looked for again."""

_LEFT_OUT = re.compile(r"(^|/)(\.|_site|_drafts|node_modules)")
"""What needs no pattern, and may have one for a day when it is there."""


def unmet(
    config: Config, catalogue: Catalogue, content: Content, there: Mapping[str, str] | None
) -> list[Problem]:
    """Return a problem for each topic and pattern of the config that the content does not have.

    `there` are the labels of its topics by key; without it, the catalogue tells them.
    """
    chosen, known = config.topics, catalogue.facts().get(MET, "")
    names = (*chosen.only, *chosen.except_, *chosen.retired, *chosen.define)
    of_topics = (name for name in config.feeds.addresses if name.startswith("topic/"))
    told = {
        f"{dotted(name.node.where[:2])}: {shown(name)}": name
        for name in (*names, *of_topics, *config.content.exclude)
    }
    met = told.keys() & known.split("\n")
    if met == told.keys():
        return []
    feeds = (feed for feed in catalogue.feeds.all().values() if feed.kind == "topic")
    labels = {feed.key: feed.label for feed in feeds}
    labels |= catalogue.files.topics() if there is None else there
    found: list[Problem] = []
    for text, name in told.items():
        if text in met:
            continue
        node, root = name.node, config.content.root.name
        if node.where[0] == "content":
            hint = _path(name, root, content)
        else:
            hint = _topic(name.removeprefix("topic/"), config, labels)
        if hint:
            file = str(node.source.path)
            found.append(problem(file, "name-unmatched", f"{text} {hint}", node.line))
        else:
            met.add(text)
    if (now := "\n".join(sorted(met))) != known:
        catalogue.begin()
        catalogue.set_fact(MET, now)
        catalogue.commit()
    return found


def _topic(name: str, config: Config, labels: Mapping[str, str]) -> str:
    """Say what may be meant by a topic that no item has; nothing where it has a meaning."""
    key, chosen = topics.key(name), policy(config)
    own = {key, *(old for old, new in chosen.aliases.items() if new == key)}
    if own & labels.keys() or key in chosen.parents.values():
        return ""
    hint = suggestion(name, labels.values()) or "mend or remove it"
    return f"is a topic that no item has; {hint}"


def _path(name: str, root: str, content: Content) -> str:
    """Say what may be meant by a pattern that leaves nothing out; nothing where it does."""
    if _LEFT_OUT.search(name) or content.has(name):
        return ""
    meant = list(filter(content.has, (name.removeprefix(f"{root}/"), f"**/{name}")))
    tops = {f.path.partition("/")[0] for f in content.walk() if "/" in f.path}
    hint = f"did you mean {shown(meant[0])}?" if meant else suggestion(name.partition("/")[0], tops)
    return f"leaves out nothing in content.root, which it is relative to; {hint or 'mend or remove it'}"
