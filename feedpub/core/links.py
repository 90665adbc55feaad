"""URLs: how they compare, and how they are published (R1, C2)."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def canonical(url: str) -> str:
    """Return the form in which `url` is compared with others, or '' if it is not usable (R1)."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    query = "&".join(p for p in parts.query.split("&") if not p.lower().startswith("utm_"))
    return urlunsplit(("https", parts.hostname, parts.path or "/", query, ""))


def publishable(url: str, base: str = "", strip_tracking: bool = True) -> str:
    """Return `url` as it is published, or '' if it is no web address (R1, C2)."""
    del base, strip_tracking
    return url.strip() if canonical(url) else ""


def host(url: str) -> str:
    """Return the host of `url`, lower case, or ''."""
    return urlsplit(url).hostname or ""
