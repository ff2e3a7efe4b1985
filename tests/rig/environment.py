"""The environment of every test, before Django reads its settings: loaded with `-p` (pyproject.toml)."""

import os
import tempfile
from pathlib import Path

# A folder of its own: tests must neither find nor leave anything in a demonstration's.
_folder = tempfile.TemporaryDirectory(prefix="portals-tests-")
os.environ["DATA_DIR"] = _folder.name
os.environ["STATIC_ROOT"] = f"{_folder.name}/static"
Path(os.environ["STATIC_ROOT"]).mkdir()
os.environ["DEMO"] = "0"
os.environ["SURFACE"] = "all"
os.environ["REQUIRE_MFA"] = "0"
os.environ["HOTLINE_NAME"] = "Example Hotline"
# Tests run at any time of day.
os.environ["CUT_OFF"] = ""
os.environ["SECRET_KEY"] = "for tests only, long enough and known to everybody who reads it"
# Playwright's loop runs in the thread that uses the ORM.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
if "DATABASE_URL" not in os.environ:
    from portal_site import embedded

    os.environ["DATABASE_URL"] = embedded.start(Path(_folder.name))
