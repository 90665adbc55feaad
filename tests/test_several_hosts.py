"""Two services of one site on a real PostgreSQL: one leads, one stands by, whatever happens to one."""

from __future__ import annotations

from pathlib import Path

import pytest
from running_service import started
from small_site import Site

pytestmark = pytest.mark.engines


def hosts(root: Path, database: str, lease: str = "500ms") -> list[Site]:
    """Two hosts that share content, output and database, and have a state folder each."""
    first = Site(root / "first").fill()
    made = [first, Site(root / "second")]
    for each in made:
        each.configure(
            content={"root": str(first.content)},
            output={"root": str(first.out)},
            state={"url": database, "lease": lease},
        )
    return made


def test_one_leads_and_the_other_takes_over(tmp_path: Path, database: str) -> None:
    first, second = hosts(tmp_path, database)
    with started(first) as leader:
        leader.wait_for("this host leads, in epoch 1")
        leader.wait_until("/readyz", 200, "this host leads, in epoch 1")
        with started(second) as other:
            other.wait_for("standing by for process")
            other.wait_until("/readyz", 200, "standing by for process")
            assert other.get("/atom.xml").body == leader.get("/atom.xml").body
            print(other.lines)
            print(leader.lines)
            mark = other.mark
            assert leader.stop() == 0
            other.wait_for("this host leads, in epoch 2", mark)
            other.wait_for("rescan", mark)
            print(other.lines[mark:])
