"""Run feedpub where the clock of the wall is ahead by so many seconds as a file says now."""

from __future__ import annotations

import os
import runpy
import time
from pathlib import Path

_FILE, _RIGHT = Path(os.environ["CLOCK_FILE"]), time.time

time.time = lambda: _RIGHT() + float(_FILE.read_text(encoding="ascii"))
runpy.run_module("feedpub", run_name="__main__", alter_sys=True)
