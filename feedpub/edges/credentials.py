"""Secrets: where they come from, and what may be told of a text that may hold one.

They are in no config: an environment variable holds one, or names the file that does.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from feedpub.core.problems import ConfigError

_NAMES = re.compile("(?i)pass|pwd|secret|token|key|credential|authorization")
"""What the name of a variable that holds a secret has in it."""

_IN_TEXT = re.compile(r"(?i)(//)[^/\s@]+(?=@)|(bearer\s+)[^\s\"']+|(authorization:\s*).+")
_SHORTEST = 4
"""Characters of the shortest secret: words like `yes` would be masked everywhere."""


def secret(name: str) -> str:
    """Return the secret that the environment has as NAME, or in the file that NAME_FILE names.

    Without either it is ''. Raises `ConfigError`, which never quotes it, where it cannot be had, or
    is no single line of text.
    """
    given, file = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    told = f"the environment variable {name}"
    if given and file:
        raise ConfigError([f"{told} stands beside {name}_FILE; keep one of them"])
    if file:
        told = f"the file that the environment variable {name}_FILE names"
        try:
            given = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise ConfigError([f"{told} cannot be read: {why}"]) from None
    if (file and not given) or not given.isprintable():
        raise ConfigError([f"{told} must hold the secret alone, in one line"])
    return given


def masked(text: str) -> str:
    """Return a text of others without the secrets of the environment, and user names in URLs."""
    variables = os.environ.items()
    names = [name.removesuffix("_FILE") for name, _ in variables if name.endswith("_FILE")]
    found = [value for name, value in variables if _NAMES.search(name)]
    for name in filter(_NAMES.search, names):
        try:
            found.append(secret(name))
        except ConfigError:
            continue
    for value in sorted(filter(lambda v: len(v) >= _SHORTEST, found), key=len, reverse=True):
        text = text.replace(value, "***")
    return _IN_TEXT.sub(r"\1\2\3***", text)
