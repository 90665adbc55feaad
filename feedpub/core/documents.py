"""Text to front matter and body: python-frontmatter splits, PyYAML loads (S4)."""

from __future__ import annotations

from typing import Any

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from feedpub.core.model import Broken, Document, NotAnItem, Problem, Severity


class _SourceLoader(yaml.CSafeLoader):
    """Loads every scalar as its source string."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own class attribute


class _SourceHandler(YAMLHandler):
    def load(self, fm: str, **kwargs: object) -> Any:  # noqa: ARG002, ANN401
        return yaml.load(fm, Loader=_SourceLoader)  # noqa: S506 - a safe loader


def read_document(path: str, data: bytes) -> Document | NotAnItem | Broken:
    """Split the bytes of one file; never raises for any input."""
    text = data.decode("utf-8-sig")
    try:
        front, body = frontmatter.parse(text, handler=_SourceHandler())
    except yaml.YAMLError:
        return Broken(path, (Problem(path, None, "front-matter", Severity.ERROR, "not YAML"),))
    return Document(path, front, body) if front else NotAnItem(path)
