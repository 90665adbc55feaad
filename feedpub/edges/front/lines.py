"""The lines of the log: in JSON the service and its front write theirs alike."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedpub.edges.front.answers import Answer
    from feedpub.edges.front.requests import Request


def json_line(at: float, level: str, message: str, figures: Mapping[str, object]) -> str:
    """Return a line about what was at that instant (epoch seconds) as one JSON object.

    `figures` are keys of its own beside `time`, `level` and `message`, or in their place.
    """
    whole, thousandths = divmod(int(at * 1000), 1000)
    instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    told = {"time": f"{instant}.{thousandths:03d}Z", "level": level, "message": message}
    return json.dumps({**told, **figures}, ensure_ascii=False)


def access_line(form: str, at: float, client: str, request: Request, answer: Answer) -> str:
    """Return the line of the access log about an answer, as `text` or `json`.

    The query of the target is left out: what is in it is for nobody to keep.
    """
    told = {
        "client": client,
        "method": request.method.decode() or "-",
        "path": request.target.partition(b"?")[0].decode("ascii", "backslashreplace") or "-",
        "status": answer.status,
        "bytes": answer.size,
    }
    text = " ".join(("access", *map(str, told.values())))
    return json_line(at, "info", text, {"event": "access", **told}) if form == "json" else text
