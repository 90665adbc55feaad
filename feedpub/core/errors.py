"""The errors that feedpub raises on purpose, by what the person who meets them can do.

FeedpubError
├── ConfigError       the config, or a root it names, is unusable       exit 2
├── Refused           nothing was changed, a person must decide         exit 3
└── PublishError      the disk, the state or a feed failed              exit 1
"""

from __future__ import annotations


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


class PublishError(FeedpubError):
    """The work failed for a reason outside the content: disk, permissions, a damaged state file."""
