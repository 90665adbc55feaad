"""What a worker does: it is told what to do, and then does it with one task after the other."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any

from feedpub.edges.crew import parcels

READY = b""
"""What a worker says first."""

_TURN = 0.0005
"""Seconds; what Python has by itself is ten times that."""


def main(link: socket.socket) -> None:
    """Work until whoever began this process is gone; a task that fails ends it as well."""
    # A terminal sends it to all; whoever began this process ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Who sends the next task waits while the thread that takes it in waits for its turn.
    sys.setswitchinterval(_TURN)
    gc.disable()  # it ends with the work, and what it makes has hardly any cycles
    inbox: SimpleQueue[bytearray] = SimpleQueue()
    outbox: SimpleQueue[bytes] = SimpleQueue()
    outbox.put(READY)
    Thread(target=_take_in, args=(link, inbox), daemon=True).start()
    Thread(target=_give_out, args=(link, outbox), daemon=True).start()
    try:
        work(inbox, outbox)
    finally:
        os._exit(1)  # without a word: the task is done again where it is missed


def _take_in(link: socket.socket, inbox: SimpleQueue[bytearray]) -> None:
    """Take what comes, so that nobody waits for that who is waited for."""
    try:
        while True:
            inbox.put(parcels.receive(link))
    finally:
        os._exit(0)  # nobody is there any more: not even the task at hand is of use


def _give_out(link: socket.socket, outbox: SimpleQueue[bytes]) -> None:
    """Send what is done, so that the next task need not wait until it is taken."""
    try:
        while True:
            parcels.send(link, outbox.get())
    finally:
        os._exit(0)


def work(inbox: SimpleQueue[bytearray], outbox: SimpleQueue[bytes]) -> None:
    """Answer every task; raises what goes wrong.

    A message is a pair: a function that is to be used from now on, or None, and a task.
    """
    do: Callable[[Any], Any] | None = None
    while True:
        new, task = parcels.unpacked(inbox.get())
        if new is not None:
            do = new
        elif do is not None:
            outbox.put(parcels.packed(do(task)))
