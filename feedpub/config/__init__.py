"""The config: one YAML file in, one frozen `Config` out, or every mistake at once with its place.

    source (YAML, lines) -> readers (each key, as in schema) + clashes (across keys) -> mistakes

Adding a key is a line in its group in `schema`, adding a group is one class and one line there.
No library does this, because one that tells all mistakes takes longer to import than a whole run.
"""

from __future__ import annotations

import os
from pathlib import Path

from feedpub.config.clashes import mistakes_across
from feedpub.config.mistakes import report
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
    for path in [explicit] if explicit else [cwd / name for name in NAMES]:
        if explicit or path.exists():
            return path
    raise ConfigError(
        [
            f"no config: neither {' nor '.join(NAMES)} is in {cwd}; name one with --config FILE,"
            " or run `feedpub init DIR` for a working site to start from"
        ]
    )


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
    data, lines, mistakes = read(path)
    folders = {("content", "root"): content, ("output", "root"): out, ("state", "root"): state}
    answers = {("server", "host"): host, ("server", "port"): port}
    options: dict[tuple[str, str], object] = {
        **{key: Path(os.path.abspath(p)) for key, p in folders.items() if p},  # noqa: PTH100 - Path.absolute keeps `..`
        **{key: Plain(value) for key, value in answers.items() if value is not None},
    }
    for (group, key), value in options.items():
        written = data.get(group) or {}
        if isinstance(written, dict):
            data[group] = {**written, key: value}
    base = Path(os.path.abspath(path)).parent  # noqa: PTH100 - Path.absolute keeps `..`
    mistakes += mistakes_across(data, base, content_may_be_away)
    try:
        config: Config = _CONFIG(data, base)
    except PartsError as wrong:
        mistakes += wrong.mistakes
    if mistakes:
        raise ConfigError(report(path, mistakes, lines, options))
    return config
