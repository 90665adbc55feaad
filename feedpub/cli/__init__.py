"""The command line: arguments, the instant of a run, exit codes. Commands import what they need."""

from __future__ import annotations

import gc
import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click

from feedpub import __version__, commit

PATH = click.Path(path_type=Path, readable=False)  # whoever reads it says why it cannot
_FORM: Any = {"type": click.Choice(["text", "json"]), "default": "text", "show_default": True}
_FLAG = partial(click.option, is_flag=True)
FILES = _FLAG("--files", help="List the files that are not out, each with the reason (as -v).")
_REMOVALS = _FLAG("--accept-removals", help="Believe that many items are really gone.")
_IDS = _FLAG(
    "--accept-id-change",
    help="Give items other ids than the feeds in out/ have: readers show them as new.",
)
_CLOCK = _FLAG(
    "--accept-clock",
    help="Take the present as the new base, although the last build was later, or had more out.",
)
_UPDATES = _FLAG(
    "--announce-updates",
    help="Mark as updated what was updated with many others, and is held for that.",
)


def _decides(command: Callable[[], None]) -> Callable[[], None]:
    """Give a command the options by which a person decides what else is refused or held."""
    return _REMOVALS(_IDS(_CLOCK(_UPDATES(command))))


class Context(NamedTuple):
    """All arguments as they were given, and the options that every command has."""

    arguments: Sequence[str]
    config: Path | None = None
    verbose: int = 0
    quiet: bool = False
    workers: str = ""
    report: str = "text"

    @property
    def verbosity(self) -> int:
        """How much to say: -1, nothing but errors, to 2."""
        return -1 if self.quiet else self.verbose

    @property
    def is_json(self) -> bool:
        """Whether to print one JSON object."""
        return self.report == "json"

    @property
    def who(self) -> str:
        """What others are told that holds the lock."""
        return f"feedpub {shlex.join(self.arguments)}"


def now() -> int:
    """Return the one instant of this run: SOURCE_DATE_EPOCH if set (D9), else the clock."""
    from feedpub.core.problems import ConfigError  # not for --help

    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return int(time.time())
    if not re.fullmatch("[0-9]{1,12}", given) or int(given) > 253_402_300_799:
        advice = "a whole number of seconds since 1970-01-01T00:00:00Z, before the year 10000"
        raise ConfigError([f"the environment variable SOURCE_DATE_EPOCH must be {advice}"])
    return int(given)


def _note(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Note an option that every command has; the last one given counts."""
    if value and option.name:
        context.obj = context.obj._replace(**{option.name: value})


_noted = partial(click.option, expose_value=False, callback=_note)
REPORT = _noted("--report", help="For a person, or one JSON object on stdout.", **_FORM)
_option = partial(click.Option, expose_value=False, callback=_note)
_COMMON = (
    _option(
        ["--config"],
        type=PATH,
        metavar="FILE",
        help="Default: feedpub.yaml or config/feedpub.yaml here, or in a folder above.",
    ),
    _option(
        ["-v", "--verbose"], count=True, help="Say more; after an unexpected failure, show where."
    ),
    _option(["-q", "--quiet"], is_flag=True, help="Only errors."),
)
"""They work before and after the command."""


def _tell_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Say what runs: version, commit and Python."""
    if wanted and not context.resilient_parsing:
        python = ".".join(map(str, sys.version_info[:3]))
        click.echo(f"feedpub, version {__version__} (commit {commit()}, Python {python})")
        context.exit()


class _Command(click.Command):
    """A command that the function of its name in `commands` runs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _COMMON

    def invoke(self, ctx: click.Context) -> int:
        """Run it and return its exit code."""
        commands = import_module("feedpub.cli.commands")  # not for --help
        code: int = getattr(commands, str(self.name))(ctx.obj, **ctx.params)
        return code


class _InOrder(click.Group):
    """Commands in the order of their definition, which is the order of their first use."""

    command_class = _Command

    def list_commands(self, _: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self.commands)


@click.group(
    cls=_InOrder,
    params=[*_COMMON],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_version,
    help="Show version, commit and Python, and exit.",
)
def cli() -> None:
    """Publish a folder of Markdown as RSS, Atom and JSON feeds, one per topic.

    \b
    Exit codes: 0 done; 1 failed; 2 usage or config; 3 refused, a person must decide;
    4 --strict or check, and there are warnings or errors; compare: they differ; 130 interrupted.
    """


@cli.command()
@_FLAG("--full", help="Read every file again; ends in the same bytes.")
@_FLAG(
    "--dry-run",
    help="Say what subscribers would see and what would be replaced; write nothing.",
)
@_FLAG("--strict", help="Exit with 4 if there are warnings or errors.")
@REPORT
@FILES
@_FLAG("--profile", help="Say on stderr how long each stage took.")
@click.option("--content", type=PATH, metavar="DIR", help="Instead of content.root.")
@click.option("--out", type=PATH, metavar="DIR", help="Instead of output.root.")
@click.option("--state", type=PATH, metavar="DIR", help="Instead of state.root.")
@_noted("--workers", metavar="ADDRESS", help="Of a Dask scheduler.")
@_decides
def build() -> None:
    """Rescan the content and bring the feeds in line with it."""


@cli.command()
@_FLAG("--drafts", help="With drafts and what is scheduled, marked as such.")
@click.option("--port", type=click.IntRange(1024, 65535), help="Default: any that is free.")
@_FLAG("--no-open", help="Open no browser.")
def preview() -> None:
    """Show what a build would make in the browser of this machine; write nothing.

    Files that change are seen at once, the config when it is begun again. TERM or INT ends it.
    """


@cli.command()
@click.option("--host", metavar="HOST", help="Instead of server.host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Instead of server.port; 0: any free.")
@click.option("--log", help="For a person, or one JSON object a line.", **_FORM)
def serve() -> None:
    """Rescan on schedule and when files change, and answer readers over HTTP.

    \b
    Signals: TERM or INT ends it, HUP reads the config again, USR1 rescans now.
    """


@cli.command()
@_decides
@REPORT
def refresh() -> None:
    """Tell the running service to rescan now, and print what that did."""


@cli.command()
def push() -> None:
    """Tell the hubs of push.hubs what changed, once readers get what was built.

    A service does it by itself. Where only the text ledger is kept, keep it after this again.
    """


@cli.command()
@click.argument("files", type=PATH, nargs=-1, required=True)
@_FLAG("--dry-run", help="Only say what would be taken over.")
@_IDS
@REPORT
def adopt() -> None:
    """Take over ids, dates and windows from FILES: RSS, Atom or JSON feeds that the site had.

    So no reader sees an old item as new. The next build publishes it.
    """


@cli.command()
@click.argument("paths", type=PATH, nargs=-1)
@REPORT
@FILES
def check() -> None:
    """Name every problem of the config and the content; write nothing.

    With PATHS, files or folders of the content, only theirs. Files that would not be out are listed.
    """


@cli.command()
@click.argument("file", type=PATH)
def explain() -> None:
    """Show how one file is understood, and which feeds it is in, or why not."""


@cli.command()
@REPORT
def topics() -> None:
    """List the topics: label, slug, items, newest item, addresses."""


@cli.command()
@click.argument("old", type=PATH, metavar="OLD")
@click.argument("new", type=PATH, metavar="[NEW]", required=False)
@REPORT
def compare() -> None:
    """Show what readers would see differently if NEW took the place of OLD.

    Each is a folder of feeds, or a feed. Without NEW, it is what a build would make.
    """


@cli.command()
@click.option(
    "--from", "site", type=PATH, metavar="SITE", help="The folder of a site that there is."
)
@click.argument("directory", type=PATH, metavar="[DIR]", required=False)
def init() -> None:
    """Write a small working site to start from, or a config for the site that you have.

    DIR, by default this folder, is made as needed. Where it holds anything, only a config for that
    is written. --from reads the own config of a site (of Jekyll, Hugo, Zola and others; nothing of it
    is run), and says in the config where each value is from. DIR is by default beside the site then;
    in the site, feeds go where it is built. Feeds that are there are taken over, as by adopt.
    """


@cli.group(cls=_InOrder, params=[*_COMMON])
def state() -> None:
    """Copy the state to another database, make a backup of it, or restore one."""


@state.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def copy() -> None:
    """Copy the state FROM one place TO another, in which is none yet.

    Each is a state folder or file, or the address of a PostgreSQL database. Stop what works with it
    before: what comes later is not copied.
    """


@state.command()
@click.argument("file", type=PATH)
def backup() -> None:
    """Write the state of the site to a new FILE, also while a service runs."""


@state.command()
@click.argument("file", type=PATH)
@_FLAG("--replace", help="Do it where there is a state; that of a database is lost.")
def restore() -> None:
    """Put the backup in FILE in the place of the state; a file that is there is kept aside."""


@cli.command()
def schema() -> None:
    """Print a JSON Schema of the config, by which editors complete and check it.

    \b
    Save it beside the config, and let that begin with the line
    # yaml-language-server: $schema=feedpub.schema.json
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, that of the process or `arguments`, and exit with its code.

    This is the only place that catches everything.
    """
    _use_utf8()
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding cannot show must not end the run.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    given = sys.argv[1:] if arguments is None else [*arguments]
    try:
        code = int(cli.main(given, standalone_mode=False, obj=Context(given)) or 0)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a bug must not print content
        code = _failure(error, given)
    gc.freeze()  # else Python, as it ends, looks for cycles in all that was imported: 15 ms
    sys.exit(code)


def _use_utf8() -> None:
    """Where the locale has names of files in another encoding, begin again with UTF-8 (D9, T2)."""
    if sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves


def _failure(error: Exception | KeyboardInterrupt, arguments: Sequence[str]) -> int:
    """Say on stderr what ended the run, and return its exit code."""
    from feedpub.core.problems import ConfigError, FeedpubError

    code = getattr(error, "exit_code", 1)
    match error:
        case click.exceptions.Abort() | KeyboardInterrupt():
            code, text = 130, "feedpub: interrupted; the next build goes on from here"
        case click.ClickException():
            error.show()
            return error.exit_code
        case ConfigError():
            text = "\n".join(error.errors)
        case FeedpubError():
            text = f"feedpub: {error}"
        case OSError():
            where = f": {error.filename}" if error.filename else ""
            text = f"feedpub: {error.strerror or type(error).__name__}{where}"
        case _:
            text = _bug(error, arguments)
    click.echo(text, err=True)
    return code


def _bug(error: Exception, arguments: Sequence[str]) -> str:
    """Return where a bug is, never its message, and with -v the way to it (S2)."""
    import traceback

    from feedpub.core.problems import bug

    if any(re.match("-[a-z]*v|--verbose$", argument) for argument in arguments):
        frames = traceback.extract_tb(error.__traceback__)
        way = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    else:
        way = ["feedpub: run again with -v to see where it happened"]
    return "\n".join([f"feedpub: {bug(error)}", *way])
