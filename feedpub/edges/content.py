"""The content root of a site: what is walked and read there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from feedpub.edges.globs import compile_globs
from feedpub.edges.walking import Walk, is_entered

if TYPE_CHECKING:
    from feedpub.edges.files import Files


class Content(NamedTuple):
    """A content root: its globs, and the bytes that a file may have."""

    root: Path
    include: Sequence[str]
    exclude: Sequence[str]
    limit: int

    def walk(self, only: Collection[str] | None = None) -> Walk:
        """Walk the root, or just what is at or below the paths `only`."""
        return Walk(self.root, _globs(tuple(self.include), tuple(self.exclude)), only)

    def concerns(self, path: str) -> bool:
        """Say whether what happens at `path` can matter: no glob hides it or a folder above."""
        globs = _globs(tuple(self.include), tuple(self.exclude))
        return is_entered(path, globs) and not globs.hide(path)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; see `Files.read`."""
        with self.reading() as read:
            return read(path)

    def reading(self) -> Files:
        """Return a context whose value reads files as `read` does, faster if there are several."""
        from feedpub.edges.files import Files  # where nothing changed, nothing is read

        return Files(self.root, self.limit)


_globs = cache(compile_globs)
