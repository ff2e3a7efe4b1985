"""`manage.py procrastinate`: procrastinate's own command, with a worker whose log holds no text of an error.

procrastinate prints the texts of the errors that end a worker, and Python those of errors that nothing catches. They
may hold the arguments of a job, a statement's values or the settings of the connection.

A worker of all queues is two in one process: whole files are written and read beside all other jobs, which a million
rows would hold up for minutes.
"""

import argparse
import asyncio
import sys
from typing import Any

from procrastinate import App, cli
from procrastinate.contrib.django import app, django_connector
from procrastinate.contrib.django.management.commands import procrastinate
from procrastinate.utils import causes

from analysts.exports.actions import QUEUE as FILES
from analysts.operations.jobs import note_outcome
from analysts.operations.process_log import log_error, log_uncaught_errors

# procrastinate's queue for tasks that name none, and that of its own tasks.
OTHERS = ["default", "builtin"]


class Command(procrastinate.Command):
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        # Before procrastinate adds its own.
        self.options_of_django = vars(parser.parse_args([])).keys()
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("func") is not cli.worker_:
            super().handle(*args, **options)
            return
        log_uncaught_errors()
        options_in_use = {
            name: value for name, value in options.items() if name not in {*self.options_of_django, "command", "func"}
        }
        connector = app.connector
        if isinstance(connector, django_connector.DjangoConnector):
            connector = connector.get_worker_connector()
        with app.replace_connector(connector):
            asyncio.run(run_worker(app, **options_in_use))


async def run_worker(app: App, **options: Any) -> None:
    """Run until it is stopped. Exits with status 1 on an error, of which type and place are logged."""
    try:
        async with app.open_async():
            # procrastinate's own closes broken connections around each job: outermost, so that the note has a good one.
            middleware = [*app.worker_defaults.get("task_middleware", []), note_outcome]
            await run_queues(app, task_middleware=middleware, **options)
    except Exception as error:
        for cause in causes(error):
            log_error(cause, "the worker ended")
        sys.exit(1)


async def run_queues(app: App, **options: Any) -> None:
    """Run the queues that were asked for; without, all, with a slot of its own for files. Both end with the first."""
    if options.get("queues"):
        await cli.worker_(app=app, **options)
        return
    workers = [
        asyncio.create_task(cli.worker_(app=app, **{**options, "queues": OTHERS})),
        # One of them hears of signals.
        asyncio.create_task(cli.worker_(app=app, **{**options, "queues": [FILES], "install_signal_handlers": False})),
    ]
    lasts = options.get("wait", True)
    await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED if lasts else asyncio.ALL_COMPLETED)
    for worker in workers:
        worker.cancel()
    for outcome in await asyncio.gather(*workers, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
