"""The kinds of values that config keys take: each checks one value and says what is wrong with it.

A validator takes the value and returns it normalized, or raises `ValueError` with words for the
operator: what it must be, and an example.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, date, tzinfo
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, ValidationInfo

from feedpub.config.source import Plain
from feedpub.config.words import shown_path, suggestion
from feedpub.core import cron, topics

_FLAGS = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
}
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9][0-9_]{0,17}")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_URL = re.compile(r"[\s\x00-\x20\x7f\\<>\"{}|^`]")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_DNS_NAME = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
_AUTHORITY = re.compile(rf"([A-Za-z0-9._-]+@)?(?P<host>{_DNS_NAME})")
_EMAIL = re.compile(r"[^@\s<>()]+@[^@\s<>()]+")
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wyz0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9]+)+")
_PLACEHOLDER = re.compile(r"\{([^{}]*?)(?::lower)?\}")
_WITHOUT_SLUG = re.compile(r"\[[^][]*\]")
PLACEHOLDERS = ("path", "slug", "year", "month", "day")
RESERVED_FILES = frozenset({"index.html", "feeds.opml", "feeds.json"})


def _flag(value: object) -> object:
    return _FLAGS.get(value.lower(), value) if isinstance(value, Plain) else value


def _number(value: object) -> object:
    if isinstance(value, Plain) and _WHOLE_NUMBER.fullmatch(value):
        return int(value.replace("_", ""))
    return value


def _text(value: str) -> str:
    if _NOT_XML.search(value):
        raise ValueError("has a control character, which no feed can carry; remove it")
    return value.strip()


def _name(value: str) -> str:
    if not value:
        raise ValueError("is empty; write some text or remove the key")
    return value


def location(value: object, base: Path) -> object:
    """Return the absolute path, symlinks resolved, that `value` means in a config in `base`."""
    if not isinstance(value, (str, Path)):
        return value
    if value == "":
        raise ValueError("is empty; name a path, such as ./out")
    try:
        return Path(os.path.realpath(base / value))
    except (OSError, ValueError):
        raise ValueError("is not a usable path") from None


def _located(value: object, info: ValidationInfo[Path]) -> object:
    return location(value, info.context)


def _found_later(value: object, info: ValidationInfo[Path]) -> object:
    # Not resolved once for all: the folder may be a link that leads elsewhere tomorrow.
    found = location(value, info.context)
    return Path(info.context, value) if isinstance(value, (str, Path)) else found


def _existing_folder(path: Path) -> Path:
    # os.path: unlike Path.is_dir it raises for no name whatsoever.
    if not os.path.isdir(path):  # noqa: PTH112 - it never raises
        state = "is not a folder" if os.path.lexists(path) else "does not exist"
        raise ValueError(
            f"{shown_path(path)} {state}; create it, or name the folder that holds the items"
        )
    return path


def _own_folder(path: Path) -> Path:
    if os.path.lexists(path) and not os.path.isdir(path):  # noqa: PTH112 - as above
        raise ValueError(
            f"{shown_path(path)} is not a folder; name another, or move that file away"
        )
    return path


def _own_file(path: Path) -> Path:
    if os.path.isdir(path):  # noqa: PTH112 - as above
        raise ValueError(f"{shown_path(path)} is a folder; name a file, such as ledger.txt")
    return path


def split_address(value: str) -> SplitResult:
    """Split an absolute http(s) URL, host lower-case ASCII; raise `ValueError` for any other text."""
    advice = "write an absolute web address, such as https://feeds.example.org/"
    if _NOT_IN_URL.search(value):
        raise ValueError(f"has a character that no URL has; {advice}")
    try:
        parts = urlsplit(value)
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except ValueError:
        raise ValueError(f"is not a URL; {advice}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError(f"is not an http or https URL; {advice}")
    if "@" in parts.netloc:
        raise ValueError("has a user name or password, which would be published; remove it")
    default = {"http": 80, "https": 443}[parts.scheme]
    netloc = host if port in {None, default} else f"{host}:{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    return parts._replace(netloc=netloc, path=path)


def _ascii_host(host: str) -> str:
    """Return `host` as a URL carries it; raise `ValueError` where it cannot be one."""
    if ":" in host:
        return f"[{ip_address(host).compressed}]"
    if not host.isascii():
        from yarl import URL  # rare, and costs more than the rest of this module

        host = URL.build(scheme="https", host=host).raw_host or ""
    if not host or (_HOST.fullmatch(host) and len(host) <= 253):
        return host.lower()
    raise ValueError(host)


def host(url: str) -> str:
    """Return the host of an absolute http(s) URL; raise `ValueError` as `split_address` does."""
    return split_address(url).hostname or ""


def _web_address(value: str) -> str:
    parts = split_address(value)
    return value if value.isascii() else urlunsplit(parts)  # byte-exact (M1)


def _site_address(value: str) -> str:
    parts = split_address(value)
    if parts.query or parts.fragment or value.endswith(("?", "#")):
        raise ValueError("has a `?` or `#`; write the address of the folder without them")
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/"))


def _home_address(value: str) -> str:
    address = _site_address(value)
    page = urlsplit(value).path.rpartition("/")[2]
    return address.rstrip("/") if "." in page else address  # …/index.html is a page, no folder


def authority(value: str) -> str:
    """Check a tagging authority, a DNS name or e-mail address of our own (RFC 4151 §2.1, I1)."""
    found = _AUTHORITY.fullmatch(value)
    last = found["host"].lower().rpartition(".")[2] if found else ""
    if not last or last.isdigit() or last == "localhost":
        raise ValueError(
            "the ids of items need a domain name or e-mail address that is yours for good, not an"
            " IP address or localhost; write one, such as example.org"
        )
    return value


def _tag_date(value: str) -> str:
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


def _zone_name(value: str) -> str:
    zone(value)
    return value


def _language(value: str) -> str:
    if len(value) > 35 or not _LANGUAGE.fullmatch(value):
        raise ValueError("is not a language tag (BCP 47); write one, such as en, pt-BR or zh-Hant")
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("is not an e-mail address; write one, such as news@example.org")
    return value


def _pattern(value: str) -> str:
    if value.startswith("/") or ".." in value.split("/"):
        raise ValueError("must be relative to content.root and stay inside, such as **/*.md")
    return value


def _file_name(value: str) -> str:
    if len(value) > 100 or not _FILE_NAME.fullmatch(value) or value.lower() in RESERVED_FILES:
        raise ValueError(
            "is not a plain file name that is free; use letters, digits, `-`, `_` and a suffix,"
            " such as index.xml"
        )
    return value


def _template(value: str) -> str:
    for name in _PLACEHOLDER.findall(value):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{n}}}" for n in PLACEHOLDERS)
            raise ValueError(f"has an unknown placeholder; known are {known}")
    always = _WITHOUT_SLUG.sub("", value)
    if re.search(r"[][]", always) or re.search(r"[{}]", _PLACEHOLDER.sub("", value)):
        raise ValueError(
            "has a brace without its pair; write {slug}, and [ ] around what a slug replaces"
        )
    if not {"path", "slug"} & set(_PLACEHOLDER.findall(always)):
        raise ValueError("gives every item the same address; use {path} or {slug}")
    if re.match(r"(?!https?:)[A-Za-z][A-Za-z0-9+.-]*:", value) or _NOT_IN_URL.search(
        _PLACEHOLDER.sub("", value)
    ):
        raise ValueError("does not make a web address; write, for example, /posts/{slug}/")
    return value


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_INTERVAL = re.compile(r"(?P<count>[0-9]{1,6})\s*(?P<unit>[smhd])")


def _interval(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _INTERVAL.fullmatch(value)
    seconds = int(found["count"]) * _UNITS[found["unit"]] if found else 0
    if not 1 <= seconds <= 31 * 86400:
        raise ValueError(
            "is not an interval from 1s to 31d; write a whole number with s, m, h or d, such as 5m"
        )
    return seconds


def _host_name(value: str) -> str:
    try:
        return ip_address(value.strip("[]")).compressed
    except ValueError:
        pass
    if not _HOST.fullmatch(value.lower()):
        raise ValueError("is not a host; write an address to listen on, such as 127.0.0.1 or ::1")
    return value


def _cron_line(value: object) -> object:
    return cron.parse(value) if isinstance(value, str) else value


def _place(value: object) -> object:
    if not isinstance(value, str):
        return value
    host, colon, port = value.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError("is not HOST:PORT; write, for example, 127.0.0.1:9090")
    return _host_name(host), int(port)


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError(
            "is not an IP address or network; write, for example, 127.0.0.1 or 10.0.0.0/8"
        ) from None


def _slug(value: str) -> str:
    if topics.slug(value) != value:
        raise ValueError(
            "is not an address that feedpub can give; use small letters, digits and single"
            f" hyphens, such as {topics.slug(value)}"
        )
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
Number = Annotated[int, BeforeValidator(_number)]
Text = Annotated[str, AfterValidator(_text)]
Name = Annotated[Text, AfterValidator(_name)]
Items = Annotated[Number, Field(ge=1, le=100_000)]
Days = Annotated[Number, Field(ge=0, le=36_500)]
Bytes = Annotated[Number, Field(ge=10_000, le=100_000_000)]
ContentRoot = Annotated[Path, BeforeValidator(_found_later), AfterValidator(_existing_folder)]
OwnFolder = Annotated[Path, BeforeValidator(_located), AfterValidator(_own_folder)]
OwnFile = Annotated[Path, BeforeValidator(_located), AfterValidator(_own_file)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
SiteAddress = Annotated[str, AfterValidator(_site_address)]
HomeAddress = Annotated[str, AfterValidator(_home_address)]
Authority = Annotated[str, AfterValidator(authority)]
TagDate = Annotated[str, AfterValidator(_tag_date)]
ZoneName = Annotated[str, AfterValidator(_zone_name)]
Language = Annotated[str, AfterValidator(_language)]
Email = Annotated[str, AfterValidator(_email)]
Pattern = Annotated[Name, AfterValidator(_pattern)]
FileName = Annotated[str, AfterValidator(_file_name)]
Seconds = Annotated[Number, Field(ge=0, le=31_536_000)]
Interval = Annotated[int, BeforeValidator(_interval)]
CronLine = Annotated[InstanceOf[cron.Cron], BeforeValidator(_cron_line)]
Host = Annotated[str, AfterValidator(_host_name)]
Port = Annotated[Number, Field(ge=0, le=65_535)]
Place = Annotated[tuple[str, int], BeforeValidator(_place)]
Network = Annotated[str, AfterValidator(_network)]
Memory = Annotated[Number, Field(ge=1_000_000, le=100_000_000_000)]
Slug = Annotated[str, AfterValidator(_slug)]
Template = Annotated[str, AfterValidator(_template)]
