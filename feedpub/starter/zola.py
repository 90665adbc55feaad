"""Zola: `config.toml` or `zola.toml`."""

from __future__ import annotations

from collections.abc import Iterator

from feedpub.starter.folder import Finding, Folder

SIGNS = ("zola.toml", "config.toml:base_url")
USUAL = "/{folders:lower}/{slug:lower}/"
INSIDE = "Zola need not make feeds any more: set generate_feeds = false in its config"


def read(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Zola says of itself."""
    config = folder.settings("zola.toml", "config.toml", "content/_index.md")
    yield from config.said()
    if (wanted := config.at("generate_feeds", "generate_feed")).text == "true":
        named = config.at("feed_filenames", "feed_filename")
        names, source = named.texts() or ["atom.xml"], named.source or wanted.source
        yield from folder.feeds(names, source, config.at("feed_limit"), "atom")
