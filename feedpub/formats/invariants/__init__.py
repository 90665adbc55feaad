"""The check before the swap: a rendered document is parsed again and held to what must be true.

It shares no code with the renderers: what it reads back is compared with the window itself. A
message says which item is wrong by its place in the document, and never quotes it (S2).
"""

from feedpub.formats.invariants.inspector import Inspector

__all__ = ["Inspector"]
