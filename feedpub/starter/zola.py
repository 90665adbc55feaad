"""Zola: `config.toml` or `zola.toml`."""

from __future__ import annotations

from collections.abc import Iterator

from feedpub.starter.folder import Finding, Folder, Found


def read(folder: Folder) -> Iterator[Finding]:
    """Yield what a site of Zola says of itself."""
    config = folder.settings("zola.toml", "config.toml")
    yield from config.at("base_url").found("site.url")
    for settings in (config, folder.settings("content/_index.md")):
        yield from settings.at("title").found("site.title")
        yield from settings.at("description").found("site.description")
    yield from config.at("default_language").found("site.language")
    yield from config.at("author").found("site.author")
    yield Found("content.root", "content", "as Zola does")
    yield Found("content.link_template", "/{folders:lower}/{slug:lower}/", "as Zola does")
