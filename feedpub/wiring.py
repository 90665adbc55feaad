"""Config to connected objects: the only place that knows everybody.

The state is opened by `locked_edges` where a command writes, by `open_edges` where its lock is held already
(by the service), by `unsaved_edges` where it cannot be written, and by `read_only_edges` to look things up.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feedpub.catalogue import Catalogue
from feedpub.config import Config
from feedpub.config.meaning import settings as settings, unmet as unmet
from feedpub.config.values import LOOPBACK
from feedpub.core.problems import ConfigError, PublishError, Refused
from feedpub.edges import sqlite
from feedpub.edges.content import Content, compile_globs
from feedpub.edges.files import Target
from feedpub.edges.lock import Lease, lock
from feedpub.publish import Edges, ports
from feedpub.publish.ports import ALONE, Lead, Pool

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from feedpub.edges.http import Serving

STATE_FILE = "catalogue.sqlite3"
"""Its name in the state folder."""


def content(config: Config) -> Content:
    """Return the content root of a site, where it is now: one run reads one folder."""
    given = config.content
    globs = compile_globs(given.include, given.exclude)
    return Content(_real(given.root), globs, given.include)


def target(config: Config, catalogue: Catalogue, lead: Lead = ALONE) -> ports.Target:
    """Return the output root of a site. Raises `ConfigError` where a bucket cannot be used."""
    root = config.output.root
    if isinstance(root, Path):
        return Target(root)
    need("bucket", "a bucket in output.root", ["obstore"])
    from feedpub.edges.bucket import Bucket  # only sites that have one

    fields = {"Cache-Control": serving(config, "").cache_control}
    if config.output.precompress or config.state.url:
        fields["Content-Encoding"] = "gzip"
    return Bucket(root, catalogue, lead, fields)


def catalogue_path(config: Config) -> Path:
    """Return where the catalogue of a site is, unless it is in a database."""
    return config.state.root / STATE_FILE


def state_place(config: Config) -> str | Path:
    """Return where the state of a site is: the address of a database, or a file."""
    return config.state.url or catalogue_path(config)


def serving(config: Config, log: str) -> Serving:
    """Return how the HTTP process of a site answers; `log` is the form of the service's log."""
    from feedpub.edges.http import Serving  # only the service has one

    given = config.server
    own = {
        "root": str(config.output.root),
        "prefix": urlsplit(config.site.url).path,
        "access_log": log if given.access_log else "",
    }
    return Serving(**given._asdict() | own)


def roots(config: Config) -> dict[str, str]:
    """Return the folders that a run is about, as text: two runs of equal ones do the same job."""
    folders = {"content": config.content.root, "output": config.output.root}
    return {n: out if isinstance(out, str) else str(_real(out)) for n, out in folders.items()}


@contextmanager
def locked_edges(config: Config, who: str, *, dry_run: bool = False) -> Iterator[Edges]:
    """Take the lock for a command that writes, such as `build`, and yield the edges of its run.

    `who` says which command it is. A dry run works on a copy, and needs no lock. Raises `HeldError`
    when another run holds the lock, and whatever `open_edges` raises.
    """
    if dry_run:
        with temporary_copy(config) as other, open_edges(config, catalogue_path(other)) as ready:
            yield ready
    else:
        with site_lock(config, who) as lead, open_edges(config, lead=lead) as ready:
            yield ready


@contextmanager
def temporary_copy(config: Config) -> Iterator[Config]:
    """Yield the config of a site with output and state in a folder of their own, removed at the end.

    So dry runs, `compare` and `preview` try things out. It begins with a copy of what is known, for
    which nothing is locked. Raises `PublishError` when the state cannot be read.
    """
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="feedpub-") as name:
        folder, ledger = Path(name), config.state.ledger
        state = config.state._replace(root=folder, ledger=ledger and folder / "ledger", url="")
        output = config.output._replace(root=folder / "out", purge=())
        copy = config._replace(output=output, state=state)
        _copy_state(config, catalogue_path(copy))
        if ledger and ledger.exists():
            (folder / "ledger").write_bytes(ledger.read_bytes())
        yield copy


def _copy_state(config: Config, copy: Path) -> None:
    """Write what is known to the file `copy`; a damaged file is copied as a build would find it."""
    try:
        with read_state(state_place(config)) as known:
            if known:
                sqlite.write_file(known, copy, whole=True)
    except sqlite.DamagedError:
        copy.write_bytes(catalogue_path(config).read_bytes())


@contextmanager
def site_lock(config: Config, who: str) -> Iterator[Lead]:
    """Hold the lock of a site for a command, and of several hosts the lead: nobody else builds it.

    Raises `Refused`, `PublishError`.
    """
    with lock(config.state.root, who), hosts_lead(config, who) as lease:
        yield lease.lead() if lease else ALONE


@contextmanager
def hosts_lead(
    config: Config, who: str, changed: Callable[[], None] = lambda: None
) -> Iterator[Lease | None]:
    """Yield the lead of a site of several hosts, held or waited for, until it `changed`; else None.

    The lock of the site is held. Raises `PublishError`.
    """
    if not config.state.url:
        yield None
        return
    connect = partial(postgresql().Connection, config.state.url)
    who = f"{config.site.url}: {who}"  # where another site has this database, anybody sees it
    with closing(Lease(connect, config.state.lease, who, changed)) as lease:
        yield lease


@contextmanager
def open_edges(config: Config, copy: Path | None = None, *, lead: Lead = ALONE) -> Iterator[Edges]:
    """Open the catalogue for a run whose lock and `lead` are held, or the `copy` of a dry run.

    Raises `DamagedError` when the catalogue proved damaged and was kept aside, so that the work can
    be done again with a new one, and `PublishError` when the state cannot be used, or a copy is
    damaged.
    """
    if config.state.url and not copy:
        database = postgresql().open_postgresql(config.state.url, lead)
        with database as known, _edges_of_run(config, known, lead) as ready:
            yield ready
        return
    path = copy or catalogue_path(config)
    source = "the text ledger" if config.state.ledger else "the files"
    try:
        with sqlite.open_catalogue(path) as known, _edges_of_run(config, known, lead) as ready:
            yield ready
    except sqlite.DamagedError as error:
        if copy:
            text = f"the state file is damaged: a build would keep it aside and start from {source}"
            raise PublishError(text) from error
        aside = sqlite.set_aside(path)
        text = f"the state file was damaged: kept as {aside}, rebuilt from {source}"
        raise sqlite.DamagedError(text) from error


@contextmanager
def _edges_of_run(config: Config, catalogue: Catalogue, lead: Lead) -> Iterator[Edges]:
    """Yield the edges of a run; the catalogue of one that begins anew has what the ledger says."""
    ledger = config.state.ledger
    if ledger and ledger.exists() and catalogue.is_new():
        from feedpub.catalogue import ledger as ledgers

        ledgers.restore(catalogue, ledgers.load_ledger(ledger.read_bytes(), str(ledger)))
    write = partial(_write_ledger, ledger) if ledger else None
    with _lazy_pool() as pool, _until_end(lead) as own:
        out = target(config, catalogue, own)
        yield Edges(content(config), catalogue, out, write, pool, lead, bool(config.output.purge))


@contextmanager
def _until_end(lead: Lead) -> Iterator[Lead]:
    """Yield a lead that ends with a run: what is left to threads of one that failed, the next does."""
    ended: list[bool] = []
    try:
        yield Lead(lead.epoch, lambda: not ended and lead.stands())
    finally:
        ended.append(True)


@contextmanager
def unsaved_edges(config: Config, lead: Lead = ALONE) -> Iterator[Edges]:
    """Yield the edges of a run that nothing will remember: the service's when the state is unwritable.

    The lock of the site and its `lead` are held. Raises `PublishError` when there is no state that
    can be read.
    """
    with read_state(state_place(config), locked=True) as known:
        if known is None:
            raise PublishError(f"there is no state in {state_place(config)}")
        with closing(sqlite.in_memory(known)) as catalogue, _until_end(lead) as own:
            yield Edges(content(config), catalogue, target(config, catalogue, own), lead=lead)


@contextmanager
def _lazy_pool(
    others: Callable[[], AbstractContextManager[Executor | None]] = nullcontext,
) -> Iterator[Pool]:
    """Yield what begins the pool of a run, or `others`, once a stage is worth it; the next have it, too."""
    begun: list[Executor | None] = []

    def executor(worth: bool) -> Executor | None:
        if worth and not begun:
            from feedpub.edges.pool import MOST, cores, pool  # only large changes have one

            size = min(cores(), MOST) - 1
            begun.append(stack.enter_context(others()) or stack.enter_context(pool(size)))
        return begun[0] if begun else None

    with ExitStack() as stack:
        yield executor


@contextmanager
def with_workers(edges: Edges, address: str, tell: Callable[[str], None]) -> Iterator[Edges]:
    """Yield edges whose large stages the workers at an address share; `tell` the operator of them.

    Raises `ConfigError`.
    """
    found = re.fullmatch(r"(tcp|tls)://([\w.-]+:\d+|\[[\da-f:]+\]:\d+)", address)
    if not found or (found[1] == "tcp" and not LOOPBACK(found[2])):
        why = "without TLS anybody could have other machines run what they like"
        raise ConfigError([f"--workers: write tls://HOST:PORT, or tcp://127.0.0.1:PORT; {why}"])
    need("workers", "--workers", ["distributed"])
    from feedpub.edges.pool import workers  # Dask itself is imported once they are asked

    with _lazy_pool(partial(workers, address, tell)) as pool:
        yield edges._replace(pool=pool)


def _write_ledger(path: Path, catalogue: Catalogue, is_stale: bool) -> None:
    """Write the ledger as one text file, to be committed beside the content, if it is another."""
    if path.exists() and not is_stale:
        return
    from feedpub.catalogue import ledger as ledgers  # rare: something must have changed

    data = ledgers.dump_ledger(ledgers.ledger_of(catalogue))
    if not path.exists() or path.read_bytes() != data:
        target = Target(path.parent)
        target.sweep()
        target.replace(path.name, data)


@contextmanager
def read_only_edges(config: Config, *, afresh: bool = False) -> Iterator[Edges]:
    """Yield the edges of what only looks things up (`check`, `topics`); nothing is locked.

    The catalogue is empty `afresh`, and before the first build. Raises `PublishError`.
    """
    with (
        nullcontext() if afresh else read_state(state_place(config)) as known,
        nullcontext(known) if known else closing(sqlite.in_memory()) as catalogue,
    ):
        yield Edges(content(config), catalogue, target(config, catalogue))


def read_state(
    place: str | Path, *, locked: bool = False
) -> AbstractContextManager[Catalogue | None]:
    """Open a catalogue at a `state_place` only to read it, without edges; None when there is none yet.

    Where the lock is held it is `locked`. Raises `PublishError`, also for whatever is done with it.
    """
    if isinstance(place, Path):
        return sqlite.read_catalogue(place, locked=locked)
    known: AbstractContextManager[Catalogue | None] = postgresql().read_postgresql(place)
    return known


def copy_state(
    source: str | Path, target: str | Path, lead: Lead = ALONE, *, replace: bool = False
) -> str:
    """Copy the state from one `state_place` to another; return where a file that was there is kept.

    Raises `PublishError`, and `Refused` where there is a state already, unless it is to `replace` that.
    """
    with read_state(source) as known:
        if known is None:
            raise PublishError(f"there is no state in {source}")
        if isinstance(target, Path):
            return sqlite.write_file(known, target, replace=replace)
        with postgresql().open_postgresql(target, lead) as new:
            if not (replace or new.is_new()):
                raise Refused("the database has a state already; see `state restore --replace`")
            known.copy_to(new)
    return ""


def postgresql() -> Any:
    """Return what knows PostgreSQL. Raises `ConfigError` where psycopg is not installed."""
    need("postgres", "a state in PostgreSQL", ["psycopg"])
    from feedpub.edges import postgresql  # 0.2 s

    return postgresql


def need(extra: str, what: str, modules: Iterable[str]) -> None:
    """Raise `ConfigError`, with what to install, unless the modules of an `extra` are there."""
    import shlex
    import sys
    from importlib import metadata, util

    if missing := [name for name in modules if util.find_spec(name) is None]:
        rows = (row.partition(";") for row in metadata.requires("feedpub") or ())
        wanted = shlex.join(name.strip() for name, _, when in rows if extra in when)
        advice = f"run: {shlex.quote(sys.executable)} -m pip install {wanted}"
        raise ConfigError([f"{what} needs {' and '.join(missing)}; {advice}"])


def relative_to_content(config: Config, path: Path) -> str | None:
    """Return `path` as feedpub names files, relative to the content root; None outside of it."""
    root, given = config.content.root, Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps `..`
    for top, inside in ((root, given), (_real(root), _real(given.parent) / given.name)):
        if inside.is_relative_to(top):
            return inside.relative_to(top).as_posix()
    return None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises for a loop of links
