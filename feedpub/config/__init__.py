"""The config: one YAML file in, one frozen `Config` out, or every mistake at once with its place.

    source (YAML, lines) -> readers (each key, as in schema) + clashes (across keys) -> mistakes

Adding a key is a line in its group in `schema`, adding a group is one class and one line there.
No library does this, because one that tells all mistakes takes longer to import than a whole run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from feedpub.config.clashes import CONTENT, OUTPUT, STATE, missing_content, mistakes_across
from feedpub.config.mistakes import KeyPath, report
from feedpub.config.readers import Group, PartsError
from feedpub.config.schema import Config
from feedpub.config.source import Plain, read
from feedpub.core.problems import ConfigError

__all__ = ["KEYS", "Config", "find", "load"]

_CONFIG = Group(Config)

KEYS = tuple(_CONFIG.paths())
"""Every key by its dotted path; `LABEL` stands for any label of a topic."""

NAMES = ("feedpub.yaml", "config/feedpub.yaml")


def find(explicit: Path | None, cwd: Path) -> Path:
    """Return the config file to use: `explicit`, else the first of `NAMES` that is in `cwd`.

    Raises `ConfigError` when there is none; an explicit file is not looked at here.
    """
    candidates = [explicit] if explicit else [cwd / name for name in NAMES if (cwd / name).exists()]
    if not candidates:
        raise ConfigError(
            [
                f"no config: neither {' nor '.join(NAMES)} is in {cwd}; name one with --config FILE,"
                " or run `feedpub init DIR` for a working site to start from"
            ]
        )
    return candidates[0]


def load(
    path: Path,
    *,
    content: Path | None = None,
    out: Path | None = None,
    state: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    content_may_be_away: bool = False,
) -> Config:
    """Read and check the config at `path`.

    `content`, `out` and `state` take the place of content.root, output.root and state.root; they
    are relative to the working directory, as a command line means them, and paths in the file
    are relative to the file. `host` and `port` take the place of those of server. That there is no
    folder at content.root is a mistake unless `content_may_be_away`.

    Raises `ConfigError` with every mistake found, in the order of their lines:
    `file:line: dotted.path: what is wrong; what to do`.
    """
    source = read(path)
    paths = {CONTENT: content, OUTPUT: out, STATE: state}
    options: dict[KeyPath, object] = {
        ("server", "host"): host,
        ("server", "port"): None if port is None else Plain(port),
    }
    options |= {key: p and Path(os.path.abspath(p)) for key, p in paths.items()}  # noqa: PTH100 - Path.absolute keeps `..`
    given = {key: value for key, value in options.items() if value is not None}
    data = _overridden(source.data, given)
    base = Path(os.path.abspath(path)).parent  # noqa: PTH100 - Path.absolute keeps `..`
    mistakes = [*source.mistakes, *_CONFIG.unknown(data, KEYS), *mistakes_across(data, base)]
    if not content_may_be_away:
        mistakes += missing_content(data, base)
    try:
        config: Config = _CONFIG(data, base)
    except PartsError as wrong:
        mistakes += wrong.mistakes
    if mistakes:
        raise ConfigError(report(path, mistakes, source.lines, given))
    return config


def _overridden(data: dict[str, object], given: Mapping[KeyPath, object]) -> dict[str, object]:
    """Return `data` with what the command line says in place."""
    merged = dict(data)
    for (group, key), value in given.items():
        old = merged.get(str(group)) or {}
        if isinstance(old, dict):
            merged[str(group)] = {**old, key: value}
    return merged
