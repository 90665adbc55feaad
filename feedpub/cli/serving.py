"""The commands about the running service: begin it, and ask it for a rescan."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from feedpub import config as configs
from feedpub import wiring
from feedpub.cli import console, views
from feedpub.config import Config
from feedpub.core.errors import ConfigError, FeedpubError, PublishError, Refused
from feedpub.publish import Report
from feedpub.publish.report import from_dict

_EXTRA = ("httptools", "prometheus_client", "uvloop", "watchfiles")
"""What only the service needs (the extra `serve`)."""


def serve(
    explicit: Path | None, verbosity: int, host: str | None, port: int | None, form: str
) -> int:
    """Run the service until a signal ends it."""
    if missing := [name for name in _EXTRA if find_spec(name) is None]:
        advice = "run: pip install 'feedpub[serve]'"
        raise ConfigError([f"feedpub serve needs {' and '.join(missing)}; {advice}"])
    from feedpub.service.lifecycle import serve as run
    from feedpub.service.log import open_log

    level = {-1: logging.ERROR, 0: logging.INFO}.get(verbosity, logging.DEBUG)
    open_log(form, level)
    path = configs.find(explicit, Path.cwd())
    return run(partial(_load, path, host, port), "feedpub " + shlex.join(sys.argv[1:]), form)


def _load(path: Path, host: str | None, port: int | None) -> Config:
    """Read the config for the service, which must not stay down because the content is away.

    Where there is a state, something was published and can be served until the folder is back.
    Where there is none, its name is more likely a slip, and a mistake as for any other command.
    """
    try:
        return configs.load(path, host=host, port=port)
    except ConfigError:
        with suppress(ConfigError):
            config = configs.load(path, host=host, port=port, content_may_be_away=True)
            if wiring.catalogue_path(config).exists():
                return config
        raise


def refresh(explicit: Path | None, verbosity: int, flags: Mapping[str, bool], report: str) -> int:
    """Ask the running service for a rescan and print what it did; return the exit code."""
    config = configs.load(configs.find(explicit, Path.cwd()))
    done = asked(config, "refresh", **flags)
    if done is None:
        begin = f"{console.program()} serve"
        raise PublishError(f"no service runs with the state {config.state.root}; begin it: {begin}")
    views.print_outcome(done, config, verbosity, report)
    return views.exit_code(done, strict=False)


def asked(config: Config, cause: str, **flags: bool) -> Report | None:
    """Ask the service of this site for a rescan; return its report, or None without a service.

    Raises what the rescan failed with there.
    """
    from feedpub.service.control import ask

    request = {"cause": cause, "roots": wiring.roots(config), **flags}
    answer = ask(config.state.root, request)
    if answer is None:
        return None
    if "error" in answer:
        raise _error(answer)
    return from_dict(answer["report"])


def _error(answer: Mapping[str, Any]) -> FeedpubError:
    kind = Refused if answer.get("exit_code") == Refused.exit_code else PublishError
    return kind(str(answer["error"]))
