"""Who wrote an item: its provider and its authors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from feedpub.core import urls
from feedpub.core.fields import Fields
from feedpub.core.model import Entry, Person, Value
from feedpub.core.urls import given
from feedpub.core.values import first, mapping, plain, sequence, string

_LINK = re.compile(r"\[([^][]*)\]\(([^()\s]*)\)")
_NAMED_MAIL = re.compile(r"([^<>]*?)\s*<([^<>\s]+)>").fullmatch
_MAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+").fullmatch
_DOMAIN = re.compile(r"[\w.-]+").fullmatch
_MAX_LENGTH = 300  # characters of a name, mail address or domain
_MAX_AUTHORS = 50


def provider(fields: Fields) -> Person | None:
    """Return the organization that published the item, or None."""
    value = fields.get("provider")
    found = organization(value)
    if value and not found:
        fields.invalid("provider", "names no provider")
    return found


def organization(value: Value | None) -> Person | None:
    """Return the organization that a name, or a map of name and domain or url, stands for."""
    if isinstance(value, str):
        return _organization(value, "") if len(value) <= _MAX_LENGTH else None
    known = mapping(value)
    name, domain = string(known.get("name")), string(first(known, "domain", "url"))
    return _organization(name, domain) if len(name + domain) <= _MAX_LENGTH else None


@lru_cache(maxsize=1024)
def _organization(name: str, domain: str) -> Person | None:
    host = urls.host(domain) if "/" in domain else domain.strip().lower()
    uri = urls.publishable(f"https://{host}/", "", False) if _DOMAIN(host) else ""
    name = plain(name) or (urls.host(uri) if uri else "")
    return Person(name, uri) if name else None


def authors(fields: Fields) -> tuple[Person, ...]:
    """Return the people named as authors, each once, at most 50, in the order of the source."""
    value = fields.get("authors")
    if not value:
        return ()
    found = tuple(dict.fromkeys(islice(_people(value, fields.rules.home), _MAX_AUTHORS)))
    if not found:
        fields.invalid("authors", "names nobody")
    return found


def _people(value: Value, base: str) -> Iterator[Person]:
    for alias, known in _named(value):
        if person := _person(alias, known, base):
            yield person


def _named(value: Value) -> Iterator[tuple[str, Value]]:
    """Yield each person as a name to fall back on and what is known of it."""
    if isinstance(value, dict) and not any(key in value for key in ("name", "url", "email")):
        yield from ((key, known) for key, known in value.items() if key.lower() != "secured")
    else:
        yield from (("", known) for known in sequence(value))


def _person(alias: str, value: Value, base: str) -> Person | None:
    if isinstance(value, str):
        return _from_text(value, base)
    known = mapping(value)
    name = plain(known.get("name")) or plain(alias)
    if not name or len(name) > _MAX_LENGTH:
        return None
    return Person(name, given(first(known, "url", "uri"), base, False), _mail(known.get("email")))


def _from_text(value: str, base: str) -> Person | None:
    """Read `Name`, `Name <mail>`, or names with links in Markdown, as Docsy's blogs have them."""
    if len(value) > _MAX_LENGTH:
        return None
    if found := _LINK.findall(value):
        uri = given(found[0][1], base, False) if len(found) == 1 else ""
        return Person(plain(_LINK.sub(r"\1", value)), uri)
    both = _NAMED_MAIL(value.strip())
    name, mail = both.groups() if both else (value, "")
    name = plain(name)
    return Person(name, "", _mail(mail)) if name else None


def _mail(value: Value | None) -> str:
    address = plain(value)
    return address if len(address) <= _MAX_LENGTH and _MAIL(address) else ""


def credited(entry: Entry) -> tuple[Person, ...]:
    """Return who an item is said to be by: its provider, else its authors; nobody without name."""
    if entry.provider and entry.provider.name:
        return (entry.provider,)
    return tuple(author for author in entry.authors if author.name)
