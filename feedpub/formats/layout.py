"""The templates of pages: ours, and those that a site puts in their place (`output.templates`).

Templates of a site see data and nothing else: they run in Jinja's sandbox, without what differs
from run to run (D9), and load only each other and ours. Those in place of ours can extend these as
`feedpub/page.html`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from traceback import walk_tb
from typing import Any, NamedTuple

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FunctionLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.meta import find_referenced_templates
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from feedpub.core.dates import rfc3339
from feedpub.core.language import direction
from feedpub.core.statistics import weekly_rate

TEMPLATES = ("page.html", "item.html", "feed.html", "facts.html")
"""Ours, by name: a page, an item on it, a feed in the catalogue, the numbers of a feed."""

PREFIX = "feedpub"

_TYPE = re.compile(r"'feedpub(?:\.\w+)+\.(\w+) object'")


class Fault(NamedTuple):
    """What is wrong with a template of a site, and where; `line` is 1-based, if known.

    `kind` says it in a word or two. `message` may quote what the template was to show (S2).
    """

    template: str
    line: int | None
    kind: str
    message: str


class TemplateFailure(Exception):  # noqa: N818 - not an error of ours
    """A page that the templates of a site cannot make."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class _Sandbox(ImmutableSandboxedEnvironment):
    """Lets templates read data: nothing private, nothing that changes it, no time zone's methods."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not isinstance(obj, tzinfo) and super().is_safe_attribute(obj, attr, value)


def environment(given: Mapping[str, str]) -> Environment:
    """Return what loads the templates of a site, by name, and ours for those not `given`."""
    ours = PackageLoader("feedpub.formats")
    loaders: list[BaseLoader] = [ours]
    if given:
        own = FunctionLoader(lambda name: (given[name], name, None) if name in given else None)
        loaders = [own, PrefixLoader({PREFIX: ours}), ours]
    made = (_Sandbox if given else Environment)(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        rfc3339=rfc3339,
        day=_day,
        weekly_rate=weekly_rate,
        direction=direction,
        breakable=_breakable,
    )
    del made.filters["random"], made.globals["lipsum"]
    return made


def _day(instant: int, timezone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(instant, timezone):%Y-%m-%d}"


def _breakable(url: str) -> Markup:
    """Return an address that may go on in a new line after any slash."""
    return Markup("/<wbr/>").join(url.split("/"))


def syntax_faults(given: Mapping[str, str]) -> list[Fault]:
    """Return what is wrong with templates of a site that cannot even be read as such."""
    loading, faults = environment(given), []
    for name in given:
        try:
            loading.get_template(name)
        except TemplateSyntaxError as error:
            faults.append(fault(error, given))
    return faults


def unused(given: Mapping[str, str]) -> list[str]:
    """Return the names of templates that neither are in place of ours nor in use by another.

    None are where a template chooses by itself what it loads. All must be free of syntax faults.
    """
    reading = environment(given)
    used = {
        name for text in given.values() for name in find_referenced_templates(reading.parse(text))
    }
    return [] if None in used else [name for name in given if name not in {*TEMPLATES, *used}]


def fault(error: Exception, given: Mapping[str, str]) -> Fault:
    """Return what an error in the loading or rendering of the templates of a site came from."""
    name, line = _place(error, given)
    return Fault(name, line, type(error).__name__, _message(error))


def _place(error: Exception, given: Mapping[str, str]) -> tuple[str, int | None]:
    """Return the template, and its line, in which an error arose: of the site, if one was there."""
    if isinstance(error, TemplateSyntaxError):
        return error.name or TEMPLATES[0], error.lineno
    frames = ((f.f_code.co_filename, line) for f, line in walk_tb(error.__traceback__))
    places = [(name, line) for name, line in frames if name in given]
    return places[-1] if places else (TEMPLATES[0], None)


def _message(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"loads itself without end; ours is called {PREFIX}/{TEMPLATES[0]}"
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name}"
    if isinstance(error, TemplateError):
        text = _TYPE.sub(r"\1", error.message or "").rstrip(".")
        return f"{text}; see the top of ours" if isinstance(error, UndefinedError) else text
    return f"{type(error).__name__}: {error}"
