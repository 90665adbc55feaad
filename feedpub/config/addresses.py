"""What a text means as an address on the web or of a machine: normalized, or `ValueError`.

Patterns are compiled when they are first needed, and modules for rare values are imported then.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

NOT_IN_URL = r"[\s\x00-\x20\x7f\\<>\"{}|^`]"
_HOST = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?"
_DNS_NAME = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
_AUTHORITY = rf"([A-Za-z0-9._-]+@)?(?P<host>{_DNS_NAME})"


def split_address(value: str) -> SplitResult:
    """Split an absolute http(s) URL, host lower-case ASCII; raise `ValueError` for any other text."""
    advice = "write an absolute web address, such as https://feeds.example.org/"
    if re.search(NOT_IN_URL, value):
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
        from ipaddress import ip_address

        return f"[{ip_address(host).compressed}]"
    if not host.isascii():
        from yarl import URL  # rare, and costs more than the rest of this module

        host = URL.build(scheme="https", host=host).raw_host or ""
    if not host or (re.fullmatch(_HOST, host) and len(host) <= 253):
        return host.lower()
    raise ValueError(host)


def host(url: str) -> str:
    """Return the host of an absolute http(s) URL; raise `ValueError` as `split_address` does."""
    return split_address(url).hostname or ""


def web_address(value: str) -> str:
    """Check an address on the web; keep an ASCII one to the byte."""
    parts = split_address(value)
    return value if value.isascii() else urlunsplit(parts)  # byte-exact (M1)


def site_address(value: str) -> str:
    """Return the address of a folder on the web, ASCII, with `/` at its end."""
    parts = split_address(value)
    if parts.query or parts.fragment or value.endswith(("?", "#")):
        raise ValueError("has a `?` or `#`; write the address of the folder without them")
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/"))


def home_address(value: str) -> str:
    """Return the address of a site: of a folder, or of a page such as index.html."""
    address = site_address(value)
    page = urlsplit(value).path.rpartition("/")[2]
    return address.rstrip("/") if "." in page else address  # …/index.html is a page, no folder


def authority(value: str) -> str:
    """Check a tagging authority, a DNS name or e-mail address of our own (RFC 4151 §2.1, I1)."""
    found = re.fullmatch(_AUTHORITY, value)
    last = found["host"].lower().rpartition(".")[2] if found else ""
    if not last or last.isdigit() or last == "localhost":
        raise ValueError(
            "the ids of items need a domain name or e-mail address that is yours for good, not an"
            " IP address or localhost; write one, such as example.org"
        )
    return value


def host_name(value: str) -> str:
    """Check a host to listen on: a name, or an IP address in its short form."""
    from ipaddress import ip_address

    try:
        return ip_address(value.strip("[]")).compressed
    except ValueError:
        pass
    if not re.fullmatch(_HOST, value.lower()):
        raise ValueError("is not a host; write an address to listen on, such as 127.0.0.1 or ::1")
    return value


def place(value: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`."""
    host, colon, port = value.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError("is not HOST:PORT; write, for example, 127.0.0.1:9090")
    return host_name(host), int(port)


def network(value: str) -> str:
    """Check an IP address or network."""
    from ipaddress import ip_network

    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError(
            "is not an IP address or network; write, for example, 127.0.0.1 or 10.0.0.0/8"
        ) from None
