"""The settings of gunicorn: ``gunicorn -c python:openfisca_cej.web.settings …:application``."""

import os
from typing import Any

#: One thread that reads and answers; what is costly is computed in processes of its own.
worker_class = "openfisca_cej.web.worker.Worker"

#: The law is loaded once, and shared.
preload_app = True

#: Seconds for a worker to show that it is alive, and to finish when it is stopped.
timeout, graceful_timeout = 60, 30

#: The page holds a case in its address: the longest that gunicorn takes. Headers are few.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

#: Where workers show that they are alive: a file in memory where there is one.
worker_tmp_dir = os.environ.get("OPENFISCA_CEJ_TMP") or next(
    (folder for folder in ("/dev/shm",) if os.access(folder, os.W_OK)), None
)


def when_ready(server: Any) -> None:
    """Load what requests need before there are workers: they share it, and start at once."""
    from openfisca_cej.web.warm import warm

    warm(server.app.wsgi())


#: No access log: addresses may hold amounts and the names of persons.
accesslog = None
loglevel = "warning"
