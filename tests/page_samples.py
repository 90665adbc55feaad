"""A page of every kind, as a static host serves them that knows nothing of the config."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from feed_samples import HEAD, PLAIN, RICH, SITE, paged, window

from feedpub.core.compose import final_window
from feedpub.core.feeds import Feed, Layout
from feedpub.core.model import FeedFacts, Listed
from feedpub.core.policy import Policy
from feedpub.core.selection import Month, Volume
from feedpub.formats import ASSETS
from feedpub.formats.pages import About

FACTS = FeedFacts(9, 1_700_000_000, (0, 8, 1), ("The Provider",))
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
ADDRESS = "https://www.example.org/" + "a-long-address/" * 12 + WORD

PAST = (
    Month("2024-05", (Volume(13, "2024-05", ADDRESS), Volume(12, "2024-04", ADDRESS))),
    Month("2024-04", tuple(Volume(number, "2024-04", ADDRESS) for number in range(11, 0, -1))),
)

CATALOGUE = ""
TOPIC, EMPTY, ENDED, ARABIC, JAPANESE, LONG = (
    f"topics/{name}/" for name in ("c-plus-plus", "empty", "ended", "arabic", "japanese", "long")
)
PAGES = (CATALOGUE, TOPIC, EMPTY, ENDED, ARABIC, JAPANESE, LONG)
"""The paths of the pages."""

IN_ARABIC = {"language": "ar", "title": "أخبار الميناء", "description": "كل ما يحدث"}
IN_JAPANESE = {"language": "ja", "title": "港のニュース", "description": "港で起きていること"}
SAID_LONG = {"title": WORD, "addresses": {"rss": f"{SITE.url}{LONG}{WORD}/rss.xml"}}

SENSORS = PLAIN._replace(title="أجهزة استشعار النهر", excerpt="مئة جهاز، منذ 2025.", language="ar")
RIVER = RICH._replace(title="חיישני הנהר מחוברים", excerpt="מאה חיישנים.", language="")
LIBRARY = RICH._replace(title="川のセンサー、ついにオンライン", language="ja")
WORDY = RICH._replace(
    title=WORD * 2,
    excerpt=f"See {ADDRESS} for more.",
    related=(RICH.related[0]._replace(title=ADDRESS),),
)
MANY = tuple(PLAIN._replace(id=f"{PLAIN.id}/{number}") for number in range(20))
RETIRED = Feed("topic", "c++", HEAD.id, "c-plus-plus", "C++", 1_600_000_000, ended=1_700_000_000)


def _rendered() -> dict[str, bytes]:
    below = Listed(window(**SAID_LONG).head)
    feeds = (Listed(HEAD, (below,), FACTS), Listed(window(**IN_JAPANESE).head))
    front = window(RICH, PLAIN, *MANY, kind="all", page=SITE.url)
    layout = Layout(dict.fromkeys(HEAD.addresses, "feed"))
    farewell = final_window(RETIRED, {RETIRED.name: RETIRED}, Policy(), SITE, layout)
    return {
        CATALOGUE: paged(front, SITE, About(FACTS, PAST, feeds)),
        TOPIC: paged(window(RICH, PLAIN), SITE, About(FACTS)),
        EMPTY: paged(window(), SITE),
        ENDED: paged(farewell, SITE),
        ARABIC: paged(window(SENSORS, RIVER, PLAIN, **IN_ARABIC), SITE, About(FACTS, PAST)),
        JAPANESE: paged(window(LIBRARY, PLAIN, **IN_JAPANESE), SITE, About(FACTS)),
        LONG: paged(window(WORDY, **SAID_LONG), SITE, About(FACTS)),
    }


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@contextmanager
def served(out: Path) -> Iterator[str]:
    """Serve the pages, written to `out`, and yield the address of the first.

    Its path is not that of the config. Pictures come from hosts that do not exist.
    """
    home = out / "below"
    for path, page in _rendered().items():
        (home / path).mkdir(parents=True, exist_ok=True)
        (home / path / "index.html").write_bytes(page)
    for asset in ASSETS.values():
        (home / asset.file).write_bytes(asset.render(SITE, {}))
    handler = functools.partial(_Quiet, directory=str(out))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/below/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
