"""The command line: arguments, printing, exit codes."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def main() -> None:
    """Publish a folder of Markdown as RSS and Atom feeds, one per topic."""


@main.command()
@click.option("--content", type=click.Path(path_type=Path), default="config/site/content")
@click.option("--out", type=click.Path(path_type=Path), default="out")
def build(content: Path, out: Path) -> None:
    """Rescan the content and publish what changed."""
    from feedpub.core.model import Site
    from feedpub.publish import publish

    items, written = publish(content, out, Site("https://example.org/", "Example"))
    click.echo(f"{items} items, {written} files written")
