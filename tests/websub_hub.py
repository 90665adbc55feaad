"""A hub of others (Flask-WebSub) with one subscriber, as a program: tests run it beside the service.

It prints what happens, a JSON object a line: its port, and each document that the subscriber is sent.
It takes feeds.example.org for this machine, which is all that it ever asks for anything. The library
gives its tasks to Celery; here one thread does them, in their order.
"""

from __future__ import annotations

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from flask import Flask, request
from flask_websub.hub import Hub, SQLite3HubStorage
from werkzeug.serving import make_server

_look_up = socket.getaddrinfo


def _here(host: Any, *rest: Any, **more: Any) -> Any:
    return _look_up("127.0.0.1" if host == "feeds.example.org" else host, *rest, **more)


class InOrder:
    """What Celery is to the library: what makes tasks of functions."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)

    def task(self, *, bind: bool = False, **_: Any) -> Any:
        def made(function: Any) -> Any:
            function.delay = partial(self._thread.submit, function, *([None] * bind))
            return function

        return made


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def main(storage: str) -> None:
    socket.getaddrinfo = _here
    app = Flask(__name__)
    app.config["PUBLISH_SUPPORTED"] = True
    hub = Hub(SQLite3HubStorage(storage), InOrder(), REQUEST_TIMEOUT=30)
    app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))

    @app.route("/callback", methods=["GET", "POST"])
    def callback() -> str:
        if request.method == "GET":
            return request.args["hub.challenge"]
        tell(document=request.get_data(as_text=True), links=request.headers.get("Link"))
        return ""

    server = make_server("127.0.0.1", 0, app, threaded=True)
    tell(port=server.port)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
