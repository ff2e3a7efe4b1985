"""Concurrent clients: connections that send a request as soon as the last one is answered, or requests at their times.

In one thread and without a library, so that on a machine that also serves, requests take next to no time. Counts are
exact: at the end no further request is sent, and every outstanding answer is awaited.
"""

import gc
import selectors
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter
from typing import cast
from urllib.parse import urlencode

TIMEOUT_SECONDS = 60
# Encodings that a current browser accepts.
BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br, zstd", "Accept-Language": "en"}

type Connect = Callable[[], socket.socket]


@dataclass(slots=True)
class Answers:
    """All answers. Times in seconds; `size` is that of the last answer, headers included."""

    seconds: float = 0
    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    size: int = 0
    last: bytes = b""

    @property
    def count(self) -> int:
        return self.statuses.total()

    @property
    def a_second(self) -> float:
        return self.count / self.seconds

    def milliseconds(self, percent: int) -> float:
        return quantiles(self.waits, n=100)[percent - 1] * 1000


def build_request(method: str, path: str, headers: Mapping[str, str], fields: Mapping[str, str] | None = None) -> bytes:
    """One request as bytes."""
    body = urlencode(fields).encode() if fields is not None else b""
    lines = {**BROWSER, **headers}
    if fields is not None:
        lines |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def send_requests(connect: Connect, requests: Iterable[bytes], *, connections: int, seconds: float) -> Answers:
    """Send `requests` for `seconds`, each of them once. Raises RuntimeError where there are too few."""
    answers = Answers()
    waiting = iter(requests)
    gc.collect()
    gc.disable()
    try:
        with selectors.DefaultSelector() as selector:
            for _ in range(connections):
                selector.register(connect(), selectors.EVENT_READ, _Visitor())
            _run_connections(selector, connect, waiting, answers, seconds)
            for key in list(selector.get_map().values()):
                _socket_of(key).close()
    finally:
        gc.enable()
    return answers


def send_when_due(connect: Connect, due: Sequence[tuple[float, bytes]]) -> Answers:
    """Send each request at its second, over a connection of its own, however slow the answers are.

    A wait is from the moment at which the request was due. `due` is in order.
    """
    answers = Answers()
    start, sent = perf_counter(), 0
    with selectors.DefaultSelector() as selector:
        while sent < len(due) or selector.get_map():
            while sent < len(due) and start + due[sent][0] <= perf_counter():
                key = selector.register(connect(), selectors.EVENT_READ, _Visitor(sent=start + due[sent][0]))
                _socket_of(key).sendall(due[sent][1])
                sent += 1
            pause = max(0.0, start + due[sent][0] - perf_counter()) if sent < len(due) else TIMEOUT_SECONDS
            ready = selector.select(pause)
            if not ready and sent == len(due):
                raise RuntimeError(f"Requests were not answered within {TIMEOUT_SECONDS} s.")
            for key, _ in ready:
                if _read_answer(key, answers):
                    selector.unregister(key.fileobj)
                    _socket_of(key).close()
    answers.seconds = perf_counter() - start
    return answers


@dataclass(slots=True)
class _Visitor:
    """One connection: when its request was sent, what has come of the answer so far, and whether it is the last one."""

    sent: float = 0.0
    received: bytes = b""
    closed: bool = False


def _run_connections(
    selector: selectors.BaseSelector, connect: Connect, waiting: Iterator[bytes], answers: Answers, seconds: float
) -> None:
    start = perf_counter()
    end = start + seconds
    due = 0
    for key in list(selector.get_map().values()):
        _send_next(key, waiting)
        due += 1
    while due:
        ready = selector.select(TIMEOUT_SECONDS)
        if not ready:
            raise RuntimeError(f"{due} requests were not answered within {TIMEOUT_SECONDS} s.")
        for key, _ in ready:
            if not _read_answer(key, answers):
                continue
            due -= 1
            more = perf_counter() < end
            if key.data.closed:
                selector.unregister(key.fileobj)
                _socket_of(key).close()
                if more:
                    key = selector.register(connect(), selectors.EVENT_READ, _Visitor())
            if more:
                _send_next(key, waiting)
                due += 1
    answers.seconds = perf_counter() - start


def _socket_of(key: selectors.SelectorKey) -> socket.socket:
    """The socket of a selector key; no other type of object is registered here."""
    return cast(socket.socket, key.fileobj)


def _send_next(key: selectors.SelectorKey, waiting: Iterator[bytes]) -> None:
    message = next(waiting, None)
    if message is None:
        raise RuntimeError("There were too few requests for so fast a server: prepare more.")
    key.data.sent = perf_counter()
    # Smaller than any socket's buffer.
    _socket_of(key).sendall(message)


def _read_answer(key: selectors.SelectorKey, answers: Answers) -> bool:
    """Read the available bytes; returns whether that completed the answer."""
    visitor: _Visitor = key.data
    connection = _socket_of(key)
    while True:
        try:
            piece = connection.recv(65536)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        if not piece:
            raise RuntimeError("A connection was closed before its answer was complete.")
        visitor.received += piece
        size = _answer_size(visitor.received)
        if size and len(visitor.received) >= size:
            break
    answers.waits.append(perf_counter() - visitor.sent)
    answers.statuses[int(visitor.received[9:12])] += 1
    answers.size, answers.last = size, visitor.received
    visitor.closed = b"\r\nconnection: close\r\n" in visitor.received.lower()
    visitor.received = b""
    return True


def _answer_size(received: bytes) -> int:
    """Bytes of the whole answer, or 0 while its headers are incomplete."""
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return 0
    at = received.lower().find(b"\r\ncontent-length:", 0, head)
    if at < 0:
        raise RuntimeError("An answer does not say how long it is.")
    return head + 4 + int(received[at + 17 : received.index(b"\r\n", at + 2)])


def connector_to(address: str | tuple[str, int], tls: ssl.SSLContext | None = None, host: str = "") -> Connect:
    """A function that connects to a Unix socket's path, or to a host and port, with TLS if a context is given."""

    def connect() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(address)
        if tls:
            connection = tls.wrap_socket(connection, server_hostname=host)
        connection.setblocking(False)
        return connection

    return connect
