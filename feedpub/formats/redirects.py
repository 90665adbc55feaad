"""Rules for web servers that lead old addresses of feeds to new ones, where no service does (T6)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from feedpub.core.channel import Departure
from feedpub.core.model import Site
from feedpub.formats import REDIRECTS_SIGN


def render_cloudflare(site: Site, departures: Iterable[Departure]) -> bytes:
    """Return `_redirects` for Cloudflare Pages, in the order of the paths.

    Its rules come before the files that are there, and it has none for what is gone: that answers
    404 by itself.
    """
    return _redirects(site, departures, "301")


def render_netlify(site: Site, departures: Iterable[Departure]) -> bytes:
    """Return `_redirects` for Netlify: only with `!` does a rule come before a file that is there."""
    return _redirects(site, departures, "301!")


def _redirects(site: Site, departures: Iterable[Departure], status: str) -> bytes:
    moved = [(d.path, d.heir) for d in sorted(departures, key=_path) if d.heir is not None]
    base = _base(site)
    return _file([f"{base}{quote(old)} {site.url}{quote(new)} {status}" for old, new in moved])


def render_nginx(site: Site, departures: Iterable[Departure]) -> bytes:
    """Return lines for a `map $uri $feedpub_moved` of nginx, in the order of the paths.

    An address that moved gives the new one, one that is gone gives `gone`. nginx compares paths
    without percent-encoding, and without regard to case.
    """
    base = _base(site)
    rules = [
        f"{_quoted(base + d.path)} {_quoted('gone' if d.heir is None else site.url + quote(d.heir))};"
        for d in sorted(departures, key=_path)
    ]
    return _file(rules)


def _path(departure: Departure) -> str:
    return departure.path


def _base(site: Site) -> str:
    """Return the path of out/ at its host, with a final `/`, as people write it."""
    return urlsplit(site.url).path or "/"


def _quoted(text: str) -> str:
    r"""Return `text` as a string of nginx, in which `\`, `"` and `$` mean something."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _file(rules: list[str]) -> bytes:
    return b"\n".join([REDIRECTS_SIGN, *(rule.encode() for rule in rules), b""])
