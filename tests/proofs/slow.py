"""Many slow visitors: connections over TLS that have begun to send a form and go on a byte at a time.

`python -m tests.proofs.slow` is one process of them and reads what to do as JSON from its first line. It prints a
line of JSON when all are connected and, after it read any further line, how many were still open then.
"""

import json
import select
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, cast

from tests.proofs.visitor import FORM

# A web server that gives up on a body after 30 seconds without a byte must get one from each more often.
PAUSE_SECONDS = 8.0
# The announced length: the maximum, so that a server that reserved memory at once would show it.
ANNOUNCED = 500_000
CONNECT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Orders:
    """The target, the number of connections, their first address, and the certificate to trust."""

    host: str
    port: int
    path: str
    number: int
    first: int
    trusted: str


class Visitors:
    """The combined results of the processes."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]]) -> None:
        self.processes = processes
        self.connected = sum(self._told("connected"))
        self.open = 0

    def _told(self, name: str) -> Iterator[int]:
        for process in self.processes:
            line = cast(IO[str], process.stdout).readline()
            yield int(json.loads(line)[name]) if line else 0

    def end(self) -> None:
        """Close all; `open` is the number that the server had not closed by then."""
        for process in self.processes:
            with suppress(OSError):
                cast(IO[str], process.stdin).write("end\n")
                cast(IO[str], process.stdin).flush()
        self.open = sum(self._told("open"))


@contextmanager
def run_slow_visitors(
    *, host: str, port: int, path: str, number: int, processes: int, trusted: Path
) -> Iterator[Visitors]:
    """So many slow visitors, spread over processes, all connected and sending; they are gone on leaving."""
    shares = [number // processes + (place < number % processes) for place in range(processes)]
    started = []
    try:
        for place, share in enumerate(shares):
            orders = Orders(host, port, path, share, sum(shares[:place]), str(trusted))
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.proofs.slow"],
                cwd=Path(__file__).resolve().parent.parent.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.append(process)
            cast(IO[str], process.stdin).write(json.dumps(asdict(orders)) + "\n")
            cast(IO[str], process.stdin).flush()
        yield Visitors(started)
    finally:
        for process in started:
            process.kill()
            process.communicate()


def main() -> None:
    orders = Orders(**json.loads(sys.stdin.readline()))
    context = ssl.create_default_context(cafile=orders.trusted)
    beginning = (
        f"POST {orders.path} HTTP/1.1\r\nHost: {orders.host}\r\nContent-Type: {FORM}\r\n"
        f"Content-Length: {ANNOUNCED}\r\n\r\naddresses="
    ).encode()
    connections = []
    # Connected ones must stay open while the others still connect.
    fed = time.monotonic()
    for number in range(orders.number):
        with suppress(OSError):
            connections.append(_open_connection(orders, orders.first + number, context, beginning))
        if time.monotonic() - fed > PAUSE_SECONDS:
            connections, fed = _feed_connections(connections), time.monotonic()
    _print_fact(connected=len(connections))
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        connections = _feed_connections(connections)
    # The first byte sent to a closed connection causes no error.
    connections = _feed_connections(connections)
    time.sleep(1)
    _print_fact(open=len(_feed_connections(connections)))


def _open_connection(orders: Orders, number: int, context: ssl.SSLContext, beginning: bytes) -> ssl.SSLSocket:
    """Connect from an address of its own, so that ports do not run out."""
    peer = f"127.{16 + number // 62500}.{number // 250 % 250 + 1}.{number % 250 + 1}"
    raw = socket.create_connection(("127.0.0.1", orders.port), CONNECT_SECONDS, source_address=(peer, 0))
    connection = context.wrap_socket(raw, server_hostname=orders.host)
    connection.sendall(beginning)
    return connection


def _feed_connections(connections: list[ssl.SSLSocket]) -> list[ssl.SSLSocket]:
    """Send one byte more on each; returns those that are still open."""
    still_open = []
    for connection in connections:
        try:
            connection.sendall(b"x")
        except OSError:
            connection.close()
        else:
            still_open.append(connection)
    return still_open


def _print_fact(**fact: object) -> None:
    print(json.dumps(fact), flush=True)


if __name__ == "__main__":
    main()
