"""The check before the swap: a rendered document is parsed again and held to what must be true.

It shares no code with the renderers: what it reads back is compared with the window itself. A
message says which item is wrong by its place in the document, and never quotes it (S2).
"""

from __future__ import annotations

from feedpub.core.channel import FeedWindow
from feedpub.core.model import Site
from feedpub.formats import DOCUMENTS


def faults(data: bytes, format: str, window: FeedWindow, site: Site) -> tuple[str, ...]:
    """Return what is wrong with `data`, the document of `window` in `format`; () when nothing is.

    `format` is the name of one in the registry (else `KeyError`). Never raises for any bytes.
    """
    return DOCUMENTS[format].load_check()(data, window, site)
