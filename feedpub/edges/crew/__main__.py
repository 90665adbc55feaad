"""The process of one worker, whose socket is the argument: see `feedpub.edges.crew.worker`."""

import socket
import sys

from feedpub.edges.crew.worker import main

main(socket.socket(fileno=int(sys.argv[1])))
