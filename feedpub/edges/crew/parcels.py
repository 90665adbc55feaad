"""How values travel between the processes of one run: packed, each with its length in front."""

from __future__ import annotations

import socket
from struct import Struct

from feedpub.publish.packing import packed, unpacked

__all__ = ["packed", "receive", "send", "unpacked"]

_LENGTH = Struct(">Q")


def send(link: socket.socket, data: bytes) -> None:
    """Send a parcel. Raises `OSError` when nobody takes it."""
    link.sendall(_LENGTH.pack(len(data)) + data)  # at once: who waits for it sees all of it


def receive(link: socket.socket) -> bytearray:
    """Return the next parcel, and take nothing of what comes after it.

    Raises `EOFError` when there is no more, or `OSError`.
    """
    (length,) = _LENGTH.unpack(_whole(link, _LENGTH.size))
    return _whole(link, length)


def _whole(link: socket.socket, length: int) -> bytearray:
    data = bytearray(length)
    left = memoryview(data)
    while left:
        taken = link.recv_into(left)
        if not taken:
            raise EOFError
        left = left[taken:]
    return data
