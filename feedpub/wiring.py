"""Config to connected objects: the only place that knows everybody."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from feedpub.config import Config, Window, zone
from feedpub.core import topics
from feedpub.core.errors import PublishError
from feedpub.core.feeds import Definition, Extent, Policy
from feedpub.core.fields import DEFAULT_FIELDS, Rules
from feedpub.core.identity import Authority
from feedpub.core.model import Person, Site, Style
from feedpub.edges import catalogue as catalogues
from feedpub.edges.catalogue import Catalogue, rows
from feedpub.edges.lock import lock
from feedpub.edges.scan import Content
from feedpub.edges.targets import Target
from feedpub.publish import Edges
from feedpub.publish.ports import Catalogue as CataloguePort
from feedpub.publish.settings import Settings

MAX_FILE_BYTES = 6 * 1024 * 1024
"""1 MiB of front matter, 4 MiB of body (S4), and room for fences."""


class LedgerText:
    """The ledger as one text file, to be committed beside the content."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, catalogue: CataloguePort) -> None:
        """Write the ledger of `catalogue` if the file says something else."""
        data = rows.dump_ledger(
            (s for _, s in catalogue.stories.all()), catalogue.feeds.all().values()
        )
        if not self._path.exists() or self._path.read_bytes() != data:
            Target(self._path.parent).replace(self._path.name, data)

    def restore(self, catalogue: Catalogue) -> None:
        """Fill an empty catalogue from the file, if there is one."""
        if not self._path.exists():
            return
        ledger = rows.load_ledger(self._path.read_bytes(), str(self._path))
        catalogue.begin()
        catalogue.restore(ledger)
        catalogue.commit()


def settings(config: Config) -> Settings:
    """Return what the config means for publishing."""
    return Settings(
        site=_site(config),
        authority=Authority(config.site.id_domain, config.site.id_date),
        rules=_rules(config),
        policy=_policy(config),
        style=Style(config.feeds.related, config.feeds.content == "full"),
        significant=tuple(config.feeds.significant),
        files={name: config.feeds.paths[name] for name in config.feeds.formats},
        pages=config.feeds.pages,
    )


def _site(config: Config) -> Site:
    site, author = config.site, config.site.author
    return Site(
        url=site.url,
        title=site.title,
        home=site.home if site.home != site.url else "",
        description=site.description,
        language=site.language,
        author=Person(author.name, author.uri, author.email) if author else None,
        copyright=site.copyright,
        related_in_rss=config.feeds.related_in_rss,
        timezone=zone(site.timezone),
    )


def _rules(config: Config) -> Rules:
    content = config.content
    return Rules(
        home=config.site.home,
        timezone=zone(content.timezone),
        published_default=content.published_default,
        fields=MappingProxyType({**DEFAULT_FIELDS, **content.fields}),
        link_template=content.link_template,
        strip_tracking=config.links.strip_tracking,
        language="",
    )


def _policy(config: Config) -> Policy:
    chosen = config.topics
    return Policy(
        by=tuple(config.feeds.by),
        only=frozenset(topics.key(name) for name in chosen.only),
        except_=frozenset(topics.key(name) for name in chosen.except_),
        defined=_definitions(config),
        extent=_extent(config.feeds.window),
    )


def _extent(window: Window) -> Extent:
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


def content(config: Config) -> Content:
    """Return the content root of a site."""
    given = config.content
    return Content(given.root, given.include, given.exclude, MAX_FILE_BYTES)


def catalogue_path(config: Config) -> Path:
    """Return where the catalogue of a site is."""
    return config.state.root / "catalogue.sqlite3"


@contextmanager
def edges(config: Config, who: str) -> Iterator[tuple[Edges, list[str]]]:
    """Take the lock, open the catalogue and yield the edges, with notices for the operator.

    `who` says which command holds the lock. Raises `Refused` when another build holds it,
    `PublishError` when the state cannot be used.
    """
    notices: list[str] = []
    with lock(config.state.root, who):
        catalogue, aside = catalogues.open_catalogue(catalogue_path(config))
        try:
            ledger = LedgerText(config.state.ledger) if config.state.ledger else None
            if aside is not None:
                source = "the text ledger" if ledger else "the files"
                notices.append(
                    f"the state file was damaged: kept as {aside}, rebuilt from {source}"
                )
            if ledger and catalogue.is_new():
                ledger.restore(catalogue)
            yield (
                Edges(content(config), catalogue, Target(config.output.root), ledger),
                notices,
            )
        finally:
            catalogue.close()


def reading(config: Config) -> Catalogue | None:
    """Open the catalogue to look things up, or return None when nothing was built yet."""
    return catalogues.read_catalogue(catalogue_path(config))


def relative_to_content(config: Config, path: Path) -> str:
    """Return `path` as feedpub names files: relative to the content root.

    Raises `PublishError` when it is not inside.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps `..`
    try:
        return absolute.relative_to(config.content.root).as_posix()
    except ValueError as error:
        raise PublishError(f"{path} is not inside content.root, {config.content.root}") from error
