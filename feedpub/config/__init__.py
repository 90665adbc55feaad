"""The config: one YAML file in, one frozen `Config` out, or every mistake at once with its place.

    source (YAML, lines) -> readers (each key, as in schema), clashes (across keys) -> `Config`

Adding a key is a line in its group in `schema`, adding a group is one class and one line there.
No library does this, because one that tells all mistakes takes longer to import than a whole run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from feedpub.config.clashes import note_clashes
from feedpub.config.readers import Group
from feedpub.config.schema import Config
from feedpub.config.source import read
from feedpub.core.problems import ConfigError

__all__ = ["KEYS", "Config", "find", "load"]

READER = Group(Config)

KEYS = tuple(READER.paths())
"""Every key by its dotted path; `LABEL` stands for any label of a topic."""

OPTIONS = {
    "content": ("content", "root"),
    "out": ("output", "root"),
    "state": ("state", "root"),
    "host": ("server", "host"),
    "port": ("server", "port"),
}
"""The options of the command line that take the place of keys."""

NAMES = ("feedpub.yaml", "feedpub.yml", "config/feedpub.yaml", "config/feedpub.yml")


def find(explicit: Path | None, cwd: Path) -> Path:
    """Return the config file to use: `explicit`, else the first of `NAMES` in `cwd` or above it.

    Raises `ConfigError` when there is none; an explicit file is not looked at here.
    """
    if explicit:
        return explicit
    for folder in (cwd, *cwd.parents):
        for name in NAMES:
            if (folder / name).exists():
                return folder / name
    text = f"no config: neither {NAMES[0]} nor {NAMES[2]} is in {cwd} or a folder above"
    other = "run `feedpub init DIR` for a working site to start from"
    raise ConfigError([f"{text}; name one with --config FILE, or {other}"])


def load(
    path: Path,
    options: Mapping[str, Path | str | int | None] = {},
    *,
    content_may_be_away: bool = False,
) -> Config:
    """Read and check the config at `path`.

    `options` are those of the command line that take the place of keys, see `OPTIONS`; paths in
    them are relative to the working directory, and paths in the file are relative to the file. That
    there is no folder at content.root is a mistake unless `content_may_be_away`.

    Raises `ConfigError` with every mistake found, in the order of their lines:
    `file:line: dotted.path: what is wrong; what to do`.
    """
    root = read(path, KEYS)
    for name, value in options.items():
        if value is not None:
            root.put(OPTIONS[name], f"--{name}", value)
    note_clashes(root, content_may_be_away=content_may_be_away)
    config: Config = READER(root)
    root.source.check()
    return config
