"""What `check --deploy` refuses in a process of either surface, one wrong setting at a time."""

import re
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import pytest
from psycopg import sql
from pytest_django.fixtures import Settings

from portal_site import checks
from portal_site.database import roles
from tests.rig.installation import ROOT, Installation
from tests.rig.manage import run_manage

# The test machine's clock may not be synchronised; then that warning is expected of a right configuration.
CLOCK = {True: set(), False: {"portal_site.W050"}, None: {"portal_site.I051"}}[checks.clock.is_clock_synchronised()]

RIGHT_NGINX = """
error_log /dev/null emerg;
http {
    access_log off;
    upstream surface { server unix:/run/portals/public.sock; }
    include servers/*.conf;
}
"""


@dataclass
class Surface:
    """One surface of an installation fit for deployment, and the faults that a test adds."""

    name: str
    folder: Path
    environment: dict[str, str]
    # Overrides of portal_site.settings, as in an operator's own settings file.
    overrides: list[str] = field(default_factory=list)

    @property
    def own(self) -> Path:
        """The module for an operator's own code."""
        return self.folder / "own"

    @property
    def keyring(self) -> Path:
        return self.folder / "keyring"

    def check(self) -> subprocess.CompletedProcess[str]:
        environment = dict(self.environment)
        if self.overrides:
            lines = ["from portal_site.settings import *", *self.overrides]
            (self.own / "own_settings.py").write_text("\n".join(lines))
            environment |= {"DJANGO_SETTINGS_MODULE": "own_settings", "PYTHONPATH": str(self.own)}
        return run_manage("check", "--deploy", "--fail-level", "INFO", environment=environment)

    def found(self) -> set[str]:
        """The ids of the messages, without the clock's."""
        done = self.check()
        ids = set(re.findall(r"\(([\w.]+\.[EWIC]\d{3})\)", done.stderr))
        # An empty list only counts if the command succeeded.
        assert ids or "no issues" in done.stdout, done.stdout + done.stderr
        assert done.returncode == bool(ids)
        ours = re.findall(r"\(portal_site\.\w+\)", done.stderr)
        assert done.stderr.count("\tHINT: ") >= len(ours), "a message does not say what to do"
        return ids - CLOCK


@pytest.fixture(scope="module")
def staff_key(installation: Installation) -> str:
    """The staff surface's SECRET_KEY, with its fingerprint in the installation's database, made by `grant_roles`."""
    key = secrets.token_urlsafe(60)
    installation.manage("grant_roles", SECRET_KEY=key)
    return key


Prepared = Callable[[str], Surface]


@pytest.fixture
def prepared(installation: Installation, staff_key: str, tmp_path: Path) -> Prepared:
    def prepare(name: str) -> Surface:
        role = roles.STAFF if name == "staff" else roles.PUBLIC
        environment = installation.environment(name, role=role)
        shutil.copytree(environment["KEYRING"], tmp_path / "keyring")
        for name_of_folder in ("servers", "own"):
            (tmp_path / name_of_folder).mkdir()
        (tmp_path / "nginx.conf").write_text(RIGHT_NGINX)
        (tmp_path / "servers" / "portals.conf").write_text("server { listen 443 ssl; location / { return 204; } }\n")
        (tmp_path / "gunicorn.py").write_text("logger_class = 'portal_site.logging.GunicornLogger'\n")
        environment |= {
            "DEMO": "0",
            "HTTPS": "1",
            "REQUIRE_MFA": "1",
            "SECRET_KEY": staff_key if name == "staff" else secrets.token_urlsafe(60),
            "KEYRING": str(tmp_path / "keyring"),
            "ALLOWED_HOSTS": "staff.example.org" if name == "staff" else "report.example.org",
            "GUNICORN_CONFIG": str(tmp_path / "gunicorn.py"),
            "NGINX_CONFIG": str(tmp_path / "nginx.conf"),
            "MAIL_FROM": "portals@example.org",
        }
        if name == "staff":
            environment |= {"MAIL_HOST": "mail.example.org", "ALERT_EMAILS": "duty@example.org"}
            environment |= {"HOTLINE_NAME": "Example Hotline"}
            environment |= {"PUBLIC_URL": "https://report.example.org", "WORK_TIME_ZONE": "Europe/London"}
        return Surface(name, tmp_path, environment)

    return prepare


@pytest.mark.parametrize("name", ["staff", "public"])
def test_right_configuration_gives_no_message(prepared: Prepared, name: str) -> None:
    surface = prepared(name)

    assert surface.found() == set()


Wrong = Callable[[Surface], None]


def env(**values: str) -> Wrong:
    return lambda surface: surface.environment.update(values)


def own(*lines: str) -> Wrong:
    return lambda surface: surface.overrides.extend(lines)


def nginx(text: str) -> Wrong:
    """Add a line to the server block."""

    def wrong(surface: Surface) -> None:
        path = surface.folder / "servers" / "portals.conf"
        path.write_text(path.read_text().replace("location", f"{text} location"))

    return wrong


def gunicorn(line: str) -> Wrong:
    def wrong(surface: Surface) -> None:
        with (surface.folder / "gunicorn.py").open("a") as file:
            file.write(line + "\n")

    return wrong


def logs_by_default(surface: Surface) -> None:
    (surface.folder / "nginx.conf").write_text(RIGHT_NGINX.replace("access_log off;", "# access_log off;"))


def same_key(surface: Surface) -> None:
    surface.environment["SECRET_KEY_FALLBACKS"] = surface.environment["SECRET_KEY"]


def readable_by_all(surface: Surface) -> None:
    next((surface.keyring / "private").glob("*.key")).chmod(0o604)


def one_key_under_two_names(surface: Surface) -> None:
    first, second, *_ = sorted((surface.keyring / "public").glob("*.pub"))
    shutil.copy(first, second)


def weak_fingerprint_key(surface: Surface) -> None:
    (surface.keyring / "private" / "fingerprint.key").write_text("00" * 32)


def cut_key(surface: Surface) -> None:
    path = next((surface.keyring / "public").glob("*.pub"))
    path.write_text(path.read_text()[:-20])


def swapped_halves(surface: Surface) -> None:
    first, second, *_ = sorted((surface.keyring / "public").glob("*.pub"))
    text = first.read_text()
    first.write_text(second.read_text())
    second.write_text(text)


def no_keys(surface: Surface) -> None:
    shutil.rmtree(surface.keyring / "public")


STAFF_WRONG: dict[str, tuple[Wrong, set[str]]] = {
    "demo": (env(DEMO="1"), {"portal_site.E002"}),
    "debug": (env(DEMO="1", DEBUG="1"), {"portal_site.E002", "portal_site.E005", "security.W018"}),
    "http": (env(HTTPS="0"), {"portal_site.E003", "security.W004", "security.W012", "security.W016"}),
    "password-alone": (env(REQUIRE_MFA="0"), {"portal_site.E004"}),
    "any-host": (env(ALLOWED_HOSTS="*"), {"portal_site.E006"}),
    "this-machine-only": (env(ALLOWED_HOSTS="localhost,127.0.0.1"), {"portal_site.E006"}),
    "http-origin": (
        env(CSRF_TRUSTED_ORIGINS="https://staff.example.org,http://staff.example.org"),
        {"portal_site.E007"},
    ),
    "key-without-variety": (env(SECRET_KEY="abcdefgh" * 10), {"portal_site.E010", "portal_site.E012"}),
    "key-of-a-sentence": (
        env(SECRET_KEY="read-by-the-type-checker-and-never-used-to-sign-anything"),
        {"portal_site.E010", "portal_site.E012"},
    ),
    "weak-fallback": (env(SECRET_KEY_FALLBACKS="short"), {"portal_site.E010", "security.W025"}),
    "fallback-is-the-key": (same_key, {"portal_site.E011"}),
    "key-without-mark": (env(SECRET_KEY=secrets.token_urlsafe(60)), {"portal_site.E012"}),
    "private-key-for-everybody": (readable_by_all, {"portal_site.E014"}),
    "one-key-under-two-names": (one_key_under_two_names, {"portal_site.E015"}),
    "weak-fingerprint-key": (weak_fingerprint_key, {"portal_site.E015"}),
    "halves-of-two-keys": (swapped_halves, {"portal_site.E015"}),
    "clear-mail": (own("MAILERS['default']['OPTIONS']['use_ssl'] = False"), {"portal_site.E040"}),
    "unverified-mail": (own("MAILERS['default']['BACKEND'] = 'unverified.EmailBackend'"), {"portal_site.E040"}),
    "alert-without-mail": (env(MAIL_HOST=""), {"portal_site.E041"}),
    "no-public-address": (env(PUBLIC_URL=""), {"portal_site.W008"}),
    "public-address-in-clear": (env(PUBLIC_URL="http://report.example.org"), {"portal_site.W008"}),
    "no-name": (env(HOTLINE_NAME=""), {"portal_site.W009"}),
    "sender-on-no-machine": (env(MAIL_FROM="Portals <portals@localhost>"), {"portal_site.W043"}),
    "no-alert": (env(ALERT_EMAILS=""), {"portal_site.W042"}),
    "mail-to-admins": (own("ADMINS = ['adam@example.org']"), {"portal_site.E031"}),
    "unknown-name-in-file": (env(NAMES_IN_FILES="ALERT_EMAILS REVIEW_DAYS_WORKSTATION"), {"portal_site.E100"}),
    "older-value": (env(OUTDATED_PROCESSES="portals-worker:ALERT_EMAILS,MAIL_HOST"), {"portal_site.E102"}),
    "misspelt-name": (env(ALERT_EMIALS="duty@example.org"), {"portal_site.E101"}),
}
PUBLIC_WRONG: dict[str, tuple[Wrong, set[str]]] = {
    "letters-from-nowhere": (env(MAIL_FROM=""), {"portal_site.W044"}),
    "damaged-key": (cut_key, {"portal_site.E015"}),
    "no-key": (no_keys, {"portal_site.E016"}),
    "no-database": (env(DATABASE_URL="postgres:///nobody?host=/nowhere"), {"portal_site.E020"}),
    "verbose-log": (
        own("LOGGING['formatters']['sparse'] = {'format': '%(asctime)s %(message)s'}"),
        {"portal_site.E030"},
    ),
    "second-log": (
        own(
            "LOGGING['handlers']['file'] = {'class': 'logging.FileHandler', 'filename': '/dev/null'}",
            "LOGGING['loggers']['django']['handlers'] = ['file']",
        ),
        {"portal_site.E030"},
    ),
    "exceptions-with-requests": (
        own("DEFAULT_EXCEPTION_REPORTER = 'django.views.debug.ExceptionReporter'"),
        {"portal_site.E031"},
    ),
    "seen-before-forgotten": (
        own("MIDDLEWARE.insert(0, 'django.middleware.locale.LocaleMiddleware')"),
        {"portal_site.E032"},
    ),
    "gunicorn-access-log": (gunicorn("accesslog = '-'"), {"portal_site.E033"}),
    "gunicorn-own-logger": (gunicorn("logger_class = 'gunicorn.glogging.Logger'"), {"portal_site.E033"}),
    "gunicorn-log-file": (gunicorn("logconfig_dict = {'version': 1}"), {"portal_site.E033"}),
    "gunicorn-statistics": (gunicorn("statsd_host = '127.0.0.1:8125'"), {"portal_site.E033"}),
    "gunicorn-not-python": (gunicorn("this is no Python"), {"portal_site.E033"}),
    "gunicorn-arguments": (env(GUNICORN_CMD_ARGS="--access-logfile -"), {"portal_site.E033"}),
    "gunicorn-unknown-argument": (env(GUNICORN_CMD_ARGS="--no-such-thing"), {"portal_site.E033"}),
    "gunicorn-other-file": (env(GUNICORN_CMD_ARGS="--config /nowhere/gunicorn.py"), {"portal_site.E033"}),
    "nginx-unreadable": (env(NGINX_CONFIG="/nowhere/nginx.conf"), {"portal_site.E034"}),
    "nginx-brace": (nginx("}"), {"portal_site.E034"}),
    "nginx-access-log": (nginx("access_log /var/log/nginx/portals.log;"), {"portal_site.E035"}),
    "nginx-error-log": (nginx("error_log stderr;"), {"portal_site.E035"}),
    "nginx-passes-on": (nginx("proxy_set_header X-Real-IP $remote_addr;"), {"portal_site.E035"}),
    "nginx-counts": (nginx('limit_req_zone "${binary_remote_addr}" zone=one:10m rate=1r/s;'), {"portal_site.E035"}),
    "nginx-default-log": (logs_by_default, {"portal_site.E035"}),
}


# A process takes far longer than all its checks, so each is given several faults that have no message in common.
STAFF_TOGETHER = [
    ("demo",),
    ("debug",),
    (
        "http",
        "password-alone",
        "any-host",
        "http-origin",
        "key-without-variety",
        "private-key-for-everybody",
        "older-value",
        "one-key-under-two-names",
        "clear-mail",
        "no-public-address",
        "no-name",
        "sender-on-no-machine",
        "no-alert",
        "mail-to-admins",
        "unknown-name-in-file",
        "misspelt-name",
    ),
    ("this-machine-only", "key-of-a-sentence", "weak-fingerprint-key", "unverified-mail", "public-address-in-clear"),
    ("weak-fallback", "halves-of-two-keys", "alert-without-mail"),
    ("fallback-is-the-key",),
    ("key-without-mark",),
]
PUBLIC_TOGETHER = [
    (
        "damaged-key",
        "verbose-log",
        "exceptions-with-requests",
        "seen-before-forgotten",
        "gunicorn-access-log",
        "nginx-access-log",
    ),
    ("no-key", "second-log", "gunicorn-own-logger", "nginx-error-log"),
    ("no-database", "gunicorn-log-file", "nginx-passes-on"),
    ("gunicorn-statistics", "nginx-counts", "letters-from-nowhere"),
    ("gunicorn-not-python", "nginx-default-log"),
    ("gunicorn-arguments", "nginx-unreadable"),
    ("gunicorn-unknown-argument", "nginx-brace"),
    ("gunicorn-other-file",),
]


@pytest.mark.parametrize("names", STAFF_TOGETHER, ids=", ".join)
def test_staff_surface_refuses(prepared: Prepared, names: tuple[str, ...]) -> None:
    surface = prepared("staff")
    (surface.own / "unverified.py").write_text(
        "import ssl\nfrom django.core.mail.backends import smtp\n\n"
        "class EmailBackend(smtp.EmailBackend):\n    ssl_context = ssl._create_unverified_context()\n"
    )

    expected = make_wrong(surface, STAFF_WRONG, names)

    assert surface.found() == expected


@pytest.mark.parametrize("names", PUBLIC_TOGETHER, ids=", ".join)
def test_public_surface_refuses(prepared: Prepared, names: tuple[str, ...]) -> None:
    surface = prepared("public")
    expected = make_wrong(surface, PUBLIC_WRONG, names)

    assert surface.found() == expected


def test_each_fault_is_shown_once() -> None:
    assert sorted(chain(*STAFF_TOGETHER)) == sorted(STAFF_WRONG)
    assert sorted(chain(*PUBLIC_TOGETHER)) == sorted(PUBLIC_WRONG)


def make_wrong(surface: Surface, faults: Mapping[str, tuple[Wrong, set[str]]], names: Iterable[str]) -> set[str]:
    """Make all these faults; the messages expected of them."""
    messages: set[str] = set()
    for name in names:
        wrong, expected = faults[name]
        wrong(surface)
        assert not messages & expected, f"{name} would be hidden"
        messages |= expected
    return messages


def test_shipped_web_server_and_gunicorn_are_content(prepared: Prepared) -> None:
    surface = prepared("public")
    shipped = surface.folder / "portals"
    shutil.copytree(ROOT / "deploy" / "nginx", shipped)
    for path in shipped.glob("*.conf"):
        path.write_text(path.read_text().replace("/etc/nginx/portals", str(shipped)))
    surface.environment["NGINX_CONFIG"] = str(shipped / "nginx.conf")
    # By default deploy/gunicorn.py is checked.
    del surface.environment["GUNICORN_CONFIG"]
    assert surface.found() == set()

    with (shipped / "pass-public.conf").open("a") as file:
        file.write("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n")
    assert surface.found() == {"portal_site.E035"}


def test_one_process_for_both_surfaces_is_refused(prepared: Prepared) -> None:
    surface = prepared("staff")
    surface.environment["SURFACE"] = "all"

    assert surface.found() == {"portal_site.E001"}


def test_public_surface_with_the_staffs_key_is_refused(prepared: Prepared, staff_key: str) -> None:
    surface = prepared("public")
    surface.environment["SECRET_KEY"] = staff_key
    assert surface.found() == {"portal_site.E013"}

    surface.environment["SECRET_KEY"] = secrets.token_urlsafe(60)
    surface.environment["SECRET_KEY_FALLBACKS"] = staff_key
    assert surface.found() == {"portal_site.E013"}


def test_database_without_a_mark_is_refused(prepared: Prepared, installation: Installation) -> None:
    with installation.connect() as owner:
        [(mark,)] = owner.execute("SELECT obj_description('django_migrations'::regclass)").fetchall()
        owner.execute("COMMENT ON TABLE django_migrations IS NULL")
        try:
            assert prepared("public").found() == {"portal_site.E012"}
        finally:
            owner.execute(sql.SQL("COMMENT ON TABLE django_migrations IS {}").format(sql.Literal(mark)))


def test_public_surface_beside_a_private_key_does_not_even_check(prepared: Prepared) -> None:
    surface = prepared("public")
    (surface.keyring / "private").mkdir()
    (surface.keyring / "private" / "words-2026-11-00000000.key").write_text("00")
    done = surface.check()

    assert done.returncode == 1
    assert "SURFACE=public, but the keyring holds a private key" in done.stderr


def test_keyring_without_one_of_its_secrets_is_an_error(open_keys: Path, settings: Settings, tmp_path: Path) -> None:
    settings.KEYRING = shutil.copytree(open_keys, tmp_path / "keyring")
    assert list(checks.keys.check_keyring(None)) == []
    for name in checks.keys.SECRETS:
        (settings.KEYRING / "private" / name).unlink()

    assert [(each.id, each.msg) for each in checks.keys.check_keyring(None)] == [
        ("portal_site.E015", f"{name} of the keyring is missing.") for name in sorted(checks.keys.SECRETS)
    ]
