"""Topics: how names compare (T1) and which address they get (T2-T4)."""

from __future__ import annotations

import re


def slug(key: str) -> str:
    """Return the path segment for a topic key (T2)."""
    return re.sub(r"[\W_]+", "-", key).strip("-")
