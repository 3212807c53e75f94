"""gunicorn for each service's API. One worker with threads: scale by replicas, not by forks. Nothing opens before the fork.

Its address and port, the number of threads and the deadlines are settings of the service: docs/operations.md.
"""

import os

from shared.web.draining import drain_on_sigterm

workers = 1
worker_class = "shared.web.worker.Worker"
asgi_lifespan = "off"
preload_app = False
timeout = 30
graceful_timeout = 6
keepalive = 15
accesslog = None  # requests are logged by the app, by route and without personal data
errorlog = "-"
loglevel = "warning"
control_socket_disable = True


def when_ready(_server: object) -> None:
    drain_on_sigterm(float(os.environ.get("DRAIN_SECONDS", "2")))
