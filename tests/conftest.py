"""What holds for all tests."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from warnings import catch_warnings

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

# How long an example takes is for the machine to say: no property depends on the clock.
settings.register_profile("feedpub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("feedpub")

_MEMORY, _AMPLE = Path("/dev/shm"), 4 << 30  # noqa: S108 - only pytest makes folders there
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _AMPLE:
    # Thousands of small sites are written and gone again: no disk has to hear of them.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """Let coverage look away: measuring takes a third of a long test, and others run that code."""
    measured = Coverage.current()
    if measured:
        measured.stop()
    yield
    if measured:
        with catch_warnings(action="ignore"):  # it would tell what is imported by now
            measured.start()
