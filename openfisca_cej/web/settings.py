"""The settings of gunicorn: ``gunicorn -c python:openfisca_cej.web.settings …:application``."""

#: Many connections wait on few threads; who is too slow is let go.
worker_class = "openfisca_cej.web.worker.Worker"
threads = 4

#: The law is loaded once, and shared.
preload_app = True

#: Seconds for a worker to show that it is alive, and to finish when it is stopped.
timeout, graceful_timeout = 60, 30

#: The page holds a case in its address: the longest that gunicorn takes. Headers are few.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

#: No access log: addresses may hold amounts and the names of persons.
accesslog = None
loglevel = "warning"
