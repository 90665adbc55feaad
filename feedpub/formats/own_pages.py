"""Pages by the templates of a site (`output.templates`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feedpub.core.archiving import Month
from feedpub.core.channel import FeedFacts, FeedWindow, Listed
from feedpub.core.model import Site
from feedpub.formats.invariants.own_pages import faults
from feedpub.formats.layout import TEMPLATES, Fault, TemplateFailure, fault
from feedpub.formats.pages import NO_FACTS, Pages


class OwnPages(Pages):
    """Renders pages by the templates of a site, or raises `TemplateFailure`.

    Remembers what `Pages` does. `templates` are theirs, by name.
    """

    def __init__(self, templates: Mapping[str, str]) -> None:
        self.templates = templates
        super().__init__(templates)

    def __call__(
        self,
        window: FeedWindow,
        site: Site,
        feeds: Sequence[Listed] = (),
        facts: FeedFacts = NO_FACTS,
        past: Sequence[Month] = (),
    ) -> bytes:
        """Return the page of a feed as UTF-8, held to what such pages must be."""
        try:
            data = super().__call__(window, site, feeds, facts, past)
        except Exception as error:  # templates are programs: anything can go wrong in one
            raise TemplateFailure(fault(error, self.templates)) from error
        for found in faults(data, window):
            raise TemplateFailure(Fault(TEMPLATES[0], None, found, found))
        return data
