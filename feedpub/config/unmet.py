"""What the config names and nothing in the content has: mistyped, most likely."""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedpub.config.meaning import policy
from feedpub.config.readers import Written
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
    chosen, facts = config.topics, catalogue.facts()
    names = (
        *chosen.only,
        *chosen.except_,
        *chosen.retired,
        *chosen.define,
        *config.content.exclude,
    )
    met = {*facts.get(MET, "").split("\n")}
    unknown = [name for name in names if _told(name) not in met]
    if not unknown:
        return []
    root = config.content.root.name
    labels = catalogue.files.topics() if there is None else there
    ever = {feed.key: feed.label for feed in catalogue.feeds.all().values() if feed.kind == "topic"}
    found: list[Problem] = []
    for name in unknown:
        is_pattern = name.node.where[0] == "content"
        hint = (
            _path(name, root, content) if is_pattern else _topic(name, config, {**ever, **labels})
        )
        if hint:
            text = f"{_told(name)} {hint}"
            file = str(name.node.source.path)
            found.append(problem(file, "name-unmatched", text, name.node.line))
        else:
            met.add(_told(name))
    now = "\n".join(sorted(met.intersection(map(_told, names))))
    if now != facts.get(MET, ""):
        catalogue.begin()
        catalogue.set_fact(MET, now)
        catalogue.commit()
    return found


def _told(name: Written) -> str:
    return f"{dotted(name.node.where[:2])}: {shown(name)}"


def _topic(name: Written, config: Config, labels: Mapping[str, str]) -> str:
    """Say what may be meant by a topic that no item has; nothing where it has a meaning."""
    key, chosen = topics.key(name), policy(config)
    own = {key, *(old for old, new in chosen.aliases.items() if new == key)}
    if own & labels.keys() or key in chosen.parents.values():
        return ""
    return (
        f"is a topic that no item has; {suggestion(name, labels.values()) or 'mend or remove it'}"
    )


def _path(name: Written, root: str, content: Content) -> str:
    """Say what may be meant by a pattern that leaves nothing out; nothing where it does."""
    if _LEFT_OUT.search(name) or content.has(name):
        return ""
    others = (other for other in (name.removeprefix(f"{root}/"), f"**/{name}") if other != name)
    meant = next(filter(content.has, others), "")
    tops = () if meant else {f.path.partition("/")[0] for f in content.walk() if "/" in f.path}
    hint = f"did you mean {shown(meant)}?" if meant else suggestion(name.partition("/")[0], tops)
    return f"leaves out nothing in content.root, which it is relative to; {hint or 'mend or remove it'}"
