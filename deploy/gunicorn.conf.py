"""gunicorn for each service's API. One worker with threads: scale by replicas, not by forks. Nothing opens before the fork."""

import os

bind = f"{os.environ.get('BIND', '0.0.0.0')}:{os.environ['PORT']}"  # noqa: S104 - in a container; the embedded stack sets BIND
workers = 1
worker_class = "gthread"
threads = int(os.environ.get("THREADS", "8"))
preload_app = False
timeout = 30
graceful_timeout = 8
keepalive = 15
accesslog = None  # requests are logged by the app, by route and without personal data
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
