"""What can be wrong: the problems of files, by their codes, and the errors that end a run.

The README's table of problems is `CODES`; a test holds them equal. The errors that feedpub raises
on purpose differ by what the person who meets them can do:

FeedpubError
├── ConfigError       the config, or a root it names, is unusable       exit 2
├── Refused           nothing was changed, a person must decide         exit 3
└── PublishError      the disk, the state or a feed failed              exit 1
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """How much a problem matters; ordered, so that the worst can be shown first."""

    INFO = 0
    WARNING = 1
    ERROR = 2

    @property
    def label(self) -> str:
        """The lower-case word of reports."""
        return self.name.lower()


class Problem(NamedTuple):
    """A diagnostic about one file.

    `line` is 1-based or None where none is known; `code` is stable and documented; `message` says
    what is wrong and what to do, and never quotes file content (S2).
    """

    path: str
    line: int | None
    code: str
    severity: Severity
    message: str


INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


class Code(NamedTuple):
    """What a code of problems stands for."""

    severity: Severity
    meaning: str


CODES: dict[str, Code] = {
    # files
    "file-unreadable": Code(ERROR, "the file cannot be read"),
    "folder-unreadable": Code(ERROR, "the folder cannot be read; what was known of it stays"),
    "link-outside": Code(WARNING, "a symbolic link leads out of the content; it is not followed"),
    "file-too-large": Code(ERROR, "the file is larger than an item may be"),
    "not-utf8": Code(ERROR, "the file is not UTF-8 text"),
    # front matter
    "front-matter-unclosed": Code(ERROR, "the front matter is never closed"),
    "front-matter-invalid": Code(ERROR, "the front matter is not valid YAML, TOML or JSON"),
    "front-matter-not-a-map": Code(ERROR, "the front matter is not a map of keys and values"),
    "front-matter-too-large": Code(ERROR, "the front matter is larger than 1 MiB"),
    "front-matter-too-deep": Code(ERROR, "the front matter is nested deeper than 64 levels"),
    "front-matter-alias": Code(
        ERROR, "the front matter uses YAML tags, merges, or aliases of lists and maps"
    ),
    "body-too-large": Code(ERROR, "the body is larger than 4 MiB"),
    "key-duplicate": Code(WARNING, "a key is given twice; the last one wins"),
    "key-misspelt": Code(
        WARNING, "a key that feedpub does not know, and is like one that it knows"
    ),
    "key-unknown": Code(INFO, "a key that feedpub does not know; it is ignored"),
    "dialect-key": Code(WARNING, "what withholds in another dialect alone; the item is out"),
    # fields
    "link-missing": Code(ERROR, "the item has no web address, and no link_template makes one"),
    "date-impossible": Code(ERROR, "a date that does not exist or cannot be read"),
    "date-of-name": Code(WARNING, "a date that does not exist; that of the file name is used"),
    "date-missing": Code(WARNING, "no date; the instant it was first seen is used"),
    "date-no-offset": Code(INFO, "a date without UTC offset; content.timezone is used"),
    "title-missing": Code(WARNING, "no title; the excerpt, body or address stands in"),
    "title-too-long": Code(WARNING, "the title is cut at 1,000 characters"),
    "field-invalid": Code(WARNING, "a field has a value of the wrong kind; it is ignored"),
    "topics-too-many": Code(WARNING, "more than 50 topics; the rest is ignored"),
    "related-too-many": Code(WARNING, "more than 200 related links; the rest is ignored"),
    "related-self": Code(INFO, "a related link to the item itself is dropped"),
    "related-duplicate": Code(INFO, "a related link given twice is dropped"),
    "related-no-url": Code(INFO, "a related link without a web address is dropped"),
    "related-withheld": Code(INFO, "a related link to an item that is not out is dropped"),
    "image-invalid": Code(INFO, "a picture without a web address is dropped"),
    "enclosure-incomplete": Code(WARNING, "an attached file lacks its address, type or length"),
    "enclosures-several": Code(INFO, "several attached files; RSS has a place for the first alone"),
    "template-code": Code(WARNING, "template code that is not understood is left out of the body"),
    "link-dead": Code(WARNING, "links to source files lead to no item; they are text"),
    "body-left-out": Code(INFO, "something in the body that no reader shows is left out"),
    "body-too-complex": Code(WARNING, "the body is too long or intricate; the excerpt is used"),
    # stories and feeds
    "story-unsure": Code(INFO, "a file that was renamed may be of several items; it is a new one"),
    "id-late": Code(
        WARNING, "an id that came after its item was out under another; that one stays"
    ),
    "story-duplicate": Code(WARNING, "several files hold one story; one of them is published"),
    "address-shared": Code(WARNING, "several items have one web address; all of them are out"),
    "name-unmatched": Code(WARNING, "a topic, feed, item or file is named that is not there"),
    "site-elsewhere": Code(WARNING, "readers ask for feeds at another host than that of site.url"),
    "slug-collision": Code(WARNING, "two names want one address; the later one gets a suffix"),
    "feed-quiet": Code(WARNING, "a feed had no new item for longer than its `expect`"),
    "last-good-kept": Code(ERROR, "the file is broken now; its last good state stays out"),
    "files-missing": Code(ERROR, "many known files are gone at once; they stay out"),
    "clock-ahead": Code(
        ERROR, "the service's clock was set far ahead; nothing scheduled comes out"
    ),
    "state-lost": Code(ERROR, "the state was removed under the service, and made anew"),
    "updates-held": Code(
        WARNING, "many items are updated at once; their text is out, no reader is told"
    ),
    "feed-rejected": Code(ERROR, "a rendered feed failed its check; the last good one stays"),
    "feed-not-written": Code(ERROR, "a feed could not be written; the last good one stays"),
    "bucket-unsafe": Code(WARNING, "the store of output.root cannot keep two writers apart"),
    "ledger-not-written": Code(ERROR, "the text ledger could not be written; the feeds are out"),
    "purge-failed": Code(WARNING, "caches were not told what to forget; they will be, again"),
    "template-failed": Code(ERROR, "a template of output.templates failed; pages have our layout"),
    "foreign-file": Code(
        ERROR, "a file that feedpub did not write is in the way; it is not touched"
    ),
}


_ALIKE = {"dialect-key": "files", "feed-not-written": "places"}


def worst_first(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of reports: the worst first, then by their place.

    What many files say alike for want of a dialect, or feeds as nothing can be written, is one
    problem, with their number, and comes before what concerns one.
    """
    by_place = sorted(problems, key=lambda p: (p.path, p.line or 0, p.code))
    found = sorted(by_place, key=lambda p: (-p.severity, p.code not in _ALIKE))
    alike = Counter(one.message for one in found if one.code in _ALIKE)
    firsts = {one.message: one for one in reversed(found)}
    return [
        one._replace(message=f"{one.message} ({alike[one.message]:,} {_ALIKE[one.code]})")
        if alike[one.message] > 1
        else one
        for one in found
        if one.message not in alike or firsts[one.message] is one
    ]


def problem(path: str, code: str, message: str, line: int | None = None) -> Problem:
    """Return a `Problem` of a known `code`; `message` must not quote file content (S2)."""
    return Problem(path, line, code, CODES[code].severity, message)


class FeedpubError(Exception):
    """An expected failure with a message for the operator; never a bug.

    `exit_code` is what the command line returns for it.
    """

    exit_code = 1


def bug(error: Exception) -> str:
    """Return what an unexpected error is and where it happened.

    Never its message, which might quote content (S2).
    """
    import traceback  # only a bug pays for it

    frames = traceback.extract_tb(error.__traceback__)
    file, line = (frames[-1].filename, frames[-1].lineno) if frames else ("unknown place", None)
    place = f"{file.rpartition('/')[2]}:{line}" if line else file
    return f"unexpected {type(error).__name__} at {place}; this is a bug"


class ConfigError(FeedpubError):
    """The config is unusable. `errors` holds one line of text for each mistake found."""

    exit_code = 2

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


class Refused(FeedpubError):  # noqa: N818 - it is an outcome, and reads as one
    """The work was refused and nothing was changed: another build, mass loss, changed ids."""

    exit_code = 3


class WrongClock(Refused):
    """The clock cannot be right (D10)."""


class LeadLostError(Refused):
    """Another of several hosts leads, or none can be known to: nothing was changed from then on."""


class PublishError(FeedpubError):
    """The work failed for a reason outside the content: disk, permissions, a damaged state file."""


class FileTooLargeError(Exception):
    """The file is larger than an item may be; it was not read whole."""
