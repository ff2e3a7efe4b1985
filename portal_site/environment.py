"""Defaults of the environment variables for a developer's machine: enough to run without setting any.

Where DATABASE_URL is set, only the demo uses them; in production, settings raise an error for each missing
variable.
"""

import os
import secrets
import tempfile
from pathlib import Path

from portal_site.database import embedded

PROJECT = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """DATA_DIR, relative to the current folder, or `.data`: all generated files."""
    return Path(os.environ.get("DATA_DIR") or PROJECT / ".data").resolve()


def names_database() -> bool:
    return bool(os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"))


def complete_environment(*, server: bool = True) -> None:
    """Set DATA_DIR, SECRET_KEY and DATABASE_URL (of an embedded server, started or joined), where not set.

    Child processes inherit all three and so use the same server. Without `server` none is started, and the database
    that is named does not exist: for commands that read no row. Raises EmbeddedServerError.
    """
    folder = data_dir()
    os.environ["DATA_DIR"] = str(folder)
    if not (os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE")):
        os.environ["SECRET_KEY"] = _secret_key(folder)
    if not names_database():
        os.environ["DATABASE_URL"] = embedded.acquire_server(folder) if server else "postgres:///unused"


def _secret_key(folder: Path) -> str:
    """The folder's own key, made once, so that forms and sessions of the demo survive its restart."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "secret-key"
    if not path.exists():
        # Written aside and linked into place: if two first starts race, one wins and both read the same key.
        descriptor, name = tempfile.mkstemp(dir=folder, prefix="secret-key.")
        with os.fdopen(descriptor, "w") as new:
            new.write(secrets.token_urlsafe(60))
        try:
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return path.read_text()
