"""A scheduler of Dask and its workers, really started; tests/engines.py has the other engines."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from engines import program

README = Path(__file__).parent.parent.joinpath("README.md").read_text(encoding="utf-8")
_BLOCK = re.search(r"```sh\n(dask scheduler.*\n)(dask worker.*\n)(feedpub build.*\n)```", README)
assert _BLOCK
SCHEDULER, WORKER, BUILD = (shlex.split(line, comments=True) for line in _BLOCK.groups())
"""How the README says that each is begun."""

_ROLES = ("scheduler", "worker", "client")


class Dask(NamedTuple):
    """A running scheduler with its workers, which all work in the folder `root`."""

    address: str
    root: Path
    scheduler: int
    workers: list[int]


@contextmanager
def dask(root: Path, workers: int = 1, *, tls: bool = False, **env: str) -> Iterator[Dask]:
    """Run a scheduler and so many workers, which end with this process; `env` is for workers.

    Their config, with certificates where they have TLS, is in `root`, as DASK_CONFIG may say.
    """
    kind = "tls" if tls else "tcp"
    setpriv = [program("setpriv", "util-linux"), "--pdeathsig=KILL"]
    command = [*setpriv, str(Path(sys.executable).with_name("dask"))]
    around = {**os.environ, "DASK_CONFIG": str(root), "PYTHONUNBUFFERED": "1"}
    certify(root) if tls else configure(root)

    def begin(arguments: list[str], sign: str, **more: str) -> tuple[int, str]:
        """Begin one of them; return its process, and what it says after the sign that it is ready."""
        running = subprocess.Popen(
            [*command, *arguments, "--no-dashboard"],
            stderr=subprocess.PIPE,
            text=True,
            cwd=root,
            env=around | more,
        )
        stack.enter_context(running)
        stack.callback(running.kill)
        assert running.stderr
        told = next((line for line in running.stderr if sign in line), "")
        assert told, f"{arguments[0]} did not start"
        rest = Thread(target=deque, args=(running.stderr, 0))
        rest.start()
        stack.callback(rest.join)
        stack.callback(running.kill)
        return running.pid, told.split()[-1]

    with ExitStack() as stack:
        at_random = ["--host", "127.0.0.1", "--port", "0"]
        options = [kind if word == "tls" else word for word in SCHEDULER[1:]]
        scheduler, address = begin([*options, *at_random], "Scheduler at:")
        assert WORKER[-2:] == ["--nworkers", "4"]
        options = ["worker", address, *WORKER[3:-2], "--no-nanny", "--local-directory", str(root)]
        begun = [begin(options, "Registered to:", **env) for _ in range(workers)]
        yield Dask(address, root, scheduler, [pid for pid, _ in begun])


def certify(root: Path) -> None:
    """Make a key and a certificate that signs itself, and a config that Dask uses them by."""
    key, certificate = root / "key.pem", root / "certificate.pem"
    make = [program("openssl", "openssl"), "req", "-x509", "-nodes", "-subj", "/CN=dask"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make, *kind, *files], check=True, capture_output=True)
    roles = {role: {"cert": str(certificate), "key": str(key)} for role in _ROLES}
    tls = {"ca-file": str(certificate), **roles}
    configure(root, comm={"require-encryption": True, "tls": tls})


def configure(root: Path, **more: object) -> None:
    """Write a config by which those who have nothing to do stay quiet: they look at nothing."""
    quiet = {"worker": {"profile": {"enabled": False}}, "admin": {"tick": {"interval": "1s"}}}
    (root / "dask.yaml").write_text(json.dumps({"distributed": quiet | more}))
