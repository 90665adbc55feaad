"""What a text means for one kind of key: each function checks one value and normalizes it.

It raises `ValueError` with words for the operator: what the value must be, and an example.
Patterns are compiled when they are first needed, and modules for rare values are imported then.
"""

from __future__ import annotations

import re
from datetime import UTC, date, tzinfo
from typing import TYPE_CHECKING

from feedpub.config.addresses import NOT_IN_URL
from feedpub.config.words import suggestion
from feedpub.core import topics
from feedpub.formats import REDIRECTS

if TYPE_CHECKING:
    from feedpub.core.cron import Cron

_NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
_EMAIL = r"[^@\s<>()]+@[^@\s<>()]+"
_LANGUAGE = (
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wyz0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?"
)
_FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9]+)+"
_PLACEHOLDER = r"\{([^{}]*?)(?::lower)?\}"
_WITHOUT_SLUG = r"\[[^][]*\]"
_INTERVAL = r"(?P<count>[0-9]{1,6})\s*(?P<unit>[smhd])"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
PLACEHOLDERS = ("path", "slug", "year", "month", "day")
RESERVED_FILES = frozenset({"index.html", "feeds.opml", "feeds.json"})


def phrase(value: str) -> str:
    """Check that a feed can carry the text; take white space off its ends."""
    if re.search(_NOT_XML, value):
        raise ValueError("has a control character, which no feed can carry; remove it")
    return value.strip()


def name(value: str) -> str:
    """Check a text that may not be empty."""
    if not phrase(value):
        raise ValueError("is empty; write some text or remove the key")
    return phrase(value)


def tag_date(value: str) -> str:
    """Check the date of a tagging authority (RFC 4151 §2.1)."""
    try:
        if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", value):
            date.fromisoformat((value + "-01-01")[:10])
            return value
    except ValueError:
        pass
    raise ValueError("is not a date; write YYYY, YYYY-MM or YYYY-MM-DD, such as 2026-01-01")


def zone(name: str) -> tzinfo:
    """Return the time zone of that IANA name; UTC needs no database. Raises `ValueError`."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, available_timezones

    try:
        if name != "localtime":  # differs between machines (D9)
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    known = available_timezones()
    hint = suggestion(name, known) or "write an IANA name, such as Europe/Berlin"
    raise ValueError(
        f"is not a known time zone; {hint}"
        if known
        else "cannot be looked up: this machine has no time zone database; install tzdata, or use UTC"
    )


def zone_name(value: str) -> str:
    """Check the name of a time zone."""
    zone(value)
    return value


def language(value: str) -> str:
    """Check a language tag (RFC 5646 §2.1)."""
    if len(value) > 35 or not re.fullmatch(_LANGUAGE, value, re.IGNORECASE):
        raise ValueError("is not a language tag (BCP 47); write one, such as en, pt-BR or zh-Hant")
    return value


def email(value: str) -> str:
    """Check an e-mail address."""
    if not re.fullmatch(_EMAIL, value):
        raise ValueError("is not an e-mail address; write one, such as news@example.org")
    return value


def pattern(value: str) -> str:
    """Check a pattern of paths in the content."""
    value = name(value)
    if value.startswith("/") or ".." in value.split("/"):
        raise ValueError("must be relative to content.root and stay inside, such as **/*.md")
    return value


def file_name(value: str) -> str:
    """Check the name of a document in the folder of a feed; .gz is for compressed copies."""
    taken = value.lower() in RESERVED_FILES or value.lower().endswith(".gz")
    if len(value) > 100 or not re.fullmatch(_FILE_NAME, value) or taken:
        raise ValueError(
            "is not a plain file name that is free; use letters, digits, `-`, `_` and a suffix,"
            " such as index.xml"
        )
    return value


def one_of_a_file(names: tuple[str, ...]) -> None:
    """Check that no two kinds of redirects have one file."""
    if len({REDIRECTS[name].file for name in names}) < len(names):
        raise ValueError("has two hosts that read the same file; name the one that is used")


def template(value: str) -> str:
    """Check a template of addresses: `/posts/{slug}/`."""
    for found in re.findall(_PLACEHOLDER, value):
        if found not in PLACEHOLDERS:
            known = ", ".join(f"{{{n}}}" for n in PLACEHOLDERS)
            raise ValueError(f"has an unknown placeholder; known are {known}")
    always = re.sub(_WITHOUT_SLUG, "", value)
    if re.search(r"[][]", always) or re.search(r"[{}]", re.sub(_PLACEHOLDER, "", value)):
        raise ValueError(
            "has a brace without its pair; write {slug}, and [ ] around what a slug replaces"
        )
    if not {"path", "slug"} & set(re.findall(_PLACEHOLDER, always)):
        raise ValueError("gives every item the same address; use {path} or {slug}")
    if re.match(r"(?!https?:)[A-Za-z][A-Za-z0-9+.-]*:", value) or re.search(
        NOT_IN_URL, re.sub(_PLACEHOLDER, "", value)
    ):
        raise ValueError("does not make a web address; write, for example, /posts/{slug}/")
    return value


def interval(value: str) -> int:
    """Return the seconds of an interval such as `5m`."""
    found = re.fullmatch(_INTERVAL, value)
    seconds = int(found["count"]) * _UNITS[found["unit"]] if found else 0
    if not 1 <= seconds <= 31 * 86400:
        raise ValueError(
            "is not an interval from 1s to 31d; write a whole number with s, m, h or d, such as 5m"
        )
    return seconds


def slug(value: str) -> str:
    """Check the last part of the address of a topic (T2, T4)."""
    if topics.slug(value) != value:
        raise ValueError(
            "is not an address that feedpub can give; use small letters, digits and single"
            f" hyphens, such as {topics.slug(value)}"
        )
    return value


def cron_line(value: str) -> Cron:
    """Return the minutes that a crontab line means."""
    from feedpub.core import cron

    return cron.parse(value)
