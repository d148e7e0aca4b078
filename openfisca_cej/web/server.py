"""The server: gunicorn, the law loaded once and shared by the workers."""

import gc
from collections.abc import Sequence
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.web.app import create_app

#: Threads of a worker: a slow client does not hold the others up.
THREADS = 4

#: Seconds for a worker to answer before it is started again, and to finish when stopped.
TIMEOUT, GRACE = 60, 30


def reformed(reforms: Sequence[str]) -> TaxBenefitSystem | None:
    """The law with reforms, given as dotted paths; None without. Raises ValueError."""
    if not reforms:
        return None
    from openfisca_cej.explain.tree import model

    system = model()
    for path in reforms:
        try:
            system = system.apply_reform(path)
        except (ImportError, AttributeError, TypeError, ValueError):
            raise ValueError(
                f"--reforms: « {path} » is not a reform: give the dotted path of a class of "
                "reforms that Python can import"
            ) from None
    return system


class Server(BaseApplication):
    """The application behind gunicorn; it answers until it is told to stop."""

    def __init__(self, system: TaxBenefitSystem | None, bind: str, workers: int) -> None:
        self.system = system
        self.options: dict[str, Any] = {
            "bind": bind,
            "workers": workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": TIMEOUT,
            "graceful_timeout": GRACE,
            "preload_app": True,
            # No access log: addresses may hold the names of persons.
            "accesslog": None,
            "loglevel": "warning",
        }
        self.flask: Flask = create_app(system)
        # What is loaded by now is never collected: workers share its memory.
        gc.collect()
        gc.freeze()
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        for key, value in self.options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """The application."""
        return self.flask
