"""What each command does: config, use case, printing, exit code."""

from __future__ import annotations

import gc
import json
import os
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from feedpub import config as configs, wiring
from feedpub.cli import Context, console, now, views
from feedpub.config import Config, meaning, values
from feedpub.core import yaml_toml_json
from feedpub.core.problems import (
    ConfigError,
    FeedpubError,
    Problem,
    PublishError,
    Refused,
    problem,
    worst_first,
)
from feedpub.edges.lock import HeldError
from feedpub.edges.sqlite import DamagedError
from feedpub.publish import Edges, Options, Report, publish
from feedpub.publish.ports import ALONE, Lead
from feedpub.publish.report import plural, printable
from feedpub.publish.settings import FLAGS

_EXTRA = ("httptools", "prometheus_client", "uvicorn", "uvloop", "watchfiles")
"""What only the service needs (the extra `serve`)."""


def _found(context: Context, tell: Callable[[str], None] = console.note) -> Path:
    """Return the path of the config; with -v, `tell` which it is."""
    path = configs.find(context.config, Path.cwd())
    if context.verbosity > 0:
        tell(f"the config is {console.shown(path)}")
    return path


def _loaded(context: Context, *, content_may_be_away: bool = False) -> Config:
    return configs.load(_found(context), content_may_be_away=content_may_be_away)


# --- build ---------------------------------------------------------------------------------------


def build(context: Context, *, strict: bool, profile: bool, **asked: Any) -> int:
    """Run one rescan, as it is `asked` for, and print what it did; return the exit code."""
    start, began = time.process_time(), time.perf_counter()
    path = _found(context)
    config = configs.load(path, {name: asked.pop(name) for name in ("content", "out", "state")})
    asked["files"] |= context.verbosity > 0 and not context.is_json
    options = Options(now(), is_named="SOURCE_DATE_EPOCH" in os.environ, **asked)
    done, first = _rescan(context, config, options)
    outside = time.perf_counter() - began - done.seconds["total"]
    if done.parsed and not yaml_toml_json.LIBYAML:
        text = "PyYAML was built without libyaml: reading is about ten times slower"
        console.note(text, context.verbosity)
    views.print_outcome(done, config, context, dry_run=options.dry_run)
    is_silent = context.is_json or context.verbosity < 0
    if first and not (is_silent or options.dry_run or done.failed):
        views.print_next_steps(config, path)
    if profile:
        views.print_profile(done, start, outside)
    return views.exit_code(done, strict=strict)


def _rescan(
    context: Context, config: Config, options: Options, *, again: bool = False
) -> tuple[Report, bool]:
    """Bring the feeds in line with the content; say also whether nothing was known before.

    Where the service of the site holds the lock, it does it. Where the state proved damaged, it was
    kept aside, and all is done once more with a new one.
    """
    note = partial(console.note, verbosity=context.verbosity)
    opened = wiring.locked_edges(config, context.who, dry_run=options.dry_run)
    at = context.workers
    try:
        gc.disable()  # a run that ends makes few cycles, and to look for them takes a tenth of it
        with opened as own, wiring.with_workers(own, at, note) if at else nullcontext(own) as edges:
            first = edges.catalogue.is_new()
            with console.progress(context.verbosity) as progress:
                done = publish(edges, wiring.settings(config), options, progress)
            if not options.dry_run:  # which leaves nothing to ask
                done.problems = worst_first(done.problems + _told_after(config, edges, options.now))
            return done, first
    except HeldError:
        flags = {name: getattr(options, name) for name in FLAGS}
        report = None if options.dry_run else _asked(config, "build", flags)
        if report is None:
            raise
        if at:
            note("the service did it, which takes no --workers")
        return report, False
    except DamagedError as damage:
        if again:
            raise
        note(str(damage))
    finally:
        gc.enable()
    return _rescan(context, config, options, again=True)


def _told_after(config: Config, edges: Edges, now: int) -> list[Problem]:
    """Return what a build has to say beside its own: names without items, quiet feeds, caches."""
    found = wiring.unmet(config, edges)
    found += meaning.quiet(meaning.expected(config, edges.catalogue), now)
    if config.output.purge:
        from feedpub.service.notifications import purge_all

        why, _ = purge_all(edges.catalogue, config.output.purge)
        found += [problem("./", "purge-failed", why)] if why else []
    return found


def adopt(context: Context, *, files: tuple[Path, ...], **asked: Any) -> int:
    """Take over what the old feeds in `files` have, and say what that is."""
    options = Options(now(), is_named="SOURCE_DATE_EPOCH" in os.environ, **asked)
    _adopt(context, _loaded(context), files, options)
    if not (context.is_json or options.dry_run):
        click.echo(f"Next: {console.program()} build")
    return 0


def _adopt(context: Context, config: Config, files: Sequence[Path], options: Options) -> None:
    from feedpub.publish.adopt import adopt as take
    from feedpub.starter.folder import feeds

    found = ((file.absolute() / name, feed) for file in files for name, feed in feeds(file).items())
    with wiring.locked_edges(config, context.who, dry_run=options.dry_run) as edges:
        sources = [(path.as_posix(), feed) for path, feed in found]
        taken = take(edges, wiring.settings(config), options, sources)
    views.print_adoption(taken, context)


# --- the service ---------------------------------------------------------------------------------


def serve(context: Context, *, host: str | None, port: int | None, log: str) -> int:
    """Run the service until a signal ends it."""
    path = _begun(context, log)
    from feedpub.service.lifecycle import serve as run

    load = partial(_config_of_service, path, {"host": host, "port": port})
    return run(load, context.who, log)


def preview(context: Context, *, drafts: bool, port: int | None, no_open: bool) -> int:
    """Show what a build would make until a signal ends it."""
    import webbrowser

    config = configs.load(_begun(context, "text"))
    from feedpub.service.lifecycle import preview as run

    def ready(address: str) -> None:
        click.echo(f"{address}\nThis preview is for this machine alone; Ctrl-C ends it.")
        no_open or webbrowser.open(address)

    run(config, port or 0, ready, drafts=drafts)
    return 0


def _begun(context: Context, log: str) -> Path:
    """Return the config of what serves over HTTP, once its log is open; tell what that lacks."""
    import logging

    wiring.need("serve", "what answers browsers and readers", _EXTRA)
    from feedpub.service import monitoring

    level = {-1: logging.ERROR, 0: logging.INFO}.get(context.verbosity, logging.DEBUG)
    monitoring.open_log(log, level)
    return _found(context, monitoring.log.info)


def _config_of_service(path: Path, options: Mapping[str, str | int | None]) -> Config:
    """Read the config for the service, which must not stay down because the content is away.

    Where there is a state, something was published and can be served until the folder is back.
    Where there is none, its name is more likely a slip, and a mistake as for any other command.
    """
    try:
        return configs.load(path, options)
    except ConfigError:
        with suppress(ConfigError):
            config = configs.load(path, options, content_may_be_away=True)
            if config.state.url or wiring.catalogue_path(config).exists():
                return config
        raise


def refresh(context: Context, **accepted: bool) -> int:
    """Ask the running service for a rescan and print what it did; return the exit code."""
    config = _loaded(context)
    done = _asked(config, "refresh", accepted)
    if done is None:
        begin = f"{console.program()} serve"
        raise PublishError(f"no service runs with the state {config.state.root}; begin it: {begin}")
    views.print_outcome(done, config, context, dry_run=False)
    return views.exit_code(done, strict=False)


def _asked(config: Config, cause: str, flags: Mapping[str, bool]) -> Report | None:
    """Ask the service of this site for a rescan; return its report, or None without a service.

    Raises what the rescan failed with there.
    """
    from feedpub.publish.report import from_dict
    from feedpub.service.control import ask

    prints = wiring.settings(config).fingerprints()
    request = {"cause": cause, "roots": wiring.roots(config), "prints": prints, **flags}
    answer = ask(config.state.root, request)
    if answer is None:
        return None
    if "error" in answer:
        kind = Refused if answer.get("exit_code") == Refused.exit_code else PublishError
        raise kind(str(answer["error"]))
    if not answer.get("is_as_asked"):
        text = "the service has another config or version; have it read it (HUP) or restart it"
        console.note(text)
    return from_dict(answer["report"])


def push(context: Context) -> int:
    """Tell the hubs once what changed; return 1 if one of them did not take it."""
    from feedpub.service.notifications import feeds_out, tell

    config, code = _loaded(context), 0
    with wiring.locked_edges(config, context.who) as edges:
        settings, known = wiring.settings(config), edges.catalogue.hubs()
        out = feeds_out(edges.catalogue, settings)
        if not config.push.hubs:
            raise PublishError("no hub can be told: push.hubs is empty")
        if not settings.hubs:
            raise PublishError("no hub can be told: site.url is on this machine")
        if not out:
            why = "nothing was built, or not since other hubs are to be named; run: feedpub build"
            raise PublishError(f"no hub can be told: {why}")
        for url in config.push.hubs:
            left, error, before = 1, "", known[url].told if url in known else {}
            while left and not error:
                hub, left, error = tell(edges.catalogue, url, out, now())
            code |= bool(error)
            done = "told" if hub.told != before else "nothing is new to it"
            why = f"not told of {plural(left, 'feed')}: {error}" if error else done
            click.echo(f"{hub.host}: {why}")
        if edges.ledger:
            edges.ledger(edges.catalogue, True)
    return code


# --- looking things up ---------------------------------------------------------------------------


def check(context: Context, *, paths: tuple[Path, ...], files: bool) -> int:
    """Check config and content; return 4 when there are warnings or errors."""
    from feedpub.publish import check as checks
    from feedpub.service.control import ask

    config = _loaded(context)
    wanted = [_path_in_content(config, path) for path in paths]
    with wiring.read_only_edges(config, afresh=True) as edges:
        found = checks.check(edges, wiring.settings(config), now(), wanted)
        if not wanted:
            unmet = wiring.unmet(config, edges, found)
            told = ask(config.state.root, {"cause": "check", "roots": wiring.roots(config)})
            unmet += meaning.elsewhere(config, (told or {}).get("hosts", {}))
            with wiring.read_only_edges(config) as known:
                unmet += meaning.quiet(meaning.expected(config, known.catalogue), now())
            found = found._replace(problems=worst_first(found.problems + unmet))
    views.print_check(found, config, context, files=files)
    return 4 if views.has_warnings(found.problems) else 0


def explain(context: Context, *, file: Path) -> int:
    """Explain one file of the content root."""
    from feedpub.publish import check as checks

    config = _loaded(context)
    path, settings = _path_in_content(config, file), wiring.settings(config)
    with wiring.read_only_edges(config) as edges:
        found = checks.explain(path, edges, settings, now())
    views.print_explanation(path, found, settings, config)
    return 0


def _path_in_content(config: Config, path: Path) -> str:
    """Return an argument as feedpub names files; what it names must be there.

    It is a path from here, or from the content root, or either as messages print it.
    """
    within = [wiring.relative_to_content(config, p) for p in (path, config.content.root / path)]
    names = [name for name in within if name is not None]
    for name in names:
        if os.path.lexists(config.content.root / name):
            return name
    for file in wiring.content(config).walk() if "\\" in str(path) else ():
        if printable(file.path) in names:
            return file.path
    if within[0] is None:
        raise click.UsageError(f"{path} is not inside content.root, {config.content.root}")
    raise click.UsageError(f"{path}: there is no such file or folder")


def compare(context: Context, *, old: Path, new: Path | None) -> int:
    """Compare the feeds of two sites; return 4 when readers would see a difference."""
    from feedpub.core.adoption import SAME, Seen, compare as compared
    from feedpub.starter.folder import feeds, missing

    before, after, away = feeds(old), feeds(new) if new else {}, list[str]()
    if not new:
        with wiring.temporary_copy(_loaded(context)) as config:
            _rescan(context, config, Options(now()))
            after = feeds(Path(config.output.root))
        links = {entry.link: 0 for feed in after.values() for entry in feed.entries}
        lost = missing(old, links, config.site.home)
        away = lost if len(lost) < len(links) else away  # else OLD has feeds alone
    seen = [*compared(before, after), *(Seen("without a page in OLD", link) for link in away)]
    views.print_seen(seen, context)
    return 4 if any(each.kind not in SAME for each in seen) else 0


def topics(context: Context) -> int:
    """List the topics as the last build left them."""
    config = _loaded(context)
    with wiring.read_only_edges(config) as edges:
        if edges.catalogue.is_new():
            raise PublishError(f"nothing was built yet; run: {console.program()} build")
        views.print_topics(edges.catalogue, wiring.settings(config), context)
    return 0


def init(context: Context, *, site: Path | None, directory: Path | None) -> int:
    """Write the starter site, or a config for a site, and say what to do with it."""
    from feedpub import starter

    if directory is None:
        directory = site.resolve().with_name(f"{site.resolve().name}-feeds") if site else Path()
    written, told, built = starter.write(directory, site)
    click.echo("".join(f"{console.safe(f'wrote {path}')}\n" for path in written))
    command = f"{console.program(anywhere=True)} build"
    if directory.resolve() != Path.cwd():
        command = f"cd {shlex.quote(str(directory))} && {command}"
    if written[1:]:
        told = [f'Change what is marked "yours" in {written[0]}, and put your items into content/']
    config = configs.load(written[0])
    if built:
        told += _of_built(context, config, built)
    elif site:
        advice = "feedpub adopt FILES; else readers see all items as new"
        first = f"Build it, and before the first build here: {advice}"
        told.append(f"No built site is there. Did it have feeds? {first}")
    click.echo("".join(f"{console.safe(text)}.\n" for text in told))
    click.echo(f"Next: {command}")
    return 0


def _of_built(context: Context, config: Config, built: Path) -> Iterator[str]:
    """Yield how many addresses are in a built site; take over the feeds that are."""
    from feedpub.publish.check import check as checked
    from feedpub.starter.folder import missing

    with wiring.read_only_edges(config, afresh=True) as edges:
        links = checked(edges, wiring.settings(config), now()).links
    lost = missing(built, links, config.site.home)
    others = f"; the others: {', '.join(lost[:3])}{', …' * bool(lost[3:])}" if lost else ""
    yield f"{len(links) - len(lost):,} of {len(links):,} addresses are in {built}{others}"
    if ".example.org/" in config.site.url:  # ids are made with it, and then kept
        adopting = f"feedpub adopt {shlex.quote(str(built))}"
        yield f"Before the first build, set site.url, and take over its feeds: {adopting}"
        return
    try:
        _adopt(context, config, [built], Options(now()))
    except FeedpubError as error:
        why = "; ".join(getattr(error, "errors", [str(error)]))
        yield f"Nothing is taken over from feeds in {built}: {why}"


# --- the state -----------------------------------------------------------------------------------


def copy(_context: Context, *, source: str, target: str) -> int:
    """Copy a state to a place where none is, of either kind."""
    return _copy(_place(source), _place(target))


def backup(context: Context, *, file: Path) -> int:
    """Write the state as it is now, also while a service works with it, into a new file."""
    return _copy(wiring.state_place(_loaded(context, content_may_be_away=True)), file)


def restore(context: Context, *, file: Path, replace: bool) -> int:
    """Put a backup in the place of the state."""
    config = _loaded(context, content_may_be_away=True)
    with wiring.site_lock(config, context.who) as lead:
        return _copy(file, wiring.state_place(config), lead, replace=replace)


def _place(text: str) -> str | Path:
    """Return what is meant by an argument: a state folder, a file, or the address of a database."""
    if "://" not in text:
        path = Path(text)
        return path if path.is_file() else path / wiring.STATE_FILE
    try:
        return values.database_address(text)
    except ValueError as error:
        raise click.UsageError(f"the address of a database {error}") from None


def _copy(
    source: str | Path, target: str | Path, lead: Lead = ALONE, *, replace: bool = False
) -> int:
    aside = wiring.copy_state(source, target, lead, replace=replace)
    click.echo(f"wrote {target}{aside and f'; what was there is now {aside}'}")
    return 0


def schema(_context: Context) -> int:
    """Print the JSON Schema of the config."""
    from feedpub.config.schema import json_schema

    click.echo(json.dumps(json_schema(configs.READER), indent=1))
    return 0
