"""`manage.py` in the copy of a process that has loaded the libraries, which is half of a start.

Each copy reads the settings and the project's own modules itself, in an environment of its own.
"""

import gc
import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from tests.rig.moved_clock import move_clock

ROOT = Path(__file__).resolve().parents[2]
# None of these reads settings while it is loaded.
LIBRARIES = [
    "PIL.Image",
    "asyncio",
    "babel.messages.pofile",
    "croniter",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "django.core.management",
    "django.core.serializers.json",
    "django.db.models",
    "django.forms",
    "django.http",
    "django.template",
    "django.urls",
    "fido2.webauthn",
    "gunicorn.config",
    "jwt",
    "maxminddb",
    "procrastinate",
    "psycopg",
    "psycopg_pool",
    "pydantic",
    "segno",
    "time_machine",
]


def run_manage(
    *arguments: str, environment: Mapping[str, str], folder: Path = ROOT, seconds: int = 180
) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` with these arguments, in exactly this environment and this folder.

    Raises:
        subprocess.TimeoutExpired: it took longer than `seconds`, and was killed.
    """
    with tempfile.TemporaryDirectory(prefix="portals-manage-") as temporary:
        stdout, stderr = Path(temporary, "stdout"), Path(temporary, "stderr")
        process = start_manage(*arguments, environment=environment, folder=folder, stdout=stdout, stderr=stderr)
        process.join(seconds)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(arguments, seconds)
        assert process.exitcode is not None
        return subprocess.CompletedProcess(arguments, process.exitcode, stdout.read_text(), stderr.read_text())


def start_manage(
    *arguments: str, environment: Mapping[str, str], stdout: Path, stderr: Path, folder: Path = ROOT, hours: float = 0
) -> ForkServerProcess:
    """Start `manage.py` as `run_manage` does, its clock moved by `hours`; its output is appended to the files."""
    process = loaded_context().Process(target=_run, args=(arguments, dict(environment), folder, stdout, stderr, hours))
    process.start()
    return process


@cache
def loaded_context() -> ForkServerContext:
    """Starts processes as copies of one that has no threads and has loaded the libraries."""
    context = get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return context


def _run(
    arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path, stdout: Path, stderr: Path, hours: float
) -> None:
    for descriptor, path in ((0, Path(os.devnull)), (1, stdout), (2, stderr)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), descriptor)
    sys.stdin = open(0)  # noqa: SIM115 - open for as long as the process
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    if environment.get("PYTHONWARNINGS") == "ignore":
        warnings.simplefilter("ignore")
    if hours:
        move_clock(hours)
    # Loaded modules stay until the end.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    sys.argv = ["manage.py", *arguments]
    runpy.run_path(str(ROOT / "manage.py"), run_name="__main__")
