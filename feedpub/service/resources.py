"""What each address is to answer with, worked out from the files of a finished build (H5, H7)."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from http import HTTPStatus

from feedpub.core.feeds import Feed, address
from feedpub.core.hubs import named
from feedpub.core.selection import archive_number, archives_beside
from feedpub.edges.http import Moved, Resource, Response, Update
from feedpub.formats import DOCUMENTS, PAGE, SERVED
from feedpub.publish import Edges, Settings
from feedpub.publish.ports import Catalogue, Output, content_hash

_AWAY = HTTPStatus.SERVICE_UNAVAILABLE


def version(response: Response) -> str:
    """Return what tells one answer from another: the hash of the document, or what there is else."""
    return response.content if isinstance(response, Resource) else repr(response)


def changes(
    edges: Edges,
    settings: Settings,
    served: Mapping[str, str],
    unwritten: Mapping[str, bytes | None] | None = None,
    now: int = 0,
) -> Update:
    """Compare the files of the last build with those `served`: the `version` of each by path.

    The documents of a feed are of one build, so a feed that could not be written whole stays as it
    is served. A file that somebody changed stays as well: the next rescan writes it again. But
    nothing that was withdrawn stays (X4): of a feed that something must go out of, the documents
    that are `unwritten` (see `Report`) after the rescan of `now` (epoch seconds) are served as they
    were rendered, or not at all; without a rescan, None, nobody knows which these are.
    """
    catalogue, target = edges.catalogue, edges.target
    # Without the compressed copies: HTTP has its own, and one address serves all codings (H8).
    outputs = {p: o for p, o in catalogue.outputs.all().items() if o.format in SERVED}
    left = _left(catalogue, settings, outputs.keys())
    feeds, last = catalogue.feeds.all(), catalogue.archives.last()
    hubs = named(settings.hubs, catalogue.hubs())
    owing = catalogue.feeds.owing()
    unfinished = catalogue.feeds.dirty() - owing
    if unwritten is None:
        unwritten = {path: None for path, output in outputs.items() if output.feed in owing}
    found: dict[str, Response] = {}
    for path, output in outputs.items():
        data = unwritten.get(path)
        if data is not None:
            output = output._replace(content=content_hash(data), mtime_ns=now * 10**9)
        elif path in unwritten:
            found[path] = _AWAY
            continue
        elif (
            served.get(path) == output.content
            or output.feed in unfinished
            or target.stat(path) != output.stat
        ):
            if path not in served:
                found[path] = _AWAY
            continue
        modified, content_type = output.mtime_ns // 10**9, SERVED[output.format].content_type
        links = tuple(_links(output, feeds[output.feed], last.get(output.feed, 0), settings, hubs))
        found[path] = Resource(data, content_type, modified, output.content, links)
    found |= left
    changed = {path: new for path, new in found.items() if served.get(path) != version(new)}
    if not served and not any(isinstance(new, Resource) for new in changed.values()):
        changed = {}  # HTTP tells by itself that there is nothing yet, or waits for it
    return Update(changed, served.keys() - found.keys() - outputs.keys(), whole=not served)


def _left(catalogue: Catalogue, settings: Settings, outputs: Set[str]) -> dict[str, Response]:
    """Return what is at the addresses of feeds that were moved, renamed, merged or retired (T6).

    Where the new address has no document yet, what is at the old one is served.
    """
    found: dict[str, Response] = {}
    for path, new in settings.departures(catalogue.feeds.all().values(), sys.maxsize).items():
        if new is None and path not in outputs:
            found[path] = HTTPStatus.GONE
        elif new is not None and (new in outputs or new + PAGE.file in outputs):
            found[path] = Moved(address(settings.site, new))
    return found


def _links(
    output: Output, feed: Feed, last: int, settings: Settings, hubs: Sequence[str]
) -> Iterator[str]:
    """Yield the Link headers of a document (H7): itself, other formats, archives beside it, hubs.

    `last` is the number of the last sealed archive of its feed, 0 without any.
    """
    site, form = settings.site, output.format
    archive = archive_number(output.path)
    linked = settings.addresses(feed, archive)
    own = linked.get(form, output.path)
    if form == PAGE.name and output.path not in settings.files_of(feed):  # of a digest (N4)
        own = output.path.removesuffix(PAGE.file)
    yield f'<{address(site, own)}>; rel="self"'
    if form not in linked:
        return
    if hubs and form != PAGE.name and output.path in settings.files_of(feed):
        yield from (f'<{hub}>; rel="hub"' for hub in hubs)
    for name, path in linked.items():
        if name != form:
            media_type = DOCUMENTS[name].media_type
            yield f'<{address(site, path)}>; rel="alternate"; type="{media_type}"'
    if form in settings.files and settings.is_archived(feed):
        for rel, number in archives_beside(archive, last).items():
            yield f'<{address(site, settings.addresses(feed, number)[form])}>; rel="{rel}"'
