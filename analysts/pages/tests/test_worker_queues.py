"""The worker's queues: a file of a million rows holds up no notice."""

import threading
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from procrastinate import testing
from procrastinate.contrib.django import app

from analysts.exports.actions import QUEUE as FILES
from analysts.exports.actions import WRITE_TASK
from analysts.management.commands.procrastinate import OTHERS
from analysts.pages import tasks as registered_tasks
from analysts.pages.tests.test_worker_log import run_apart

PATIENCE_SECONDS = 20
SLOW, QUICK = "tests.slow_file", "tests.quick_job"


@pytest.fixture
def _tasks() -> Iterator[None]:
    """Two tasks of this test: a file that is ready only when the other job has run, and that job."""
    ran = threading.Event()

    @app.task(name=SLOW, queue=FILES)
    def write_file() -> None:
        if not ran.wait(PATIENCE_SECONDS):
            raise TimeoutError

    @app.task(name=QUICK)
    def run_quickly() -> None:
        ran.set()

    yield
    del app.tasks[SLOW], app.tasks[QUICK]


@pytest.mark.usefixtures("_tasks")
def test_job_does_not_wait_for_a_file() -> None:
    connector = testing.InMemoryConnector()

    def defer_and_work() -> None:
        for name in (SLOW, QUICK):
            app.tasks[name].defer()
        call_command("procrastinate", "worker", "--one-shot", "--no-listen-notify")

    with app.replace_connector(connector):
        run_apart(defer_and_work)
    statuses = {job["task_name"]: job["status"] for job in connector.jobs.values()}
    assert (statuses[SLOW], statuses[QUICK]) == ("succeeded", "succeeded")


def test_files_are_in_their_queue_and_the_worker_reads_all_queues() -> None:
    assert registered_tasks.write_export
    tasks = app.tasks.values()
    assert {task.name for task in tasks if task.queue == FILES} == {WRITE_TASK, "analysts.pages.tasks.work_on_history"}
    assert {task.queue for task in tasks} == {FILES, *OTHERS}
