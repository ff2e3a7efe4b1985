"""`manage.py run_intake`: the worker that takes reports in, until it is stopped."""

import signal
import sys
from argparse import ArgumentParser
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from analysts.assessment.intake.worker import IntakeWorker
from analysts.operations.process_log import log_error, log_uncaught_errors
from audit.advisory_locks import REFUSAL, do_advisory_locks_exclude

ENDING = (signal.SIGTERM, signal.SIGINT)
# How often the first process looks whether the others live.
WATCH_SECONDS = 1


class StopSignal:
    """Holds back the signals that end a process until they are asked for, so that none interrupts a report."""

    def __init__(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        self.has_come = False

    def wait(self, seconds: float) -> bool:
        """Wait for a signal for at most so long; returns whether one has come, now or before."""
        self.has_come = self.has_come or signal.sigtimedwait(ENDING, seconds) is not None
        return self.has_come


class Command(BaseCommand):
    help = (
        "Take reports in until stopped: opens envelopes and puts them into the analysts' queue. Stops after the report "
        "that it is taking in. Several processes share the work (INTAKE_PROCESSES)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--processes", type=int, default=settings.INTAKE_PROCESSES, help="instead of the setting")

    def handle(self, *args: Any, processes: int, **options: Any) -> None:
        log_uncaught_errors()
        if not do_advisory_locks_exclude(connection):
            raise CommandError(REFUSAL)
        # None of the processes may share a connection.
        connections.close_all()
        stop = StopSignal()
        if processes == 1:
            work(stop)
        else:
            work_together(stop, processes)


def work(stop: StopSignal) -> None:
    """Exits with status 1 on an error, of which type and place are logged."""
    try:
        IntakeWorker(stop.wait).run()
    except Exception as error:
        log_error(error, "intake ended")
        sys.exit(1)


def work_together(stop: StopSignal, number: int) -> None:
    """Work in several processes until one must end. Exits with status 1 if one ended unasked."""
    context = get_context("fork")
    processes = [context.Process(target=work, args=(stop,), daemon=True) for _ in range(number)]
    for process in processes:
        process.start()
    while not stop.wait(WATCH_SECONDS) and all(process.is_alive() for process in processes):
        pass
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        sys.exit(1)
