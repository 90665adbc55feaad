"""The registry of formats: adding one is a module and a line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from feedpub.core.model import FeedWindow, Site

Render = Callable[[FeedWindow, Site], bytes]


class Format(NamedTuple):
    """One way to write a feed: `file` is its default name in the folder of the feed."""

    name: str
    file: str
    media_type: str
    module: str
    function: str

    def load(self) -> Render:
        """Import the renderer; formats are heavy, so only what is used is loaded."""
        render: Render = getattr(import_module(self.module), self.function)
        return render


FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("rss", "rss.xml", "application/rss+xml", "feedpub.formats.syndication", "render_rss"),
        Format(
            "atom", "atom.xml", "application/atom+xml", "feedpub.formats.syndication", "render_atom"
        ),
    )
}
