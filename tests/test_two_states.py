"""One history, two states: what PostgreSQL remembers gives what SQLite gives, byte for byte."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from engines import PostgreSQL
from histories import ACTS, REPLACE, TOPICAL, WINDOWS, History, Play, Tally, _options, in_process
from named_histories import NamedPlay
from small_site import Site, files_below
from test_named_histories import ACTS as NAMED

from feedpub import config as configs, wiring
from feedpub.publish import publish, settings as versions

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("unmeasured")]

MOST = int(os.environ.get("HISTORIES", "4"))
"""How many rounds are played, a few unless somebody says another number."""


class Twins:
    """Builds each site twice, with a state of either kind."""

    def __init__(self, server: PostgreSQL) -> None:
        self._server, self._url, self.builds = server, "", 0

    def __call__(
        self, site: Site, now: int, flags: tuple[str, ...], upgraded: dict[str, int]
    ) -> None:
        """Build with SQLite, then with PostgreSQL; out/ and the text ledger must be the same."""
        twin, out = site.root / "twin.yaml", site.root / "out-twin"
        if out.exists() and not site.out.exists():
            shutil.rmtree(out)
        if not (self._url and site.state.exists()):
            self._url = self._server.create()
        in_process(site, now, flags, upgraded)
        own: dict[str, dict[str, Any]] = {
            "output": {"root": "out-twin"},
            "state": {"root": "state-twin", "url": self._url, "ledger": "ledger-twin.jsonl"},
        }
        twin.write_text(json.dumps({k: {**v, **own.get(k, {})} for k, v in site.config.items()}))
        config = configs.load(twin)
        with patch.dict(vars(versions), upgraded), wiring.locked_edges(config, "a test") as edges:
            report = publish(edges, wiring.settings(config), _options(now, flags))
        assert not report.failed, report.problems
        assert files_below(out) == files_below(site.out)
        assert (site.root / "ledger-twin.jsonl").read_bytes() == site.ledger.read_bytes()
        self.builds += 1


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, MOST))]
)
def test_each_step_of_a_history_gives_the_same_bytes(
    seed: int, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    kind, acts, items = [
        (Play, [*ACTS, REPLACE], 9),
        (NamedPlay, NAMED, 8),
        (Play, TOPICAL, 9),
        (Play, [*ACTS, REPLACE, REPLACE], 26),
    ][seed % 4]
    twins, rng = Twins(postgresql), Random(seed + 1)
    start = History(seed, items, WINDOWS[seed % 5], ())
    play = kind(tmp_path / "play", start, twins, Tally())
    for step in play.script(rng, acts):
        play.take(step)
    play.end()
    assert twins.builds > 5
