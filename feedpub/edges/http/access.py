"""The lines of the log: in JSON the service and the HTTP process write theirs alike."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from ipaddress import ip_address, ip_network


def json_line(at: float, level: str, message: str, figures: Mapping[str, object]) -> str:
    """Return a line about what was at that instant (epoch seconds) as one JSON object.

    `figures` are keys of its own beside `time`, `level` and `message`, or in their place.
    """
    whole, thousandths = divmod(int(at * 1000), 1000)
    instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    told = {"time": f"{instant}.{thousandths:03d}Z", "level": level, "message": message}
    return json.dumps({**told, **figures}, ensure_ascii=False)


def access_line(form: str, at: float, told: Mapping[str, object]) -> str:
    """Return the line of the access log about an answer, as `text` or `json`."""
    text = " ".join(("access", *map(str, told.values())))
    return json_line(at, "info", text, {"event": "access", **told}) if form == "json" else text


def client(peer: str, forwarded: str, proxies: tuple[str, ...]) -> str:
    """Return who asks: what a proxy that we trust says (X-Forwarded-For), else the other end."""
    found = peer
    for named in reversed(forwarded.split(",")):
        try:
            if not any(ip_address(found) in ip_network(network) for network in proxies):
                break
            found = str(ip_address(named.strip()))
        except ValueError:
            break
    return found
