"""Write: the files of ours in out/ become what was rendered, whole and only where they differ.

What somebody else put there is never touched.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Set

from feedpub.catalogue.feed_tables import Output
from feedpub.core.feeds import FOLDERS, address
from feedpub.core.model import RenderedFeed, content_hash
from feedpub.core.policy import ALL
from feedpub.core.problems import problem
from feedpub.core.selection import archive_number
from feedpub.formats import (
    ASSETS,
    DOCUMENTS,
    FORMATS,
    GZIP,
    LISTINGS,
    PAGE,
    REDIRECTS,
    compressed,
    is_ours,
)
from feedpub.publish.report import Tally
from feedpub.publish.settings import Run

_ADVICE = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "; free some space"),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS), "; see who owns it, and its permissions"
    ),
}
_NEVER = (-1, 0, 0)
"""What `stat` says of no file."""


class FileWriter:
    """Replaces files in out/, and keeps the report and the recorded outputs up to date.

    With `settings.precompress`, every document has a compressed copy beside it. A dry run only tells.
    """

    def __init__(self, run: Run) -> None:
        self._run, self._report, self._target = run, run.report, run.edges.target
        self.owing = run.catalogue.feeds.owing()
        self._outputs = run.catalogue.outputs.all()
        self._sent: dict[str, Tally] = {}
        if not run.options.dry_run and (warning := self._target.sweep(run.now)):
            self._report.problems.append(problem("./", "bucket-unsafe", warning))
        # What another leader put into a bucket last, it may not have recorded.
        self._epoch = run.edges.lead.epoch if isinstance(self._target.root, str) else None
        # Without out/ as well, this is a first build, and not one whose state was lost. A bucket says
        # so where nothing is known of it, as after a backup was restored.
        is_unsure = self._epoch is not None or not self._outputs
        self._may_be_lost = is_unsure and self._target.stat("") is not None

    def put_out(self, made: RenderedFeed) -> bool:
        """Replace the files of a feed; say whether they are now as they should be.

        One in whose place somebody else put something is left to that, and only told of.
        """
        for name in made.documents:
            self._report.tally(name, archive=made.archive).rendered += 1
        is_owing, missed = made.number in self.owing, dict[str, bytes | None].fromkeys(made.files)
        if made.faults:
            text = f"not published, the last good one stays: {'; '.join(made.faults[:5])}"
            self._fail(made.folder, "feed-rejected", text)
        else:
            with self._report.timed("write"):
                error = self._replace(made)
                if error and is_owing:  # what must not stay may have all the room (X4)
                    self._clear(made)
                    error = self._replace(made)
            if error is None:
                return True
            stays = ", the last good one stays" if self._outputs else ""
            text = f"not written{stays}: {error.strerror}{_ADVICE.get(error.errno or 0, '')}"
            self._fail(made.folder, "feed-not-written", text)
            documents = made.documents
            missed = {path: documents[n] for path, n in made.files.items() if n in documents}
        if is_owing:
            self._report.unwritten |= missed
        return False

    def _fail(self, path: str, code: str, text: str) -> None:
        self._report.failed = True
        self._report.problems.append(problem(path or "./", code, text))

    def _replace(self, made: RenderedFeed) -> OSError | None:
        """Make files equal to documents; return what came in the way, if anything did."""
        files = sorted(made.files.items(), key=lambda file: (file[1], file[0]))
        for name in made.documents:
            ours = [file for file in files if file[1].removesuffix(GZIP) == name]
            try:
                replaced = [self._put(made, *file) for file in ours]
            except OSError as error:
                return error
            if any(replaced):
                tally = self._report.tally(name, archive=made.archive)
                tally.written += 1
                self._sent[made.paths[name]] = tally
                self._report.replaced.append(made.paths[name])
        return None

    def _put(self, made: RenderedFeed, path: str, name: str) -> bool:
        """Make a file as it shall be, unless it is by all that is recorded; say if it was replaced.

        It is the document of a format, or with a `name` that ends so, its compressed copy.
        """
        document = made.documents[name.removesuffix(GZIP)]
        content = content_hash(document)
        recorded, stat = self._outputs.get(path), self._target.stat(path)
        if recorded is None and self._run.options.takedowns_only:
            return False
        untouched = recorded is not None and recorded.stat == stat
        is_own = self._run.options.dry_run or self._epoch in (None, (stat or _NEVER)[1])
        if recorded and untouched and recorded.content == content and is_own:
            return False
        data = compressed(document) if name.endswith(GZIP) else document
        # Where what was written last still is, it is another document by its hash.
        there = self._target.read(path) if stat and not untouched else None
        was_ours = recorded is not None and recorded.stat != _NEVER
        # A compressed copy is whose the document beside it is.
        is_copy = name.endswith(GZIP) and path.removesuffix(GZIP) not in self._report.unwritten
        is_left = was_ours and (is_copy or _is_damaged(there, data, name))
        is_former = path.removesuffix(GZIP) not in made.paths.values()
        is_feed = name.removesuffix(GZIP) in FORMATS and not (is_former or made.archive)
        is_given = is_feed and self._run.settings.replaces
        if not (there in (None, data) or is_left or is_given or is_ours(there)):
            advice = "set output.replace: true" if is_feed else "choose another out/"
            self._leave(made, path, name, "name it in feeds.forget" if is_former else advice)
            return False
        if there != data:
            self._run.edges.lead.check()
            stat = None if self._run.options.dry_run else self._target.replace(path, data, name)
        if stat is not None:
            # Of a lost state nobody knows what went out of what differs.
            was_unseen = self._epoch is not None and self._may_be_lost
            differs = recorded is None and (was_unseen or there not in (None, data))
            may_lack = made.number in self.owing or differs
            if may_lack and (recorded is None or recorded.content != content):
                self._purge(path)
            output = Output(path, made.number, name, content, *stat)
            self._outputs[path] = output
            self._run.catalogue.outputs.put(output)
        return there != data

    def _leave(self, made: RenderedFeed, path: str, name: str, advice: str) -> None:
        """Leave a file to whoever put it in the place of ours, and tell what to do."""
        if made.archive and not archive_number(path):  # who took a former address may have it
            self._run.catalogue.outputs.forget(path)
            return
        text = f"not written by feedpub, so not replaced; move it away, or {advice}"
        self._fail(path, "foreign-file", text)
        document = self._report.unwritten[path] = made.documents[name.removesuffix(GZIP)]
        # Recorded as it is not, so that each run looks at it, and it is never served.
        output = Output(path, made.number, name, content_hash(document), *_NEVER)
        self._run.catalogue.outputs.put(output)

    def _purge(self, path: str) -> None:
        """Have caches forget a file that something went out of, with all that is recorded now (X4)."""
        if self._run.edges.is_cached and not path.endswith(GZIP):
            paths = {path, path.removesuffix(PAGE.file)}
            urls = {address(self._run.settings.site, each) for each in paths}
            self._run.catalogue.purges.put(urls, self._run.now)

    def settle(self) -> set[int]:
        """Wait until what was put out is out; return the feeds of which something could not be."""
        errors, failed = self._target.settle(), set[int]()
        if errors:
            self._report.replaced = [path for path in self._report.replaced if path not in errors]
        for path, error in errors.items():
            code = "foreign-file" if error.errno == errno.EEXIST else "feed-not-written"
            self._fail(path, code, f"not as it should be: {error.strerror}")
            if tally := self._sent.get(path):
                tally.written -= 1
            if output := self._outputs.get(path):
                failed.add(output.feed)
                # As another document, of which caches are told when it is out; or as none.
                stat = _NEVER if code == "foreign-file" else output.stat
                self._run.catalogue.outputs.put(Output(path, output.feed, output.format, "", *stat))
        return failed

    def _clear(self, made: RenderedFeed) -> None:
        """Remove files of a feed that are as they were written; they stay recorded."""
        for path in made.files:
            recorded = self._outputs.get(path)
            if recorded and recorded.stat == self._target.stat(path):
                self._run.edges.lead.check()
                self._target.remove(path)
                self._purge(path)

    def remove_stale(self, wanted: Set[str]) -> None:
        """Remove the files of ours that none of the `wanted` paths is.

        Where the state was lost but not out/, these are the files in folders of feeds that say
        that they are ours: nobody would ever take out of them what is withdrawn later.
        """
        if self._may_be_lost:
            for path in self._possible() - wanted - self._outputs.keys():
                if is_ours(self._target.read(path)):  # recorded until it is removed, in any run
                    self._outputs[path] = Output(path, 0, "", "", *_NEVER)
                    self._run.catalogue.outputs.put(self._outputs[path])
        for path in sorted(self._outputs.keys() - wanted):
            try:
                self._remove(path)
            except OSError as error:
                self._fail(path, "feed-not-written", f"cannot be removed: {error.strerror}")

    def _possible(self) -> set[str]:
        """Return where files of ours may be: in the folders of feeds and archives that there are."""
        names = {*(f.file for f in DOCUMENTS.values()), *self._run.settings.layout.files.values()}
        paths = {folder + name for folder in self._folders() for name in names}
        paths |= {p for each in self._run.settings.layout.addresses.values() for p in each.values()}
        paths |= {each.file for ours in (LISTINGS, ASSETS, REDIRECTS) for each in ours.values()}
        return paths | {path + GZIP for path in paths}

    def _folders(self) -> Iterator[str]:
        folders = self._target.folders
        tops = {**self._run.settings.layout.folders}
        everything = f"{tops.pop(ALL, '')}/".removeprefix("/")
        kinds = {*FOLDERS.values(), *tops.values()} - {""}
        for home in {"", everything, *(f"{k}/{name}/" for k in kinds for name in folders(k))}:
            yield home
            for name in folders(f"{home}archive"):
                yield f"{home}archive/{name}/"
            days = folders(home[:-1]) if home else []
            yield from (f"{home}{name}/" for name in days if name[:2].isdigit())  # of digests

    def _remove(self, path: str) -> None:
        """Remove a file of ours, but not what somebody else has put in its place."""
        recorded, stat = self._outputs.get(path), self._target.stat(path)
        if recorded and stat and stat != recorded.stat and not is_ours(self._target.read(path)):
            text = "not written by feedpub, so not removed, though a feed that is gone was here"
            self._report.problems.append(problem(path, "foreign-file", text))
        else:
            self._report.replaced.append(path)
            self._purge(path)  # what goes out of it later, nobody would know
            if not self._run.options.dry_run:
                self._run.edges.lead.check()
                self._target.remove(path)
        self._run.catalogue.outputs.forget(path)


def _is_damaged(there: bytes | None, data: bytes, name: str) -> bool:
    """Say whether a file is what an accident leaves of ours, and nothing that somebody wants there.

    It is the beginning of ours, or blank, or no markup at all where a feed was.
    """
    start = (there or b"").strip(b"\0\xef\xbb\xbf \t\r\n")[:1]
    return not start or data.startswith(there or b"") or (name in FORMATS and start not in b"<{[")
