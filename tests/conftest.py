"""What holds for all tests."""

import os
import shutil
from pathlib import Path

from hypothesis import HealthCheck, settings

# How long an example takes is for the machine to say: no property depends on the clock.
settings.register_profile("feedpub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("feedpub")

_MEMORY, _AMPLE = Path("/dev/shm"), 4 << 30  # noqa: S108 - only pytest makes folders there
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _AMPLE:
    # Thousands of small sites are written and gone again: no disk has to hear of them.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
