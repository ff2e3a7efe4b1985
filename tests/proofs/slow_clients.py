"""A crowd that sends its forms a byte at a time must not make an ordinary reporter wait."""

import math
import os
import resource
import signal
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

from tests.proofs import certificates, slow
from tests.proofs.covered_code import PUBLIC_SURFACE
from tests.proofs.result import Figure, NotPossibleHere, at_least, at_most, equal_to, plain_figure
from tests.proofs.stack import HOSTS, NO_WAITING, Stack
from tests.proofs.visitor import FORM, HttpVisitor

SHOWS = "Thousands of bodies that arrive a byte at a time over TLS hold up no ordinary reporter and write nothing."
PROMISES = (1, 7)
COVERS = PUBLIC_SURFACE

PATH = "/bz/en/report/"
PROCESSES = 4
# Beside the connections of the flood: ordinary ones, those to the application, files.
SPARE_FILES = 1000
# Kilobytes that the web server may use for one slow visitor: TLS, the request, and the part of the body received.
MOST_KILOBYTES_EACH = 128
MOST_STRAIGHT = 400
PIECES = 8


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    number, ordinary, pause = (10_000, 200, 2.0) if full else (500, 20, 0.3)
    _allow_files(number + SPARE_FILES)
    with Stack(folder, environment=NO_WAITING).running(["public"], worker=False) as stack:
        before = _send_ordinary_reports(stack, ordinary)
        yield _receipts_figure("ordinary reports taken before", before, ordinary)
        yield plain_figure("form, median and 99th centile before", _median_and_p99(before, 0), "ms")
        yield plain_figure("report, median and 99th centile before", _median_and_p99(before, 1), "ms")
        empty = _memory_kilobytes(stack)
        with slow.run_slow_visitors(
            host=HOSTS["public"],
            port=stack.ports["public"],
            path=PATH,
            number=number,
            processes=PROCESSES,
            trusted=certificates.authority_path(folder / "tls"),
        ) as visitors:
            yield equal_to(
                "slow bodies under way over TLS, each from an address of its own", visitors.connected, number
            )
            yield equal_to("requests that the application has in hand because of them", _in_hand(stack), 0)
            with ThreadPoolExecutor(PIECES) as pool:
                honest = [
                    pool.submit(_slow_report, stack.visitor(peer=f"127.9.1.{n + 1}"), pause) for n in range(PIECES)
                ]
                during = _send_ordinary_reports(stack, ordinary)
                receipts = sum(bool(report.result()) for report in honest)
            yield _receipts_figure("ordinary reports taken beside them", during, ordinary)
            yield plain_figure("form, median and 99th centile beside them", _median_and_p99(during, 0), "ms")
            yield plain_figure("report, median and 99th centile beside them", _median_and_p99(during, 1), "ms")
            yield equal_to("slow reporters who came to their end and got a receipt", receipts, PIECES)
            yield at_most(
                "memory of the web server for each",
                (_memory_kilobytes(stack) - empty) / number,
                MOST_KILOBYTES_EACH,
                "kB",
            )
            yield plain_figure("memory of the web server with all of them", _memory_kilobytes(stack) / 1024, "MB (PSS)")
            yield equal_to("files that the web server wrote", _count_server_files(stack), 0)
            visitors.end()
            yield equal_to("of them not cut off by the end", visitors.open, number)
        yield from _control_figures(stack)


def _allow_files(needed: int) -> None:
    """Let this process, and those it starts, have so many files open."""
    if not Path("/proc/net/unix").exists():
        raise NotPossibleHere("Linux shows how many requests a server has in hand; this system does not.")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise NotPossibleHere(f"A process may open {hard} files here, and {needed} are needed (ulimit -Hn).")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _send_ordinary_reports(stack: Stack, number: int) -> list[tuple[float, float, str]]:
    """Reports one after the other, from two visitors at a time: milliseconds for form and report, the receipt."""

    def report(place: int) -> tuple[float, float, str]:
        with ExitStack() as closing:
            visitor = stack.visitor(peer=f"127.9.0.{place % 250 + 1}")
            closing.callback(visitor.close)
            began = time.perf_counter()
            token = visitor.get(PATH).field("token")
            had_form = time.perf_counter()
            page = visitor.post(PATH, {"token": token, "addresses": f"https://example.org/ordinary/{place}"})
            ended = time.perf_counter()
            return (had_form - began) * 1000, (ended - had_form) * 1000, page.receipt

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(report, range(number)))


def _receipts_figure(name: str, reports: list[tuple[float, float, str]], sent: int) -> Figure:
    return equal_to(name, sum(bool(receipt) for _, _, receipt in reports), sent)


def _median_and_p99(reports: list[tuple[float, float, str]], part: int) -> str:
    times = sorted(float(report[part]) for report in reports)
    return f"{statistics.median(times):.1f} and {times[math.ceil(0.99 * len(times)) - 1]:.1f}"


def _slow_report(visitor: HttpVisitor, pause: float) -> str:
    """A report whose body comes in PIECES with a pause before each: the receipt."""
    token = visitor.get(PATH).field("token")
    body = urlencode({"token": token, "addresses": "https://example.org/slow"}).encode()
    size = len(body) // PIECES + 1
    with visitor.socket() as connection:
        connection.sendall(_request_head(visitor.host, len(body)))
        for start in range(0, len(body), size):
            time.sleep(pause)
            connection.sendall(body[start : start + size])
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return 'id="receipt"' if b'id="receipt"' in answer else ""


def _request_head(host: str, length: int) -> bytes:
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {FORM}\r\nContent-Length: {length}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()


def _in_hand(stack: Stack) -> int:
    """Connections at the application's socket: each one holds a thread or waits for one."""
    place = str(stack.folder / "run" / "public.sock")
    lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
    # State 03: connected. Only the application's end of such a pair carries the path.
    return sum(len(line) == 8 and line[7] == place and line[5] == "03" for line in lines)


def _nginx_processes(stack: Stack) -> list[int]:
    main = stack.processes["nginx"].pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [main, *map(int, children)]


def _memory_kilobytes(stack: Stack) -> int:
    """Memory of the web server's processes in kilobytes, shared pages counted once."""
    total = 0
    for pid in _nginx_processes(stack):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def _count_server_files(stack: Stack) -> int:
    """Files in the web server's folders, and files there that it has open although they are removed."""
    place = stack.folder / "run" / "nginx"
    found = [path for path in place.rglob("*") if path.is_file()]
    for pid in _nginx_processes(stack):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            target = entry.readlink()
            found += [target] if target.is_relative_to(place) else []
    return len(set(found))


def _control_figures(stack: Stack) -> Iterator[Figure]:
    """The same without what is shipped: bodies straight at the application, and a buffer smaller than a body."""
    visitor = stack.visitor()
    with ExitStack() as open_:
        straight = 0
        # Workers get them at random: so many that the last of them has no free thread either.
        while straight <= MOST_STRAIGHT and _is_answered(visitor, 3):
            for _ in range(40):
                open_.enter_context(_connect_past_nginx(stack))
            straight += 40
            time.sleep(0.5)
        yield at_most(
            "control: slow bodies straight at the application until it stops answering", straight, MOST_STRAIGHT
        )
        yield at_least("control: requests it has in hand then", _in_hand(stack), 16)
    yield equal_to("ordinary forms answered after those", _wait_until(lambda: _is_answered(visitor, 3), 1), 1)

    settings = stack.folder / "nginx" / "nginx.conf"
    shipped = settings.read_text()
    settings.write_text(shipped.replace("client_body_buffer_size 520k;", "client_body_buffer_size 8k;"))
    os.kill(stack.processes["nginx"].pid, signal.SIGHUP)
    time.sleep(1)
    with visitor.socket() as connection:
        connection.sendall(_request_head(visitor.host, slow.ANNOUNCED) + b"addresses=" + b"x" * 100_000)
        yield at_least(
            "control: files written with a small buffer", _wait_until(lambda: _count_server_files(stack), 1), 1
        )


def _connect_past_nginx(stack: Stack) -> socket.socket:
    """A body in transit to the application, past the web server."""
    straight = socket.socket(socket.AF_UNIX)
    straight.connect(str(stack.folder / "run" / "public.sock"))
    head = _request_head(HOSTS["public"], slow.ANNOUNCED)
    straight.sendall(head.replace(b"\r\n\r\n", b"\r\nX-Forwarded-Proto: https\r\n\r\n"))
    return straight


def _is_answered(visitor: HttpVisitor, seconds: float) -> int:
    with visitor.socket() as connection:
        connection.settimeout(seconds)
        try:
            connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {visitor.host}\r\nConnection: close\r\n\r\n".encode())
            return int(connection.recv(65536).startswith(b"HTTP/1.1 200"))
        except TimeoutError:
            return 0


def _wait_until(measure: Callable[[], int], wanted: int) -> int:
    """The measured value once it reaches the wanted one, or after ten seconds."""
    end = time.monotonic() + 10
    while (value := measure()) < wanted and time.monotonic() < end:
        time.sleep(0.2)
    return value
