"""Nothing that could connect: what the public surface, intake and the worker may import, by an allow-list, and the few
places that open a connection. The system calls of all are recorded by the privacy proof.
"""

import ast
import builtins
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

from tests.rig.python_files import APPS, ROOT, name_of, python_files

# Where each process begins; everything that they import, also inside functions, is followed.
PUBLIC = (
    "countries.apps",
    "countries.public.context_processors",
    "portal_site.logging",
    "portal_site.middleware",
    "portal_site.postgresql.base",
    "portal_site.settings",
    "portal_site.urls_public",
    "portal_site.wsgi",
    "reports.addresses.apps",
    "reports.apps",
)
INTAKE = ("analysts.management.commands.run_intake", "portal_site.logging", "portal_site.settings")
WORKER = ("analysts.management.commands.procrastinate", *settings.PROCRASTINATE_IMPORT_PATHS)

# Neither opens a connection nor asks a name server, nor starts a program that could.
HARMLESS = {
    *(
        "argparse",
        "array",
        "base64",
        "binascii",
        "calendar",
        "collections",
        "collections.abc",
        "contextlib",
        "contextvars",
        "csv",
    ),
    *(
        "dataclasses",
        "datetime",
        "email.message",
        "email.policy",
        "email.utils",
        "enum",
        "fcntl",
        "fractions",
        "functools",
        "gettext",
        "hashlib",
        "hmac",
        "html",
    ),
    *(
        "importlib.resources",
        "io",
        "ipaddress",
        "itertools",
        "json",
        "logging",
        "math",
        "operator",
        "os",
        "pathlib",
        "re",
        "secrets",
    ),
    "select",
    "signal",
    *(
        "stat",
        "statistics",
        "struct",
        "sys",
        "threading",
        "time",
        "tomllib",
        "traceback",
        "types",
        "typing",
        "unicodedata",
    ),
    *("gc", "urllib.parse", "uuid", "warnings", "xml.sax.saxutils", "zipfile", "zlib", "zoneinfo"),
    *("babel", "babel.core", "babel.dates", "babel.languages", "babel.numbers", "babel.plural", "babel.units"),
    *("babel.messages.catalog", "babel.messages.plurals", "babel.messages.pofile"),
    *("can_ada", "publicsuffixlist", "difflib", "inspect", "tomli_w"),
    # Read when an account is approved, for the job that lets requests expire.
    *("allauth.account.adapter", "allauth.account.internal.flows.login", "allauth.mfa.models", "allauth.mfa.utils"),
    *("allauth.account.internal.flows.reauthentication", "allauth.core.internal.httpkit"),
    *("cryptography.exceptions", "cryptography.hazmat.primitives.hpke"),
    *(f"cryptography.hazmat.primitives.{name}" for name in ("asymmetric.ed25519", "asymmetric.mlkem", "hashes")),
    *("cryptography.hazmat.primitives.asymmetric.x25519", "cryptography.hazmat.primitives.ciphers.aead"),
    *("cryptography.hazmat.primitives.kdf.hkdf", "django_stubs_ext", "environ", "psycopg.errors", "psycopg.sql"),
}
DJANGO = {
    *(
        "apps",
        "conf",
        "conf.locale",
        "contrib.admin.utils",
        "contrib.auth",
        "contrib.auth.base_user",
        "contrib.messages",
    ),
    *(
        "contrib.auth.validators",
        "contrib.postgres.expressions",
        "contrib.postgres.fields",
        "contrib.postgres.aggregates",
        "contrib.postgres.indexes",
        "contrib.postgres.search",
    ),
    *("contrib.sessions.backends.db", "core.exceptions", "core.paginator", "core.signing"),
    *("core.validators", "core.wsgi", "utils.safestring"),
    *(
        "db",
        "db.transaction",
        "forms",
        "db.models",
        "db.models.expressions",
        "db.models.functions",
        "db.models.lookups",
        "http",
        "http.response",
    ),
    *(
        "middleware.gzip",
        "shortcuts",
        "template.loader",
        "templatetags.static",
        "urls",
        "utils.crypto",
    ),
    "utils.deprecation",
    *("utils.csp", "utils.datastructures", "utils.dates", "utils.encoding", "utils.formats", "utils.functional"),
    *("utils.text", "utils.timezone", "utils.translation"),
    *("utils.translation.trans_real", "views.debug", "views.decorators.http"),
    "core.management.base",
    *("contrib.admin", "contrib.auth.middleware", "contrib.auth.views", "contrib.sessions.models"),
    *("db.backends.base.base", "db.models.sql.compiler", "template.response"),
    *("utils.html", "utils.http", "utils.timesince", "views.decorators.csp"),
}
# Modules that connect, by the only module of ours that may import them: to the database, the mail server and the queue.
CONNECTS = {
    "portal_site/logging.py": {"gunicorn.glogging"},
    "portal_site/postgresql/base.py": {"django.db.backends.postgresql.base", "psycopg"},
    "analysts/accounts/alarms.py": {"procrastinate.contrib.django", "procrastinate.exceptions"},
    "analysts/management/commands/procrastinate.py": {
        "asyncio",
        "procrastinate",
        "procrastinate.cli",
        "procrastinate.contrib.django",
        "procrastinate.contrib.django.django_connector",
        "procrastinate.contrib.django.management.commands.procrastinate",
        "procrastinate.utils",
    },
    # Starts further processes like itself, which share the work.
    "analysts/management/commands/run_intake.py": {"multiprocessing"},
    "analysts/exports/actions.py": {"procrastinate.contrib.django"},
    # Audit events, to a Unix socket of this machine, if AUDIT_STREAM says so.
    "audit/stream.py": {"socket"},
    "countries/automatic_mail.py": {"django.core.mail"},
    # Failed jobs, and the worker's note of why.
    "analysts/operations/jobs.py": {
        "procrastinate.contrib.django",
        "procrastinate.contrib.django.models",
        "procrastinate.exceptions",
        "procrastinate.job_context",
        "procrastinate.jobs",
        "procrastinate.worker",
    },
    "analysts/operations/mail_check.py": {"django.core.mail", "smtplib"},
    "analysts/pages/tasks.py": {"procrastinate.contrib.django"},
    "analysts/takedown/notices/outbox.py": {
        "procrastinate.contrib.django",
        "procrastinate.contrib.django.models",
        "procrastinate.exceptions",
    },
    # Builds a mail, and sends none.
    "analysts/takedown/notices/machine_reports/mail.py": {"django.core.mail"},
    # Reads our own mail server's answer about a letter; Django makes the connection, to MAIL_HOST.
    "analysts/takedown/notices/post.py": {"django.core.mail", "django.core.mail.backends.base", "smtplib"},
}


@cache
def is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:
        return False


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside functions; of a package also the module that is taken from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if is_module(whole) else node.module


def file_of(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists()), None)


def follow(roots: Iterable[str]) -> dict[str, set[str]]:
    """Each file of ours that these modules lead to, with the foreign modules it imports."""
    found: dict[str, set[str]] = {}
    seen, waiting = set[str](), list(roots)
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        # A package is loaded before its modules.
        waiting += [package for package, _, _ in [module.rpartition(".")] if package]
        if (path := file_of(module)) is None:
            continue
        names = set(imported(path))
        waiting += [name for name in names if name.split(".")[0] in APPS]
        found[name_of(path)] = {name for name in names if name.split(".")[0] not in APPS}
    return found


def test_public_surface_and_workers_import_what_is_listed() -> None:
    public, intake, worker = follow(PUBLIC), follow(INTAKE), follow(WORKER)
    assert "reports/views/report.py" in public
    assert "analysts/assessment/intake/run.py" in intake
    assert "analysts/takedown/notices/replies/intake.py" in worker
    used = {
        (name, module) for files in (public, intake, worker) for name, modules in files.items() for module in modules
    }
    harmless = HARMLESS | {f"django.{name}" for name in DJANGO}
    connecting = {(name, module) for name, modules in CONNECTS.items() for module in modules}
    assert sorted((name, module) for name, module in used if module not in harmless) == sorted(connecting)
    # The list names nothing that is no longer used.
    assert sorted(harmless - {module for _, module in used}) == []


# Names with which Python and the libraries in use open a connection, ask a name server, load a module by its name or
# run code from text.
OPENS = {
    *("connect", "connect_ex", "create_connection", "new_connection", "get_new_connection", "open_connection"),
    *("open_unix_connection", "sendto", "sendmsg", "socket", "socketpair", "SMTP", "SMTP_SSL", "get_connection"),
    *("urlopen", "urlretrieve", "getaddrinfo", "gethostbyname", "gethostbyname_ex", "getfqdn", "gethostbyaddr"),
    *("ConnectionPool", "AsyncConnectionPool", "AsyncConnection", "PGconn", "psycopg_pool"),
    *("__import__", "import_module", "import_string", "find_spec", "run_path", "run_module", "CDLL"),
    *("module_has_submodule", "autodiscover_modules", "iter_modules", "walk_packages", "resolve_name"),
    *("eval", "exec", "Popen", "popen", "system", "spawnv", "execv", "fork", "posix_spawn"),
}
# All of them, in the whole project.
PLACES = {
    # Audit events, to a Unix socket of this machine.
    "audit/stream.py": ["client.connect", "socket.socket"],
    # Metrics, on a Unix socket of this machine.
    "analysts/management/commands/serve_metrics.py": ["self.socket", "socket.socket"],
    # Reads the clock's state from the kernel.
    "portal_site/checks/clock.py": ["ctypes.CDLL"],
    # Reads gunicorn.py of deploy/ for `check --deploy`.
    "portal_site/checks/web_servers.py": ["runpy.run_path"],
    # The demo: a server of its own on this machine, and whether a port is free. The only call of psycopg.connect.
    "portal_site/demo.py": ["socket.socket"],
    "portal_site/database/embedded.py": ["psycopg.connect"],
    "portal_site/management/commands/run_demo.py": ["subprocess.Popen"],
    "portal_site/database/programs.py": ["importlib.util.find_spec"],
}


def openings(path: Path) -> Iterator[str]:
    """The members of OPENS that a file names: of a module or an object, imported under any name, or built in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in OPENS:
            yield ast.unparse(node)
        elif isinstance(node, ast.Name) and node.id in OPENS and hasattr(builtins, node.id):
            yield node.id
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name in OPENS)


def test_connections_are_opened_in_these_places_only() -> None:
    found = {name_of(path): sorted(set(openings(path))) for path in python_files(*APPS)}
    assert {name: what for name, what in found.items() if what} == PLACES
