"""The environment of every test, before Django reads its settings: loaded with `-p` (pyproject.toml).

Where several processes share the tests (`-n`), each has a folder and a server of its own.
"""

import gc
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.rig import data_folders

# Where a process only hands out tests, and for its children, who inherit it: no database was named.
NO_DATABASE = "postgres:///unused"
# A folder of its own: tests must neither find nor leave anything in a demonstration's.
_folder = tempfile.TemporaryDirectory(prefix="portals-tests-")
os.environ["DATA_DIR"] = _folder.name
os.environ["STATIC_ROOT"] = f"{_folder.name}/static"
Path(os.environ["STATIC_ROOT"]).mkdir()
os.environ["DEMO"] = "0"
os.environ["SURFACE"] = "all"
os.environ["REQUIRE_MFA"] = "0"
os.environ["HOTLINE_NAME"] = "Example Hotline"
# Tests that stop the database do not wait for it.
os.environ["CONNECTION_WAIT_SECONDS"] = "0"
# Tests run at any time of day.
os.environ["CUT_OFF"] = ""
os.environ["SECRET_KEY"] = "for tests only, long enough and known to everybody who reads it"
# Playwright's loop runs in the thread that uses the ORM.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# The search for garbage takes a sixth of collecting the tests, and a twentieth of running them: less often.
gc.set_threshold(50_000, 20, 50)
# Files of this process and its server need not survive a power cut. Processes that tests start, and the servers of
# installations and proofs, wait for the disk as everywhere.
os.fsync = lambda fd: None
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
# Statements that are prepared are planned once (tests/rig/kept_statements.py).
PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Start a server where no DATABASE_URL is given and this process runs tests; before Django's plugin wants it."""
    data_folders.folder_of_run()
    if os.environ.get("DATABASE_URL", NO_DATABASE) == NO_DATABASE:
        os.environ["DATABASE_URL"] = NO_DATABASE if _hands_out(early_config) else _start_own_server()
    return (yield)


def _start_own_server() -> str:
    return data_folders.start_migrated_server(Path(_folder.name), NOT_DURABLE | PLANNED_ONCE)


def pytest_collection_finish() -> None:
    """Leave what is loaded by now out of the search for garbage."""
    gc.collect()
    gc.freeze()


def _hands_out(config: pytest.Config) -> bool:
    """Does this process leave the tests to others?"""
    options = config.known_args_namespace
    return "PYTEST_XDIST_WORKER" not in os.environ and bool(getattr(options, "numprocesses", None))
