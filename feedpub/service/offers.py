"""Offers: what the HTTP front is to serve, worked out from the files of a finished build (H5, H7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import NamedTuple

from feedpub.core.feeds import address
from feedpub.edges.front import Resource
from feedpub.formats import FORMATS, PAGE
from feedpub.publish import Settings
from feedpub.publish.ports import Catalogue, Output, Target

_FORMATS = {**FORMATS, PAGE.name: PAGE}


class Offers(NamedTuple):
    """What changed for the front: files to serve from now on, and paths that are no more.

    `whole` says that nothing was served before, so that `changed` is all there is.
    """

    changed: dict[str, Resource]
    removed: set[str]
    whole: bool = False


def news(
    catalogue: Catalogue, target: Target, settings: Settings, served: Mapping[str, str]
) -> Offers:
    """Compare the files of the last build with those `served`: the hash of each by path.

    The documents of a feed are of one build, so a feed that could not be written whole stays as it
    is served. A file that somebody changed stays as well: the next rescan writes it again.
    """
    # Without the compressed copies: the front has its own, and one address serves all codings (H8).
    outputs = {p: o for p, o in catalogue.outputs.all().items() if o.format in _FORMATS}
    unfinished = catalogue.feeds.dirty()
    changed = {}
    for output in outputs.values():
        if served.get(output.path) == output.content or output.feed in unfinished:
            continue
        data = target.read(output.path)
        if data is not None and blake2b(data, digest_size=16).hexdigest() == output.content:
            changed[output.path] = _resource(output, data, settings)
    return Offers(changed, set(served) - outputs.keys(), whole=not served)


def _resource(output: Output, data: bytes, settings: Settings) -> Resource:
    return Resource(
        data,
        f"{_FORMATS[output.format].media_type}; charset=utf-8",
        output.mtime_ns // 10**9,
        output.content,
        tuple(_links(output, settings)),
    )


def _links(output: Output, settings: Settings) -> Iterator[str]:
    """Yield the Link headers of a document: itself, and the same feed in other formats (H7)."""
    folder = output.path.rpartition("/")[0]
    folder = f"{folder}/" if folder else ""
    own = folder if output.format == PAGE.name else output.path
    yield f'<{address(settings.site, own)}>; rel="self"'
    others = {name: folder + file for name, file in settings.files.items()}
    if settings.pages:
        others[PAGE.name] = folder
    for name, path in others.items():
        if name != output.format:
            url, media_type = address(settings.site, path), _FORMATS[name].media_type
            yield f'<{url}>; rel="alternate"; type="{media_type}"'
