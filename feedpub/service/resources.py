"""What each address is to answer with, worked out from the files of a finished build (H5, H7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from feedpub.core.endings import endings
from feedpub.core.feeds import Feed, address
from feedpub.core.selection import archive_folder, archive_number, archives_beside
from feedpub.edges.http import Away, Gone, Moved, Resource, Response, Stored, Update
from feedpub.formats import ASSETS, DOCUMENTS, LISTINGS, PAGE, Format, SiteFile
from feedpub.publish import Settings
from feedpub.publish.ports import Catalogue, Output, Target, content_hash

_SERVED: dict[str, Format | SiteFile] = {**DOCUMENTS, **LISTINGS, **ASSETS}


def version(response: Response) -> str:
    """Return what tells one answer from another: the hash of the document, or where it went."""
    if isinstance(response, Resource):
        return response.content
    if isinstance(response, Moved):
        return f"moved to {response.location}"
    return "gone" if isinstance(response, Gone) else "away"


def changes(
    catalogue: Catalogue,
    target: Target,
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
    # Without the compressed copies: HTTP has its own, and one address serves all codings (H8).
    outputs = {p: o for p, o in catalogue.outputs.all().items() if o.format in _SERVED}
    left = _left(catalogue, settings, outputs)
    unfinished, owing = catalogue.feeds.dirty(), catalogue.feeds.owing()
    if unwritten is None:
        unwritten = {path: None for path, output in outputs.items() if output.feed in owing}
    feeds, last = catalogue.feeds.all(), catalogue.archives.last()
    found: dict[str, Response] = dict(left)
    for output in (o for o in outputs.values() if o.path not in left):
        path = output.path
        file: tuple[Output, bytes | Stored] | None = None
        if path in unwritten:
            file = _rendered(output, unwritten[path], now)
        elif served.get(path) != output.content and output.feed not in unfinished - owing:
            file = _written(output, target)
        if file:
            links = _links(output, feeds[output.feed], last.get(output.feed, 0), settings)
            found[path] = _resource(*file, tuple(links))
        elif path in unwritten or path not in served:
            found[path] = Away()
    return _update(found, served, outputs.keys() | left.keys())


def _update(found: Mapping[str, Response], served: Mapping[str, str], known: Set[str]) -> Update:
    """Return what of what was `found` is new, and what of `served` is not `known`."""
    changed = {path: new for path, new in found.items() if served.get(path) != version(new)}
    if not served and not any(isinstance(new, Resource) for new in changed.values()):
        changed = {}  # HTTP tells by itself that there is nothing yet, or waits for it
    return Update(changed, set(served) - known, whole=not served)


def _written(output: Output, target: Target) -> tuple[Output, Stored] | None:
    """Return a document as it was written, or None where it is away or another one by its stat."""
    if target.stat(output.path) != output.stat:
        return None
    return output, Stored(output.path, *output.stat)


def _rendered(output: Output, data: bytes | None, now: int) -> tuple[Output, bytes] | None:
    """Return a document that could not be written, or None where it could not be rendered."""
    if data is None:
        return None
    return output._replace(content=content_hash(data), mtime_ns=now * 10**9), data


def _left(
    catalogue: Catalogue, settings: Settings, outputs: Mapping[str, Output]
) -> dict[str, Moved | Gone]:
    """Return what is at the addresses of topics that were renamed, merged or retired (T6).

    Where the new address has no document yet, what is at the old one is served.
    """
    feeds = {feed.name: feed for feed in catalogue.feeds.all().values()}
    found: dict[str, Moved | Gone] = {}
    for feed, line in endings(feeds):
        last, there = line[-1], _paths(line[-1], settings)
        for name, path in _paths(feed, settings).items():
            if last is not feed and there[name] in outputs:
                new = last.folder if name == PAGE.name else there[name]
                found[path] = Moved(address(settings.site, new))
            elif last.ended is not None and path not in outputs:
                found[path] = Gone()
    return found


def _paths(feed: Feed, settings: Settings) -> dict[str, str]:
    paths = settings.paths_of(feed)
    return {name: path for name, path in paths.items() if name in DOCUMENTS}


def _resource(output: Output, data: bytes | Stored, links: tuple[str, ...]) -> Resource:
    return Resource(
        data,
        _SERVED[output.format].content_type,
        output.mtime_ns // 10**9,
        output.content,
        links,
    )


def _links(output: Output, feed: Feed, last: int, settings: Settings) -> Iterator[str]:
    """Yield the Link headers of a document (H7): itself, other formats, the archives beside it.

    `last` is the number of the last sealed archive of its feed, 0 without any.
    """
    archive = archive_number(feed.folder, output.path)
    home = archive_folder(feed.folder, archive)
    own = home if output.format == PAGE.name else output.path
    yield f'<{address(settings.site, own)}>; rel="self"'
    if output.format not in DOCUMENTS:
        return
    others = {name: home + file for name, file in settings.files.items()}
    if settings.pages and not archive:
        others[PAGE.name] = home
    for name, path in others.items():
        if name != output.format:
            url, media_type = address(settings.site, path), DOCUMENTS[name].media_type
            yield f'<{url}>; rel="alternate"; type="{media_type}"'
    if output.format in settings.files and settings.is_archived(feed):
        file = settings.files[output.format]
        for rel, number in archives_beside(archive, last).items():
            path = archive_folder(feed.folder, number) + file
            yield f'<{address(settings.site, path)}>; rel="{rel}"'
