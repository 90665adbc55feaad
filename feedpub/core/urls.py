"""URLs: how they are published and compared (R1, R2, C2, I2, M1).

Two forms of a web address matter. The *published* form is what the author wrote, byte for byte,
but for what makes it no URI (RFC 3986) or follows the reader around. The *compared* form tells
whether two addresses lead to the same page. Nothing here raises, whatever the text; what is not
usable is the empty string. Results are ASCII and at most 8,192 characters long.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from string import ascii_letters, digits
from typing import NamedTuple
from urllib.parse import quote, unquote

TRACKING_VERSION = 1
"""Grows with every change of `TRACKING`: feeds rendered under another version are stale."""

TRACKING: tuple[str, ...] = tuple(
    """
    __hsfp __hssc __hstc __s __twitter_impression _branch_match_id _branch_referrer _cldee _ga _gl
    _hsenc _hsmi _ke _kx _openstat at_campaign at_custom* at_medium bsft_* ck_subscriber_id cm_mmc
    dclid dicbo dm_i echobox ef_id elq elqaid elqat elqcampaignid elqtrack elqtrackid epik
    fb_action_ids fb_action_types fb_ref fb_source fbclid ga_campaign ga_content ga_medium ga_place
    ga_source ga_term gad_campaignid gad_source gbraid gclid gclsrc guccounter guce_referrer
    guce_referrer_sig hsa_* hsctatracking igsh igshid irclickid irgwc itm_campaign itm_channel
    itm_content itm_medium itm_source li_fat_id matomo_* mc_cid mc_eid mc_tc mibextid mkt_tok
    ml_subscriber ml_subscriber_hash msclkid mtm_* ns_campaign ns_fee ns_linkname ns_mchannel
    ns_source oly_* outbrainclickid piwik_* pk_campaign pk_cid pk_content pk_keyword pk_kwd
    pk_medium pk_source qclid rb_clickid rdt_cid ref_src s_kwcid sccid sfmc_* soc_src soc_trk
    spjobid spmailingid spreportid spuserid srsltid tblci trk_contact trk_module trk_msg trk_sid
    ttclid twclid utm_* vero_conv vero_id vgo_ee wbraid wickedid wprov wt.mc_id wt_mc wt_zmc xtor
    yclid ymclid ysclid
    """.split()  # noqa: SIM905 - as a list of literals it would take a page
)
"""Parameters that say how a reader came to a page and never which page it is (R1).

Lower case, compared without case; a name that ends with `*` stands for all that begin so. Names
that choose the page on some sites (`source`, `ref`, `from`, `s`, `t`, `id`) do not belong here.
"""

_NAMES = frozenset(name for name in TRACKING if not name.endswith("*"))
_PREFIXES = tuple(name[:-1] for name in TRACKING if name.endswith("*"))

MAX = 8192
"""Characters: longer addresses are no links but payloads; most servers stop there too."""

# Addresses with nothing to mend, by far the most. Groups: as in `_PARTS`, with no fragment.
_SAFE = r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-._~!$&'()*+,;=:@/]*)*"
_ORDINARY = re.compile(
    rf"(https?):(//(?:[a-z0-9][a-z0-9-]{{0,40}}\.){{1,5}}[a-z]{{2,24}})(/{_SAFE})(\?{_SAFE})?()"
)

_PARTS = re.compile(  # RFC 3986 appendix B; matches every string
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(//[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL
)
# Groups: host; port with its colon. Browsers end the host of `evil.example\@good.example` at `\`.
_AUTHORITY = re.compile(r"//(?:[^\\]*@)?(\[[0-9A-Fa-f:.]*\]|[^\[\]:@]*)(:[0-9]{0,5})?")
_HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9][A-Za-z0-9-]{0,62}\.?")
_NUMERIC_HOST = re.compile(r"(?:.*\.)?(?:[0-9]+|0[Xx][0-9A-Fa-f]*)\.?")  # an IPv4 address or a trap

# Around a URL: whitespace, C0 controls, and what copying from an office program leaves unseen.
_EDGES = "\x85\xa0\u1680\u3000\ufeff" + "".join(
    map(chr, (*range(0x21), *range(0x2000, 0x2010), *range(0x2028, 0x2030), *range(0x205F, 0x2070)))
)
_LINE_BREAKS = {ord(c): None for c in "\t\n\r"}
_HOSTILE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ILLEGAL = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!#$%&'()*+,;=:@/?]+")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_DIRECTIVE = re.compile(r":(?:~|%7[Ee]):")  # instructions to the browser, as `:~:text=`
_UNRESERVED = {f"%{ord(sign):02X}": sign for sign in f"{ascii_letters}{digits}-._~"}


class _Url(NamedTuple):
    """The parts of RFC 3986 §3, with the `//`, `?` or `#` before them; '' is absent."""

    scheme: str
    authority: str
    path: str
    query: str
    fragment: str

    def __str__(self) -> str:
        return f"{self.scheme}:{''.join(self[1:])}"


def canonical(url: str) -> str:
    """Return the form in which `url` is compared with other links, or '' if not usable (R1).

    Always `https`, the host in lower-case ASCII, no userinfo, default port, dot segments, fragment
    or tracking parameter; escapes of unreserved characters are resolved, others in upper case.
    Not an address to fetch: `http` and `https` of one page are one.
    """
    return _comparable(url, with_fragment=False)


def identity(url: str) -> str:
    """Return the form of `url` that identifies a story, or '' if it is not usable (I2, R1).

    It is the canonical form with the fragment, since `changelog#v1` and `changelog#v2` are two
    stories; text directives (`#:~:text=`) and fragments of tracking parameters are left out.
    """
    return _comparable(url, with_fragment=True)


def publishable(url: str, base: str = "", strip_tracking: bool = True) -> str:
    """Return `url` as an absolute http or https URI, or '' if that is not possible (R1, C2, M1).

    A relative `url` is resolved against `base` (RFC 3986 §5). All stays as written, but: whitespace
    around it, tabs and line breaks go, and so does userinfo; what no URI may hold (spaces,
    `"<>[]\\^`{|}`, a bare `%`, non-ASCII) is percent-encoded as UTF-8, a host by IDNA. Tracking
    parameters go unless `strip_tracking` is off, those in the fragment (`#utm_source=…`) too.
    """
    parts = _parse(url, base)
    if not parts:
        return ""
    if strip_tracking and (parts.query or parts.fragment):
        fragment = _untracked_fragment(parts.fragment)
        parts = parts._replace(query=_untracked(parts.query), fragment=fragment)
    return str(parts)


def href(url: str, base: str) -> str:
    """Return the target of a link in a body as an absolute ASCII URI, or '' (C1, C2).

    http, https and mailto are allowed; a relative `url` is resolved against `base`, the item's
    link. The author's own parameters stay, tracking or not.
    """
    text = _clean(url)
    if text[:7].lower() != "mailto:":
        return publishable(text, base, strip_tracking=False)
    address = _escaped(text[7:].strip(_EDGES))
    return f"mailto:{address}" if 0 < len(address) <= MAX - 7 else ""


def host(url: str) -> str:
    """Return the host of a usable `url` in lower-case ASCII (IDNs as `xn--`), or ''.

    Without port; an IPv6 address comes without its brackets.
    """
    parts = _parse(url)
    found = _AUTHORITY.fullmatch(parts.authority) if parts else None
    return found[1].lower().strip("[]") if found else ""


def _parse(url: str, base: str = "") -> _Url | None:
    """Return the parts of `url`, absolute and ASCII as they are published, or None."""
    return _parsed(url, base) if len(url) <= MAX else None


@lru_cache(2048)  # an address is looked at several times in a row
def _parsed(url: str, base: str) -> _Url | None:
    if ordinary := _ORDINARY.fullmatch(url):
        return _Url(*ordinary.groups(""))
    parts = _resolved(_split(url), base)
    if not parts or parts.scheme.lower() not in {"http", "https"}:
        return None
    authority, fragment = _authority(parts.authority), _escaped(parts.fragment)
    fragment = fragment[:1] + fragment[1:].replace("#", "%23")
    parts = _Url(parts.scheme, authority, _escaped(parts.path), _escaped(parts.query), fragment)
    # Before anything is stripped, so that the published and the raw URL are refused alike.
    return parts if authority and len(str(parts)) <= MAX else None


def _split(url: str) -> _Url | None:
    found = _PARTS.fullmatch(_clean(url))
    return _Url(*found.groups("")) if found and found[0] else None


def _clean(url: str) -> str:
    """Return `url` without whitespace as WHATWG removes it; '' if it is too long or hostile."""
    if len(url) > MAX:
        return ""
    text = url.strip(_EDGES).translate(_LINE_BREAKS)
    return "" if _HOSTILE.search(text) else text


def _resolved(ref: _Url | None, base: str) -> _Url | None:
    """Resolve a reference against `base` (RFC 3986 §5.2.2); an absolute one stays as written."""
    if not ref or ref.scheme:
        return ref
    root = _split(base)
    if not root or ":" in ref.path.partition("/")[0]:  # `java script:…` is no path (§4.2)
        return None
    if ref.authority:
        return ref._replace(scheme=root.scheme)
    if not ref.path:
        return root._replace(query=ref.query or root.query, fragment=ref.fragment)
    folder = "" if ref.path.startswith("/") else root.path.rpartition("/")[0] + "/"
    return ref._replace(
        scheme=root.scheme, authority=root.authority, path=_without_dots(folder + ref.path)
    )


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` in an absolute or empty path; `..` stops at the root (§5.2.4)."""
    if "/." not in path:  # as in most
        return path
    segments = path.split("/")
    kept: list[str] = []
    for segment in segments:
        if segment != ".." and segment != ".":
            kept.append(segment)
        elif segment == ".." and len(kept) > 1:
            kept.pop()
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)


def _authority(written: str) -> str:
    """Return host and port as published, without userinfo, or '' if one of them is unusable."""
    found = _AUTHORITY.fullmatch(written)
    name, port = (_ascii_host(found[1]), found[2] or "") if found else ("", "")
    is_port = port in {"", ":"} or 0 < int(port[1:]) < 65536
    return f"//{name}{port}" if name and is_port else ""


def _ascii_host(name: str) -> str:
    """Return the host as a DNS name or IP address in ASCII, or ''; one in ASCII stays as is."""
    if name.startswith("["):
        return name if _is_address(IPv6Address, name[1:-1]) else ""
    name = unquote(name)
    if len(name) <= 253 and not name.isascii():  # IDNA may take quadratic time
        name = _idna(name)
    if len(name) > 253 or not _HOST.fullmatch(name):
        return ""
    trap = _NUMERIC_HOST.fullmatch(name) and not _is_address(IPv4Address, name.rstrip("."))
    return "" if trap else name


def _is_address(family: type[IPv4Address | IPv6Address], text: str) -> bool:
    try:
        family(text)
    except ValueError:
        return False
    return True


def _idna(name: str) -> str:
    from yarl import URL  # 20 ms, for the few sites that need it

    try:
        return URL.build(scheme="https", host=name).raw_host or ""
    except ValueError:
        return ""


def _escaped(text: str) -> str:
    """Percent-encode, as UTF-8, what no part of a URI may hold; escapes stay as they are."""
    return _ILLEGAL.sub(lambda found: quote(found[0], safe=""), text)


def _is_tracking(parameter: str) -> bool:
    name = unquote(parameter.partition("=")[0]).lower()
    name = name.removeprefix("amp;")  # `&amp;` of HTML that was never decoded
    return name in _NAMES or name.startswith(_PREFIXES)


def _untracked(part: str) -> str:
    """Return a query without tracking parameters, '' if nothing else is in it."""
    pieces = part[1:].split("&")
    kept = [piece for piece in pieces if not _is_tracking(piece)]
    if len(kept) == len(pieces):
        return part
    return part[0] + "&".join(kept) if any(kept) else ""


def _untracked_fragment(fragment: str) -> str:
    """Do the same to a fragment that holds parameters; `#utm_basics` is a heading."""
    anchor = _DIRECTIVE.split(fragment, 1)[0]
    if "=" not in anchor:
        return fragment
    kept = (_untracked(anchor) or "#") + fragment[len(anchor) :]
    return "" if kept == "#" else kept


def _comparable(url: str, *, with_fragment: bool) -> str:
    if not (parts := _parse(url)):
        return ""
    path = _without_dots(_decoded(parts.path)) or "/"
    query = parts.query and _untracked(_decoded(parts.query))
    fragment = _decoded(parts.fragment).partition(":~:")[0] if with_fragment else ""
    # A bare `?` or `#` says nothing.
    ends = "".join(end for end in (query, _untracked_fragment(fragment)) if end[1:])
    result = f"https:{_comparable_authority(parts.authority)}{path}{ends}"
    return result if len(result) <= MAX else ""


@lru_cache(2048)
def _comparable_authority(authority: str) -> str:
    """Lower the case, write an IPv6 address in full, drop a default port.

    Ports 80 and 443 both go: with http = https nothing is left to tell which is the default.
    """
    found = _AUTHORITY.fullmatch(authority)
    name, port = (found[1].lower(), (found[2] or "")[1:].lstrip("0")) if found else ("", "")
    if name.startswith("["):
        name = f"[{IPv6Address(name[1:-1]).packed.hex(':', 2)}]"
    return f"//{name}" if port in {"", "80", "443"} else f"//{name}:{port}"


def _decoded(text: str) -> str:
    """Resolve escapes of unreserved characters, write the others in upper case (§6.2.2)."""
    return _ESCAPE.sub(lambda found: _UNRESERVED.get(found[0].upper(), found[0].upper()), text)
