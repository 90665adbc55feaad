"""What folders of Hugo say of the files in them: leaf bundles, and what `_index.md` cascades."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import accumulate
from typing import NamedTuple

from feedpub.core.fields import Rules, mapping, sequence
from feedpub.core.front_matter import read_document
from feedpub.core.model import Document, SeenFile, Value
from feedpub.publish.ports import Content, FileTooLargeError
from feedpub.publish.run import Run


class Folders(NamedTuple):
    """The folders that are one page each, and by folder what withholds all files below it (S3)."""

    leaves: frozenset[str] = frozenset()
    cascades: Mapping[str, Mapping[str, Value]] = {}

    def is_part(self, path: str) -> bool:
        """Say whether a file is a part of the page that a folder above it is."""
        folders, name = _above(path), path.rpartition("/")[2]
        return not self.leaves.isdisjoint(folders[:-1] if name.startswith("index.") else folders)

    def cascaded(self, document: Document) -> Document:
        """Return a document with what the folders above it say; what it says itself wins."""
        given = {k: v for f in _above(document.path) for k, v in self.cascades.get(f, {}).items()}
        return document._replace(front={**given, **document.front}) if given else document


def says_more(rules: Rules, gone: Collection[str], changed: Collection[SeenFile]) -> bool:
    """Say whether one of these files may tell what holds for others, which are read again then."""
    paths = (*gone, *(file.path for file in changed)) if rules.dialect == "hugo" else ()
    return any(path.rpartition("/")[2].startswith("_index.") for path in paths)


def read_folders(run: Run, paths: Collection[str]) -> Folders:
    """Return what the folders above these `paths` say of them."""
    rules, content = run.settings.rules, run.edges.content
    if rules.dialect != "hugo":
        return Folders()
    folders = {folder for path in paths for folder in _above(path)}
    ends = ("md", "markdown", "html", *(f"{code.lower()}.md" for code in rules.languages))
    indexes = run.catalogue.files.get(f"{folder}/index.{end}" for folder in folders for end in ends)
    there = [*paths, *(known.seen.path for known in indexes)]
    leaves = {p.rpartition("/")[0] for p in there if p.rpartition("/")[2].startswith("index.")}
    cascades = {folder: _cascade(folder, content, rules) for folder in folders}
    return Folders(frozenset(leaves - {""}), {f: given for f, given in cascades.items() if given})


def _cascade(folder: str, content: Content, rules: Rules) -> dict[str, Value]:
    """Return the keys that withhold of what a folder cascades to all below it."""
    try:
        data = content.read(f"{folder}/_index.md".lstrip("/"))
        found = read_document(f"{folder}/index.md", data, rules)
    except (OSError, FileTooLargeError):
        return {}
    given = sequence(found.front.get("cascade")) if isinstance(found, Document) else []
    whole = [one for one in map(mapping, given) if not one.keys() & {"target", "_target"}]
    wanted = {name.partition(".")[0] for name in rules.flags}
    return {key: value for one in whole for key, value in one.items() if key in wanted}


def _above(path: str) -> list[str]:
    """Return the folders that a file lies in, the outermost first, which is the root."""
    return ["", *accumulate(path.split("/")[:-1], "{}/{}".format)]
