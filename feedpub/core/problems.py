"""Every problem that feedpub can report: its stable code, how much it matters, what it means.

The README's table of problems is this table; a test holds them equal.
"""

from __future__ import annotations

from typing import NamedTuple

from feedpub.core.model import Problem, Severity

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


class Kind(NamedTuple):
    """What one code stands for."""

    severity: Severity
    meaning: str


KINDS: dict[str, Kind] = {
    # files
    "file-unreadable": Kind(ERROR, "the file cannot be read"),
    "folder-unreadable": Kind(ERROR, "the folder cannot be read; what was known of it stays"),
    "link-outside": Kind(WARNING, "a symbolic link leads out of the content; it is not followed"),
    "file-too-large": Kind(ERROR, "the file is larger than an item may be"),
    "not-utf8": Kind(ERROR, "the file is not UTF-8 text"),
    # front matter
    "front-matter-unclosed": Kind(ERROR, "the front matter is never closed"),
    "front-matter-invalid": Kind(ERROR, "the front matter is not valid YAML, TOML or JSON"),
    "front-matter-not-a-map": Kind(ERROR, "the front matter is not a map of keys and values"),
    "front-matter-too-large": Kind(ERROR, "the front matter is larger than 1 MiB"),
    "front-matter-too-deep": Kind(ERROR, "the front matter is nested deeper than 64 levels"),
    "front-matter-alias": Kind(ERROR, "the front matter uses YAML anchors, aliases or tags"),
    "body-too-large": Kind(ERROR, "the body is larger than 4 MiB"),
    "key-duplicate": Kind(WARNING, "a key is given twice; the last one wins"),
    "key-unknown": Kind(INFO, "a key that feedpub does not know; it is ignored"),
    # fields
    "link-missing": Kind(ERROR, "the item has no web address, and no link_template makes one"),
    "date-impossible": Kind(ERROR, "a date that does not exist or cannot be read"),
    "date-missing": Kind(WARNING, "no date; the instant it was first seen is used"),
    "date-no-offset": Kind(INFO, "a date without UTC offset; content.timezone is used"),
    "title-missing": Kind(WARNING, "no title; the excerpt, body or address stands in"),
    "title-too-long": Kind(WARNING, "the title is cut at 1,000 characters"),
    "field-invalid": Kind(WARNING, "a field has a value of the wrong kind; it is ignored"),
    "topics-too-many": Kind(WARNING, "more than 50 topics; the rest is ignored"),
    "related-too-many": Kind(WARNING, "more than 200 related links; the rest is ignored"),
    "related-self": Kind(INFO, "a related link to the item itself is dropped"),
    "related-duplicate": Kind(INFO, "a related link given twice is dropped"),
    "related-no-url": Kind(INFO, "a related link without a web address is dropped"),
    "related-withheld": Kind(INFO, "a related link to an item that is not out is dropped"),
    "image-invalid": Kind(INFO, "a picture without a web address is dropped"),
    "enclosure-incomplete": Kind(INFO, "an enclosure without url, type and length is dropped"),
    "template-code": Kind(WARNING, "the body holds template code; the excerpt is used instead"),
    "body-too-complex": Kind(WARNING, "the body is too long or intricate; the excerpt is used"),
    # stories and feeds
    "story-duplicate": Kind(WARNING, "several files hold one story; one of them is published"),
    "slug-collision": Kind(WARNING, "two names want one address; the later one gets a suffix"),
    "last-good-kept": Kind(ERROR, "the file is broken now; its last good state stays out"),
    "files-missing": Kind(ERROR, "many known files are gone at once; they stay out"),
    "feed-rejected": Kind(ERROR, "a rendered feed failed its check; the last good one stays"),
    "feed-not-written": Kind(ERROR, "a feed could not be written; the last good one stays"),
    "ledger-not-written": Kind(ERROR, "the text ledger could not be written; the feeds are out"),
    "template-failed": Kind(ERROR, "a template of output.templates failed; pages have our layout"),
    "foreign-file": Kind(
        ERROR, "a file that feedpub did not write is in the way; it is not touched"
    ),
}


def problem(path: str, code: str, message: str, line: int | None = None) -> Problem:
    """Return a `Problem` of a known `code`; `message` must not quote file content (S2)."""
    return Problem(path, line, code, KINDS[code].severity, message)
