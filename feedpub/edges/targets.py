"""Replace files in out/ atomically (F9)."""

from __future__ import annotations

from pathlib import Path


def replace(root: Path, path: str, data: bytes) -> bool:
    """Write `data` to `path` below `root` unless it is there already; say whether it was written."""
    target = root / path
    if target.exists() and target.read_bytes() == data:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.write_bytes(data)
    temporary.replace(target)
    return True
