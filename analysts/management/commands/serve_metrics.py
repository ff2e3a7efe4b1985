"""`manage.py serve_metrics`: Prometheus text over a Unix socket, or on a port of the loopback interface."""

import socket
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from prometheus_client import CollectorRegistry, make_wsgi_app

from analysts.operations.metrics import OperationsCollector


class QuietHandler(WSGIRequestHandler):
    """Logs nothing, and needs no client address: a Unix socket has none."""

    def address_string(self) -> str:
        return "local"

    def log_message(self, format: str, *args: Any) -> None:
        """No access log."""


class SocketServer(WSGIServer):
    """A WSGI server on a Unix socket. `server_address` is its path."""

    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        self.socket.bind(str(self.server_address))
        Path(str(self.server_address)).chmod(0o660)
        self.server_name, self.server_port = "local", 0
        self.setup_environ()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, _address = self.socket.accept()
        return connection, ("local", 0)


class Command(BaseCommand):
    help = "Serve the metrics of docs/guides/operations.md until stopped. The port is on 127.0.0.1 only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--socket", type=Path, help="path of the Unix socket; its folder decides who may read")
        where.add_argument("--port", type=int, help="port on 127.0.0.1")

    def handle(self, *args: Any, **options: Any) -> None:
        registry = CollectorRegistry()
        registry.register(OperationsCollector())
        with build_server(options["socket"], options["port"]) as server:
            server.set_app(build_application(registry))
            server.serve_forever()


def build_application(registry: CollectorRegistry) -> WSGIApplication:
    """The metrics; a connection that the database has ended is replaced first."""
    metrics: WSGIApplication = make_wsgi_app(registry)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        close_old_connections()
        return metrics(environ, start_response)

    return application


def build_server(path: Path | None, port: int | None) -> WSGIServer:
    """A bound server. A socket left by an earlier process is replaced. Raises OSError if the port is taken."""
    if path is None:
        return WSGIServer(("127.0.0.1", port or 0), QuietHandler)
    path.unlink(missing_ok=True)
    return SocketServer(str(path), QuietHandler)  # type: ignore[arg-type] # a path, where an address is expected
