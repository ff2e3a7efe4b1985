"""The whole shipped stack on loopback: PostgreSQL, the surfaces behind the web server, the workers, a mail server.

It runs deploy/ unchanged; only places, ports, names of system users and certificates are exchanged. Everything that
any process writes lies below one folder: `folder` is what a search has to read.

    postgres/  keyring/  public-server/  static/  run/ (sockets, nginx's own)  logs/  tmp/  home/  mail/  tls/  nginx/
"""

import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import whitenoise.compress
from psycopg.conninfo import make_conninfo

from deploy.steps.several_machines import OF_SEVERAL
from portal_site.database import embedded, roles
from tests.proofs import certificates, web_server
from tests.proofs.mail import MailServer
from tests.proofs.ports import free_port, is_listening
from tests.proofs.visitor import HttpVisitor
from tests.rig import data_folders
from tests.rig.manage import run_manage

ROOT = Path(__file__).resolve().parent.parent.parent
HOSTS = {"public": "report.example.org", "staff": "staff.example.org", "sources": "partners.example.org"}
ROLES = {"public": roles.PUBLIC, "staff": roles.STAFF, "sources": roles.SOURCES}
ACCOUNTS = "demo-accounts.txt"
# For proofs of something else than floods: no report has to wait, however many one machine sends.
NO_WAITING = {"PORTAL_REPORTS_AT_ONCE": "1000000", "REPORTS_AT_ONCE": "1000000"}
# One process: each start takes a second. Static files get their names as shipped; those of libraries, which take
# ten times as long as the others, are not compressed.
PREPARATION = """
from django.core.management import call_command
from django.test import override_settings
call_command("create_keys")
call_command("load_catalogue", live=True)
call_command("load_notice_texts")
call_command("grant_roles")
named = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
with override_settings(STORAGES={"staticfiles": named}):
    call_command("collectstatic", interactive=False, verbosity=0)
"""
# Folders of the product's own static files.
OWN_STATIC = ("public", "staff")
# On a machine that does much else, too.
PREPARE_SECONDS = 900
START_SECONDS = 60
STOP_SECONDS = 30


@dataclass
class Stack:
    """`with Stack(folder).running() as stack:` starts all; the single parts can be stopped, killed and started again.

    `environment` is added to every process's; `demo_reports` are loaded with the demonstration's staff (accounts()).
    The second factor is off unless `second_factor` says otherwise: a proof that signs in a thousand times has no phone.
    """

    folder: Path
    workers: int = 2
    demo_reports: int = 0
    second_factor: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    # Given a process's name and command, the command that starts it: a proof may watch it from its first moment.
    wrap_command: Callable[[str, Sequence[str]], Sequence[str]] = lambda _name, command: command
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, init=False)
    ports: dict[str, int] = field(default_factory=dict, init=False)
    mail: MailServer = field(init=False)
    database: dict[str, str] = field(default_factory=dict, init=False)

    # --- All of it --------------------------------------------------------------------------------

    @contextmanager
    def running(
        self, surfaces: Sequence[str] = ("public", "staff"), *, web: bool = True, worker: bool = True
    ) -> Iterator["Stack"]:
        """Set up and start; everything is stopped on leaving, the folder stays."""
        try:
            self.set_up()
            for surface in surfaces:
                self.start_surface(surface)
            if worker:
                self.start_intake()
                self.start_worker()
            if web:
                self.start_web()
            yield self
        finally:
            self.stop()

    def set_up(self) -> None:
        """Database with tables, roles and the catalogue; keyring, a public server's half of it, certificates, mail."""
        self._copy_prepared(self.folder)
        self.start_postgres()
        self.start_mail()

    def _copy_prepared(self, folder: Path) -> None:
        """Copy the folder that every stack with as many reports starts with, made once a run."""
        prepare = self._prepare_reports if self.demo_reports else self._prepare
        data_folders.copy_data_folder(f"stack-with-{self.demo_reports}-reports", prepare, folder)

    def _prepare(self, folder: Path) -> None:
        for name in ("run", "logs", "tmp", "home", "mail"):
            (folder / name).mkdir()
        certificates.make_certificates(folder / "tls", HOSTS.values())
        first = Stack(folder)
        try:
            first.start_postgres()
            first.start_mail()
            first.manage("shell", "--no-imports", "--command", PREPARATION, role="postgres", seconds=PREPARE_SECONDS)
            _compress_static(folder / "static")
            first.mirror_keys()
        finally:
            first.stop()

    def _prepare_reports(self, folder: Path) -> None:
        first = Stack(folder)
        first._copy_prepared(folder)
        try:
            first.start_postgres()
            first.start_mail()
            reports = str(self.demo_reports)
            first.manage(
                "load_demo", "--reports", reports, role="postgres", environment={"DEMO": "1"}, seconds=PREPARE_SECONDS
            )
            first.mirror_keys()
        finally:
            first.stop()

    def start_mail(self) -> None:
        self.mail = MailServer(self.folder / "mail", self.folder / "tls")
        self.mail.start()

    def mirror_keys(self) -> None:
        """Copy the current public halves, and nothing else, to the public server, as an administrator would."""
        mirror = self.folder / "public-server" / "public"
        shutil.rmtree(mirror, ignore_errors=True)
        shutil.copytree(self.folder / "keyring" / "public", mirror)

    def stop(self) -> None:
        for name in ("nginx", "intake", "worker", *HOSTS):
            self.stop_process(name)
        if hasattr(self, "mail"):
            self.mail.stop()
        embedded.release_server(self.folder)

    # --- The database -----------------------------------------------------------------------------

    def start_postgres(self) -> None:
        """Start it, or start it again after `crash_postgres`: PostgreSQL then recovers automatically."""
        url = psycopg.conninfo.conninfo_to_dict(data_folders.start_migrated_server(self.folder))
        self.database = {"host": str(url["host"]), "port": str(url["port"]), "dbname": str(url["dbname"])}

    def crash_postgres(self) -> None:
        """Kill every process of the server at once, as a power cut would; unwritten data is lost."""
        import psutil  # noqa: PLC0415 - comes with the embedded server, which the image does without

        main = psutil.Process(int((self.folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0]))
        processes = [main, *main.children(recursive=True)]
        for process in processes:
            process.suspend()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=STOP_SECONDS)

    def use_cluster(self, addresses: Sequence[str]) -> None:
        """From now on processes and connections look for the database on these machines, as shipped."""
        ports = ",".join("5432" for _ in addresses)
        self.database = {"host": ",".join(addresses), "port": ports, "dbname": self.database["dbname"], **OF_SEVERAL}

    def connect(self, role: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(make_conninfo(user=role, **self.database), autocommit=True)

    def database_url(self, role: str) -> str:
        """For one server, or for several of which the one that takes writes is used (`use_cluster`)."""
        place = {name: value for name, value in self.database.items() if name != "dbname"}
        return f"postgres://{role}@/{self.database['dbname']}?{urlencode(place)}"

    # --- manage.py and the surfaces ---------------------------------------------------------------

    def environment_of(self, surface: str, *, role: str = "") -> dict[str, str]:
        """The environment of a process of this surface: production's settings, and places below the folder."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            # Who a session is of; surfaces and workers have names of their own.
            "PGAPPNAME": "command",
            # Never beside the code: every byte written must be below the folder.
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(ROOT),
            "SSL_CERT_FILE": str(certificates.authority_path(self.folder / "tls")),
            "SURFACE": surface,
            "DATABASE_URL": self.database_url(role or ROLES[surface]),
            "DATA_DIR": str(self.folder),
            "KEYRING": str(self.folder / ("keyring" if surface == "staff" else "public-server")),
            "SECRET_KEY": f"{surface} surface of a proof, long enough, and thrown away with its folder",
            "ALLOWED_HOSTS": HOSTS[surface],
            "PUBLIC_URL": f"https://{HOSTS['public']}",
            "HOTLINE_NAME": "Example Hotline",
            "HTTPS": "1",
            "REQUIRE_MFA": "1" if self.second_factor else "0",
            # Proofs run at any time of day.
            "CUT_OFF": "",
            "WEB_CONCURRENCY": str(self.workers),
            # Proofs stop the database on purpose: reports are refused, their text kept, a moment sooner.
            "CONNECTION_WAIT_SECONDS": "1",
            # Proofs send faster than any public; the flood's proof sets its own.
            **NO_WAITING,
            **(self.mail.environment() if surface == "staff" else {}),
            **self.environment,
        }

    def manage(
        self,
        *arguments: str,
        role: str = roles.STAFF,
        environment: Mapping[str, str] | None = None,
        seconds: int = 180,
    ) -> str:
        """Run `manage.py` on the staff's side; what it printed. Raises RuntimeError with its output where it fails."""
        done = self.run_manage(*arguments, role=role, environment=environment, seconds=seconds)
        if done.returncode != 0:
            raise RuntimeError(f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def run_manage(
        self,
        *arguments: str,
        role: str = roles.STAFF,
        environment: Mapping[str, str] | None = None,
        seconds: int = 180,
    ) -> subprocess.CompletedProcess[str]:
        return run_manage(
            *arguments,
            environment={**self.environment_of("staff", role=role), **(environment or {})},
            folder=self.folder,
            seconds=seconds,
        )

    def accounts(self) -> dict[str, str]:
        """Password of each account of the demonstration, by user name."""
        lines = (self.folder / ACCOUNTS).read_text().splitlines()
        return {user: password for user, _, password in map(str.split, lines)}

    def start_surface(self, surface: str) -> None:
        self.start_gunicorn(surface, {**self.environment_of(surface), "PGAPPNAME": surface})

    def start_gunicorn(self, name: str, environment: Mapping[str, str], *options: str) -> None:
        """Start gunicorn as shipped, on run/<name>.sock; `options` come after the shipped ones."""
        listens = self.folder / "run" / f"{name}.sock"
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.py")]
        self.start_process(name, [*gunicorn, "--bind", f"unix:{listens}", *options], environment=environment)
        self.wait_for(name, lambda: is_listening(listens))

    def start_intake(self) -> None:
        intake = [sys.executable, str(ROOT / "manage.py"), "run_intake"]
        self.start_process("intake", intake, environment={**self.environment_of("staff"), "PGAPPNAME": "intake"})

    def start_worker(self) -> None:
        worker = [sys.executable, str(ROOT / "manage.py"), "procrastinate", "worker", "--delete-jobs", "successful"]
        self.start_process("worker", worker, environment={**self.environment_of("staff"), "PGAPPNAME": "worker"})

    # --- The web server ---------------------------------------------------------------------------

    def start_web(self) -> None:
        program = web_server.find_nginx()
        for name in (*HOSTS, "plain"):
            self.ports.setdefault(name, free_port())
        web_server.render_config(self.folder, self.ports, HOSTS)
        # Until it has read its configuration, it would log to the system's default place.
        command = [program, "-e", "stderr", "-p", str(self.folder), "-c", str(self.folder / "nginx" / "nginx.conf")]
        self.start_process("nginx", [*command, "-g", "daemon off;"])
        self.wait_for("nginx", lambda: is_listening(("127.0.0.1", self.ports["public"])))

    def visitor(self, surface: str = "public", *, peer: str = "127.0.0.1") -> HttpVisitor:
        """A client that comes from `peer`, any address of 127.0.0.0/8, over TLS."""
        return HttpVisitor(host=HOSTS[surface], port=self.ports[surface], peer=peer, tls=self.tls())

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(certificates.authority_path(self.folder / "tls")))

    # --- Processes --------------------------------------------------------------------------------

    def start_process(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start it in a group of its own, with its output in logs/<name>.log."""
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                self.wrap_command(name, command),
                cwd=self.folder,
                env=dict(environment or {"PATH": web_server.FOLDERS}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop_process(self, name: str, signal_: int = signal.SIGTERM) -> None:
        """Ask it to end, wait, and kill the rest of its process group."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.send_signal(signal_)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_process(self, name: str) -> None:
        """kill -9 of the whole group."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_for(self, name: str, ready: Callable[[], bool], *, seconds: float = START_SECONDS) -> None:
        """Wait until it is ready. Raises RuntimeError with the end of its log where it ends or is not ready in time."""
        end = time.monotonic() + seconds
        while not ready():
            if self.processes[name].poll() is not None or time.monotonic() > end:
                log = (self.folder / "logs" / f"{name}.log").read_text(errors="replace")
                raise RuntimeError(f"{name} does not run. Its last words:\n{log[-2000:]}")
            time.sleep(0.05)


def _compress_static(folder: Path) -> None:
    """Compress the product's own static files as `collectstatic` does."""
    for name in OWN_STATIC:
        whitenoise.compress.main([str(folder / name), "--quiet"])
