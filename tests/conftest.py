"""What holds for all tests."""

import os
import shutil
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch
from warnings import catch_warnings

import pytest
from command import UNMEASURED
from coverage import Coverage
from disturbed import Launcher
from hypothesis import HealthCheck, settings

pytest_plugins = ["engines", "browser"]

# How long an example takes is for the machine to say: no property depends on the clock.
settings.register_profile("feedpub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("feedpub")

_MEMORY, _AMPLE = Path("/dev/shm"), 4 << 30  # noqa: S108 - only pytest makes folders there
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _AMPLE:
    # Thousands of small sites are written and gone again: no disk has to hear of them.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

# Else hundreds of processes compile feedpub anew, and each worker the tests: half of what they do.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@contextmanager
def _unmeasured() -> Iterator[None]:
    measured = Coverage.current()
    if measured:
        measured.stop()
    with patch.dict(os.environ, UNMEASURED):
        yield
    if measured:
        with catch_warnings(action="ignore"):  # it would tell what is imported by now
            measured.start()


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """Let coverage look away, here and in new processes: where other tests run the same code.

    To measure takes half of a test, and a third of a process that does little.
    """
    with _unmeasured():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure no property: it tries hundreds of times what examples try too."""
    is_property = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    with _unmeasured() if is_property else nullcontext():
        return (yield)


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """What runs feedpub where it can come to harm; it imports all of it, so there is one."""
    with Launcher() as running:
        yield running
