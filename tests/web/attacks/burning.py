"""A service with addresses that burn, eat, sleep and grow: ``python burning.py PORT WORKERS``."""

import os
import signal
import sys
import time

from flask import Flask, request

from openfisca_cej.web import lanes
from openfisca_cej.web.server import Server

kept: list[bytearray] = []


def install(app: Flask) -> None:
    """Add the addresses. A POST is computed aside, a GET by the worker."""

    @app.route("/burn", methods=["GET", "POST"])
    def burn() -> str:
        end = time.process_time() + request.args.get("seconds", 60, float)
        while time.process_time() < end:
            pass
        return str(os.getpid())

    @app.post("/eat")
    def eat() -> str:
        return str(sum(bytearray(request.args.get("bytes", type=int))))

    @app.post("/sleep")
    def sleep() -> str:
        time.sleep(request.args.get("seconds", type=float))
        return str(os.getppid())

    @app.get("/grow")
    def grow() -> str:
        kept.append(bytearray(b"x" * 200_000_000))
        return str(os.getpid())

    @app.get("/who")
    def who() -> str:
        return str(os.getpid())

    @app.post("/killed")
    def killed() -> None:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    lanes.ASIDE = lanes.Lane("aside", at_once=2, waiting=2, niceness=2)
    server = Server(None, f"127.0.0.1:{sys.argv[1]}", int(sys.argv[2]))
    install(server.flask)
    server.run()
