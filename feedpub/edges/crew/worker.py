"""What a worker does: first it is told what to do, then one task after the other."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any

from feedpub.edges.crew import parcels


def main(link: socket.socket) -> None:
    """Work until whoever began this process is gone; a task that fails ends it as well."""
    # A terminal sends it to all; whoever began this process ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inbox: SimpleQueue[bytearray] = SimpleQueue()
    Thread(target=_take_in, args=(link, inbox), daemon=True).start()
    try:
        work(link, inbox)
    finally:
        os._exit(1)  # without a word: the task is done again where it is missed


def _take_in(link: socket.socket, inbox: SimpleQueue[bytearray]) -> None:
    """Take what comes, so that nobody waits for that who is waited for."""
    try:
        while True:
            inbox.put(parcels.receive(link))
    finally:
        os._exit(0)  # nobody is there any more: not even the task at hand is of use


def work(link: socket.socket, inbox: SimpleQueue[bytearray]) -> None:
    """Answer every task; raises what goes wrong."""
    do: Callable[[Any], Any] = parcels.unpacked(inbox.get())
    while True:
        result = do(parcels.unpacked(inbox.get()))
        parcels.send(link, parcels.packed(result))
