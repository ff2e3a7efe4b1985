"""gunicorn for both surfaces, wherever they run: systemd, the containers, the demo and the proofs.

Where to listen is the caller's (`--bind`, or a socket that systemd hands over); more workers: WEB_CONCURRENCY.
"""

import os
from pathlib import Path

# systemd names the process for which its socket is. In a process namespace (PrivatePIDs=) that process has another
# number; unless the two agree, gunicorn takes the socket for its own and fails to remove it instead of ending requests.
if "LISTEN_FDS" in os.environ:
    os.environ["LISTEN_PID"] = str(os.getpid())

wsgi_app = "portal_site.wsgi"
# Threads wait for the database while another one seals. Slow visitors wait in the web server in front.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
# Loaded once and then forked: less memory, and the first page comes a second sooner.
preload_app = True
timeout = 60
graceful_timeout = 20

# Nothing on disk: the heartbeat in memory, no access log, no socket for control in a home folder.
MEMORY = Path("/dev/shm")  # noqa: S108 - a place in memory
if MEMORY.is_dir():
    worker_tmp_dir = str(MEMORY)
accesslog = None
control_socket_disable = True
loglevel = "warning"
# The stock logger writes `Invalid request from ip=...`.
logger_class = "portal_site.logging.GunicornLogger"
