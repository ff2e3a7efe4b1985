"""Bare Django's form in a process of its own, to compare the cost of ours with."""

import os
import subprocess
import sys
from types import TracebackType
from typing import Self


class BareProcess:
    """Asked beside each measurement, as processors change their pace. It ends with the process that began it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.bare.in_process"]
        path = {"PATH": os.environ["PATH"]}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    def measure(self, requests: int = 100, batches: int = 5) -> float:
        """Milliseconds of processor time a request, the median of the batches."""
        if not self._process.stdin or not self._process.stdout:
            raise RuntimeError("It has no pipes.")
        print(requests, batches, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())
