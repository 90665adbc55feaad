"""What the config means for which feeds there are: names of topics become their keys (T1)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from feedpub.config.schema import Config, WindowConfig
from feedpub.core import topics
from feedpub.core.feeds import Definition, Extent, Policy
from feedpub.core.lineage import Lineage


def policy(config: Config) -> Policy:
    """Return the policy of a site."""
    chosen, aliases = config.topics, _aliases(config)
    return Policy(
        by=tuple(config.feeds.by),
        only=frozenset(topics.key(name) for name in chosen.only),
        except_=frozenset(topics.key(name) for name in chosen.except_),
        defined=_definitions(config),
        extent=_extent(config.feeds.window),
        aliases=aliases,
        retired=frozenset(topics.key(name) for name in chosen.retired),
        minimum=chosen.minimum,
        lineage=_lineage(config, aliases),
    )


def _aliases(config: Config) -> Mapping[str, str]:
    return MappingProxyType(
        {
            topics.key(alias): topics.key(label)
            for label, given in config.topics.define.items()
            for alias in given.aliases
        }
    )


def _lineage(config: Config, aliases: Mapping[str, str]) -> Lineage:
    defined = {topics.key(label): given for label, given in config.topics.define.items()}
    named = {key: topics.key(given.parent) for key, given in defined.items() if given.parent}
    return Lineage(
        MappingProxyType({key: aliases.get(parent, parent) for key, parent in named.items()}),
        frozenset(key for key, given in defined.items() if given.include_children),
    )


def _extent(window: WindowConfig) -> Extent:
    return Extent(window.items, window.days, window.bytes)


def _definitions(config: Config) -> Mapping[str, Definition]:
    return MappingProxyType(
        {
            topics.key(label): Definition(
                label=topics.label(label),
                slug=given.slug,
                title=given.title,
                description=given.description,
                image=given.image,
                language=given.language,
                extent=_extent(given.window.over(config.feeds.window)),
                minimum_quality=given.minimum_quality,
            )
            for label, given in config.topics.define.items()
        }
    )
