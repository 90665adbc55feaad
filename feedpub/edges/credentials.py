"""Secrets come from the environment or its files, and are masked in what others print."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from feedpub.core.problems import ConfigError

_NAMES = re.compile("(?i)pass|pwd|secret|token|key|credential|authorization")
"""What the name of a variable that holds a secret has in it."""

_IN_TEXT = re.compile(r"(?i)(//)[^/\s@]+(?=@)|(bearer\s+)[^\s\"']+|(authorization:\s*).+")


def secret(name: str) -> str:
    """Return the secret in the file that NAME_FILE names in the environment, else in NAME, or ''.

    Raises `ConfigError`, which never quotes it, where it cannot be had, or is no single line.
    """
    given = os.environ.get(name, "")
    if file := os.environ.get(f"{name}_FILE"):
        try:
            given = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise ConfigError([f"the file of {name}_FILE cannot be read: {why}"]) from None
    if not given.isprintable():
        raise ConfigError([f"{name} must be the secret alone, in one line"])
    return given


def masked(text: str) -> str:
    """Return a text of others without the secrets of the environment, and user names in URLs."""
    found = set[str]()
    for name in filter(_NAMES.search, os.environ):
        found.add(os.environ[name])
        with suppress(ConfigError):
            found.add(secret(name.removesuffix("_FILE")))
    for value in sorted(found, key=len, reverse=True):
        text = text.replace(value, "***") if len(value) > 3 else text  # a `yes` is none
    return _IN_TEXT.sub(r"\1\2\3***", text)
