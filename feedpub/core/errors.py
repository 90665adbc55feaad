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
