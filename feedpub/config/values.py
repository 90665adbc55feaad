"""What a text means for one kind of key: each function checks one value and normalizes it.

It raises `ValueError` with words for the operator: what the value must be, and an example. Patterns
are compiled when they are first needed, and modules for rare values are imported then.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo
from ipaddress import ip_address, ip_network
from unicodedata import normalize
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from feedpub.config.source import shown, suggestion
from feedpub.core import flags, topics
from feedpub.core.addresses import IDENTIFYING, PLACEHOLDER, PLACEHOLDERS, WITHOUT_SLUG
from feedpub.core.feeds import KINDS
from feedpub.core.policy import words
from feedpub.core.text import FORBIDDEN, is_language_tag
from feedpub.formats import REDIRECTS

_SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

_NOT_IN_URL = r"[\s\x00-\x20\x7f\\<>\"{}|^`]"
_HOST = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?"
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"


def _matching(pattern: str, wrong: str) -> Callable[[str], str]:
    """Return the check of a text by a pattern; `wrong` is what is said of any other."""

    def check(value: str) -> str:
        if re.fullmatch(pattern, value):
            return value
        raise ValueError(wrong)

    return check


def phrase(value: str) -> str:
    """Check that a feed can carry the text; take white space off its ends."""
    if FORBIDDEN.search(value):
        raise ValueError("has a control character, which no feed can carry; remove it")
    return value.strip()


def name(value: str) -> str:
    """Check a text that may not be empty."""
    if written := phrase(value):
        return written
    raise ValueError("is empty; write some text or remove the key")


def words_of_title(value: str) -> str:
    """Check words that a title may have (N1)."""
    if words(value).strip():
        return name(value)
    raise ValueError("has no letter or digit, so no title has it; write a word")


def tag_date(value: str) -> str:
    """Check the date of a tagging authority (RFC 4151 §2.1)."""
    with suppress(ValueError):
        if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", value):
            date.fromisoformat((value + "-01-01")[:10])
            return value
    raise ValueError("is not a date; write YYYY, YYYY-MM or YYYY-MM-DD, such as 2026-01-01")


def zone(name: str) -> tzinfo:
    """Return the time zone of that IANA name; UTC needs no database. Raises `ValueError`."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, available_timezones

    with suppress(KeyError, ValueError, OSError):
        if name != "localtime":  # differs between machines (D9)
            return ZoneInfo(name)
    known = available_timezones()
    if not known:
        advice = "this machine has no time zone database; install tzdata, or use UTC"
        raise ValueError(f"cannot be looked up: {advice}")
    hint = suggestion(name, known) or "write an IANA name, such as Europe/Berlin"
    raise ValueError(f"is not a known time zone; {hint}")


def language(value: str) -> str:
    """Check a language tag (RFC 5646 §2.1)."""
    if len(value) > 35 or not is_language_tag(value.lower()):
        raise ValueError("is not a language tag (BCP 47); write one, such as en, pt-BR or zh-Hant")
    return value


email = _matching(
    r"[^@\s<>()]+@[^@\s<>()]+", "is not an e-mail address; write one, such as news@example.org"
)
"""Check an e-mail address."""

file_name = _matching(
    r"(?=.{1,100}$)(?!(?i:index\.html|feeds\.(opml|json)|feedpub\.(css|js)|redirects\.map|.*\.gz)$)"
    r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9]+)+",
    "is not a plain file name that is free; use letters, digits, `-`, `_` and a suffix,"
    " such as index.xml",
)
"""Check the name of a document in the folder of a feed; .gz is for compressed copies."""


def slug(value: str) -> str:
    """Check the last part of the address of a topic (T2, T4)."""
    if topics.slug(value) != value:
        advice = f"use small letters, digits and single hyphens, such as {topics.slug(value)}"
        raise ValueError(f"is not an address that feedpub can give; {advice}")
    return value


def pattern(value: str) -> str:
    """Check a pattern of paths in the content."""
    value = name(value)
    if value.startswith("/") or ".." in value.split("/"):
        raise ValueError("must be relative to content.root and stay inside, such as **/*.md")
    return value


def path_in_output(value: str) -> str:
    """Check the path of a file or folder in the output, or the name of a file in any folder."""
    if not (path := name(value).strip("/")) or {"..", ".", ""} & set(path.split("/")):
        raise ValueError("is no path in output.root; write one, such as rss.xml or topics/old")
    return path


def feeds_folder(value: str) -> str:
    """Check the path of a folder that feeds are in, in the output (T4)."""
    path = normalize("NFC", path_in_output(value))
    for part in path.split("/"):
        is_plain = re.fullmatch(r"[\w-][\w.+-]{0,59}(?<!\.)", part)
        if not is_plain or part.lower().partition(".")[0] in topics.TAKEN:
            advice = "use letters, digits, `-` and `_`"
            raise ValueError(f"has the part {shown(part)}, no plain name that is free; {advice}")
    return path


def document(value: str) -> str:
    """Check the path of a single document in the output (T4)."""
    home, slash, file = value.strip("/").rpartition("/")
    return f"{feeds_folder(home)}/{file_name(file)}" if slash else file_name(file)


def feed_name(value: str) -> str:
    """Check how one feed is named."""
    kind, _, name = value.partition("/")
    if value != "everything" and not (kind in KINDS and topics.key(name)):
        hint = suggestion(kind, KINDS) or "write everything, or a kind and a name, such as topic/Go"
        raise ValueError(f"names no feed; {hint}")
    return value


def feed_key(value: str) -> str:
    """Check the name of a named feed, which nothing else may mean where feeds are named."""
    label = name(value)
    if "/" in label or label in ("everything", *KINDS) or not topics.key(label):
        raise ValueError("means other feeds; use a name of its own, without `/`")
    return label


def one_of_a_file(names: tuple[str, ...]) -> None:
    """Check that no two kinds of redirects have one file."""
    if len({REDIRECTS[name].file for name in names}) < len(names):
        raise ValueError("has two hosts that read the same file; name the one that is used")


def front_matter_key(value: str) -> str:
    """Check a key of the front matter, or a path of keys."""
    if "secured" in flags.word_of(value).split("."):
        raise ValueError("names the key secured, which is never read (S1); remove it")
    return name(value)


def folder(value: str) -> str:
    """Check the path of a folder in the content."""
    return pattern(value.strip("/"))


def template(value: str) -> str:
    """Check a template of addresses: `/posts/{slug}/`."""
    for found in PLACEHOLDER.finditer(value):
        if found[1] not in PLACEHOLDERS:
            known = ", ".join(f"{{{n}}}" for n in PLACEHOLDERS)
            raise ValueError(f"has an unknown placeholder; known are {known}")
    fixed, always = PLACEHOLDER.sub(r"\3", value), WITHOUT_SLUG.sub("", value)
    if re.search(r"[][]", always) or re.search(r"[{}]", fixed):
        advice = "write {slug}, and [ ] around what a slug replaces"
        raise ValueError(f"has a brace without its pair; {advice}")
    if not any(found[1] in IDENTIFYING for found in PLACEHOLDER.finditer(always)):
        hint = " (Jekyll's :title is {slug} here)" if re.search("/:[a-z]", value) else ""
        raise ValueError(
            f"gives every item the same address; use {{path}}, {{slug}} or {{title}}{hint}"
        )
    scheme = re.match(r"(?!https?:)[A-Za-z][A-Za-z0-9+.-]*:", value)
    if scheme or re.search(_NOT_IN_URL, fixed):
        raise ValueError("does not make a web address; write, for example, /posts/{slug}/")
    return value


def interval(value: str) -> int:
    """Return the seconds of an interval such as `5m`."""
    found = re.fullmatch(r"([0-9]{1,6})\s*([smhd])", value)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 1 <= seconds <= 366 * 86400:
        advice = "write a whole number with s, m, h or d, such as 14d"
        raise ValueError(f"is not an interval from 1s to 366d; {advice}")
    return seconds


def lease(value: str) -> float:
    """Return the seconds of an interval that may be a part of one, such as `500ms`."""
    part = re.fullmatch(r"([5-9][0-9]{2})\s*ms", value)
    return int(part[1]) / 1000 if part else float(interval(value))


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def digest_time(value: str) -> tuple[int, int]:
    """Return the day, if one is given (0 is Monday; 1 to 31), and the minute of `monday 07:00`."""
    day = rf"(?:(?:({'|'.join(WEEKDAYS)})(?:[a-z]*day)?|([1-9]|[12]\d|3[01]))\s+)?"
    found = re.fullmatch(rf"{day}([01]?\d|2[0-3]):([0-5]\d)", value.strip().lower())
    if not found:
        raise ValueError('is no time; write "07:00", "monday 07:00" or "1 07:00"')
    weekday, number, hour, minute = found.groups()
    return WEEKDAYS.index(weekday) if weekday else int(number or 0), int(hour) * 60 + int(minute)


def cron_line(value: str) -> str:
    """Check a line of a crontab; return its five fields, also of a shorthand."""
    from cronsim import CronSim, CronSimError

    line = _SHORTHANDS.get(value.strip().lower(), value)
    line = re.sub("(?i)-sun$", "-7", line.strip())  # sat-sun does not run backwards
    advice = 'write minute, hour, day, month and weekday, such as "*/10 * * * *", or @hourly'
    if len(line.split()) != 5:
        raise ValueError(f"is not a crontab line; {advice}")
    try:
        CronSim(line, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f"is not a crontab line: {str(error).lower()}; {advice}") from None
    return line


# --- addresses on the web and of machines --------------------------------------------------------


def _split(value: str) -> SplitResult:
    """Split an absolute http(s) URL, host lower-case ASCII; raise `ValueError` for any other text."""
    advice = "write an absolute web address, such as https://feeds.example.org/"
    if re.search(_NOT_IN_URL, value):
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
    if not host or (re.fullmatch(_HOST, host) and len(host) <= 253):
        return host.lower()
    raise ValueError(host)


def web_address(value: str) -> str:
    """Check an address on the web; keep an ASCII one to the byte."""
    parts = _split(value)
    return value if value.isascii() else urlunsplit(parts)  # byte-exact (M1)


LOOPBACK = re.compile(r"(localhost|.*\.localhost|127\.[\d.]+|\[::1\]|)(:\d*)?").fullmatch
"""Says whether a host, perhaps with a port, is this machine itself."""


_SECRET = re.compile(r"(?i)pass(?!file)|pwd|token|secret|signature|^sig$|(?<!ssl)key|credential")
"""What the name of a secret in a query has in it; libpq's `passfile` and `sslkey` name files."""


def without_secrets(value: str, instead: str) -> str:
    """Check that an address has no secret, which must be `instead`, in it; quote nothing of it."""
    own, *query = re.split("[?#&;]", value)
    before, at, _ = own.partition("//")[2].rpartition("@")
    names = (unquote(part.partition("=")[0]) for part in query if "=" in part)
    is_header = re.match("(?i)authorization:", value)
    if is_header or (at and ":" in before) or any(map(_SECRET.search, names)):
        raise ValueError(f"has a password, key or token in it; remove it, and {instead}")
    return value


def _encrypted(address: str) -> str:
    """Check that an address is asked over TLS, but on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" or LOOPBACK(parts.netloc):
        return address
    raise ValueError("is not encrypted; write https://, but for what is on this machine")


def hub(value: str) -> str:
    """Check the address of a hub; return it as documents name it, for all to read."""
    address = web_address(without_secrets(value, "use one that all may read, as feeds name it"))
    if not address.isascii():
        raise ValueError("has letters after its `?` or `#` that no URL has; write them as %C3%A9")
    return _encrypted(address)


def database_address(value: str) -> str:
    """Check the address of a PostgreSQL database, which holds no password."""
    without_secrets(value, "give it by PGPASSFILE or PGPASSWORD")
    if not re.fullmatch(r"postgres(ql)?://([^\s@/?#]+@)?[^\s@/?#]*/[^\s/?#]+(\?\S*)?", value):
        raise ValueError("is no address of a database; write postgresql://user@host/name")
    return value


def purge_address(value: str) -> str:
    """Check the address of an API that purges, with {url} in the place of what is purged."""
    instead = "name the environment variable that holds it as `token`"
    _encrypted(web_address(without_secrets(value, instead).replace("{url}", "url")))
    return value


variable = _matching("[A-Z_][A-Z0-9_]*", "is not the name of an environment variable, as CDN_TOKEN")
"""Check the name of an environment variable, which no message quotes: it may be a secret."""


def purge_command(arguments: tuple[str, ...]) -> None:
    """Check a command that is told what to purge: {url}, or the {path} of one."""
    told = {"{url}", "{path}"}
    if not told.intersection(arguments[1:]):
        raise ValueError('names nothing to purge; write a program and "{url}" behind it')
    for each in {*arguments} - told:
        if "{url}" in each or "{path}" in each:
            raise ValueError('has more than "{url}" or "{path}" in one argument; make it one alone')
        without_secrets(each, "have the command read it: all users see its arguments")


def site_address(value: str) -> str:
    """Return the address of a folder on the web, ASCII, with `/` at its end."""
    parts = _split(value)
    if parts.query or parts.fragment or value.endswith(("?", "#")):
        raise ValueError("has a `?` or `#`; write the address of the folder without them")
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/"))


def feeds_address(value: str) -> str:
    """Return the address of out/ on the web, as `site_address` does."""
    if re.search(r"\.(xml|json|rss|atom|html?)$", value.lower()):
        raise ValueError("is the address of a file; write that of the folder which out/ will be")
    return site_address(value)


def home_address(value: str) -> str:
    """Return the address of a site: of a folder, or of a page such as index.html."""
    address = site_address(value)
    page = urlsplit(value).path.rpartition("/")[2]
    return address.rstrip("/") if "." in page else address  # …/index.html is a page, no folder


authority = _matching(
    rf"([A-Za-z0-9._-]+@)?({_LABEL}\.)*(?!((?i:localhost)|[0-9]+)$){_LABEL}",
    "the ids of items need a domain name or e-mail address that is yours for good, not an IP address"
    " or localhost; write one, such as example.org",
)
"""Check a tagging authority, a DNS name or e-mail address of our own (RFC 4151 §2.1, I1)."""


def authority_of(url: str) -> str:
    """Return the host of a URL as a tagging authority, where it can be one."""
    try:
        return authority(urlsplit(url).hostname or "")
    except ValueError as error:
        raise ValueError(f"is missing; {error}") from None


def network(value: str) -> str:
    """Check an IP address or network."""
    with suppress(ValueError):
        return str(ip_network(value))
    advice = "write, for example, 127.0.0.1 or 10.0.0.0/8"
    raise ValueError(f"is not an IP address or network; {advice}")


def host_name(value: str) -> str:
    """Check a host to listen on: a name, or an IP address in its short form."""
    with suppress(ValueError):
        return ip_address(value.strip("[]")).compressed
    if re.fullmatch(_HOST, value.lower()) and not value.isdigit():
        return value
    raise ValueError("is not a host; write an address to listen on, such as 127.0.0.1 or ::1")


def host_and_port(value: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`."""
    host, colon, port = value.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError("is not HOST:PORT; write, for example, 127.0.0.1:9090")
    return host_name(host), int(port)
