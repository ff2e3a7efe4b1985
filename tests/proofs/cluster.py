"""Three database machines on one cable: PostgreSQL and etcd under the shipped configuration of Patroni.

Each machine is a network namespace of its own, and no container: no root is needed, because an ordinary user may have
namespaces (`inside_network`). Places and certificates are exchanged, and there is no watchdog: what is proved holds
without one. A machine that dies, or is frozen, is also off the cable, as a real one would be.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from deploy.steps.several_machines import DATABASE_HOSTS
from portal_site.database.programs import program_folder
from portal_site.database.server_user import server_user
from tests.proofs.result import NotPossibleHere

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = ROOT / "deploy" / "many" / "patroni.yml"
TOOLS = ROOT / ".venv" / "tools"
MODULES = TOOLS / "usr" / "lib" / "python3" / "dist-packages"
SYSTEM_PYTHON = "/usr/bin/python3"
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin:{TOOLS}/usr/bin"
NAMESPACE_PROGRAMS = ("unshare", "nsenter", "setpriv", "ip")
NAMES = ("back", "twin", "replica")
NETWORK = "10.0.0"
# Where the installation's own processes are on the cable.
OWN_ADDRESS = f"{NETWORK}.9"
POSTGRES_PORT, ETCD_PORT, ETCD_PEER_PORT, REST_PORT = 5432, 2379, 2380, 8008
START_SECONDS = 120


def find_missing() -> list[str]:
    """The programs that this machine lacks for a cluster."""
    missing = [name for name in (*NAMESPACE_PROGRAMS, "etcd") if shutil.which(name, path=PATH) is None]
    load = [SYSTEM_PYTHON, "-c", "import patroni.dcs.etcd3, psycopg2"]
    loaded = subprocess.run(load, env=_patroni_environment(), capture_output=True, text=True, check=False)
    if loaded.returncode != 0:
        missing.append(f"patroni ({loaded.stderr.strip().splitlines()[-1]})")
    return missing


def inside_network(command: Sequence[str]) -> list[str]:
    """The command in a network of its own in which it may connect machines."""
    own_user = [] if os.geteuid() == 0 else ["--map-current-user", "--keep-caps"]
    if missing := find_missing():
        raise NotPossibleHere(f"not installed: {', '.join(missing)}. Run: make tools")
    prefix = [shutil.which("unshare", path=PATH) or "unshare", *own_user, "--net", "--"]
    tried = subprocess.run(
        [*prefix, shutil.which("ip", path=PATH) or "ip", "link", "add", "cable", "type", "bridge"],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        raise NotPossibleHere(f"this machine lets no user connect networks of its own: {tried.stderr.strip()}")
    return [*prefix, *command]


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": PATH})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def switch_loopback_on() -> None:
    """The first step in a new network."""
    run("ip", "link", "set", "lo", "up")


def _patroni_environment() -> dict[str, str]:
    return {"PATH": PATH, "PYTHONPATH": str(MODULES), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


@dataclass
class DatabaseMachine:
    """`data` is its PostgreSQL's folder; a machine without one copies it from the primary."""

    name: str
    address: str
    folder: Path
    holder: subprocess.Popen[bytes] = field(init=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    # --- Power and cable --------------------------------------------------------------------------

    def connect_cable(self, number: int) -> None:
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], env={"PATH": PATH})
        own = Path("/proc/self/ns/net").stat().st_ino
        while self._namespace.stat().st_ino == own:
            time.sleep(0.01)
        inside = ("nsenter", f"--net={self._namespace}", "ip")
        run("ip", "link", "add", f"port{number}", "type", "veth", "peer", "name", "end", "netns", f"{self.holder.pid}")
        run("ip", "link", "set", f"port{number}", "master", "cable", "up")
        run(*inside, "address", "add", f"{self.address}/24", "dev", "end")
        run(*inside, "link", "set", "lo", "up")
        self.set_cable(connected=True)

    def set_cable(self, *, connected: bool) -> None:
        run("nsenter", f"--net={self._namespace}", "ip", "link", "set", "end", "up" if connected else "down")

    def kill(self) -> None:
        """As if its power failed."""
        self.set_cable(connected=False)
        self._signal_until_all(signal.SIGKILL)

    def freeze(self) -> None:
        """As a virtual machine that its host suspends, or that waits for its disk."""
        self.set_cable(connected=False)
        self._signal_until_all(signal.SIGSTOP)

    def wake(self) -> None:
        for pid in self.processes():
            os.kill(pid, signal.SIGCONT)
        self.set_cable(connected=True)

    def end(self) -> None:
        self._signal_until_all(signal.SIGKILL)
        self.holder.kill()
        self.holder.wait()

    def kill_program(self, name: str) -> None:
        for pid in self.processes():
            with suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == name:
                    os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[int]:
        """All of its network, but the one that only holds it."""
        network = self._namespace.stat().st_ino
        found = []
        for path in Path("/proc").glob("[0-9]*/ns/net"):
            with suppress(OSError):
                pid = int(path.parts[2])
                if path.stat().st_ino == network and pid != self.holder.pid and _state_of(pid) != "Z":
                    found.append(pid)
        return found

    def _signal_until_all(self, number: int) -> None:
        """Also those that were started meanwhile."""
        done: set[int] = set()
        while left := set(self.processes()) - done:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            if number == signal.SIGKILL:
                time.sleep(0.02)
            else:
                done |= left

    @property
    def _namespace(self) -> Path:
        return Path(f"/proc/{self.holder.pid}/ns/net")

    # --- Programs ---------------------------------------------------------------------------------

    def switch_on(self) -> None:
        self.set_cable(connected=True)
        self.start_etcd()
        self.start_patroni()

    def start_etcd(self) -> None:
        peers = ",".join(f"{name}=http://{address}:{ETCD_PEER_PORT}" for name, address in _addresses().items())
        self._start(
            "etcd",
            [
                shutil.which("etcd", path=PATH) or "etcd",
                *("--name", self.name, "--data-dir", str(self.folder / "etcd")),
                *("--listen-client-urls", f"http://{self.address}:{ETCD_PORT}"),
                *("--advertise-client-urls", f"http://{self.address}:{ETCD_PORT}"),
                *("--listen-peer-urls", f"http://{self.address}:{ETCD_PEER_PORT}"),
                *("--initial-advertise-peer-urls", f"http://{self.address}:{ETCD_PEER_PORT}"),
                *("--initial-cluster", peers, "--initial-cluster-token", "portals", "--log-level", "error"),
            ],
        )

    def start_patroni(self) -> None:
        config = self.folder / "patroni.yml"
        config.write_text(render_config(self))
        patroni = "from patroni.__main__ import main; main()"
        self._start("patroni", [SYSTEM_PYTHON, "-c", patroni, str(config)])

    def _start(self, name: str, command: Sequence[str]) -> None:
        user = server_user(self.folder / name, program_folder())
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []
        with (self.folder / f"{name}.log").open("ab") as log:
            subprocess.Popen(
                ["nsenter", f"--net={self._namespace}", *as_user, *command],
                cwd=self.folder,
                env=_patroni_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    # --- Its PostgreSQL, from within --------------------------------------------------------------

    def connect(self) -> psycopg.Connection:
        """On the machine itself, also while it is off the cable."""
        return psycopg.connect(
            host=str(self.folder), port=POSTGRES_PORT, user="postgres", dbname="portals", connect_timeout=3,
            autocommit=True,
        )  # fmt: skip

    def role(self) -> str:
        """`primary`, `standby` or `down`."""
        try:
            with self.connect() as database:
                rows = database.execute("SELECT pg_is_in_recovery()").fetchall()
        except psycopg.OperationalError:
            return "down"
        return "standby" if rows[0][0] else "primary"


def _state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _addresses() -> dict[str, str]:
    return {name: f"{NETWORK}.{number}" for number, name in enumerate(NAMES, start=2)}


def render_config(machine: DatabaseMachine) -> str:
    """The shipped file with this machine's places, without TLS and watchdog.

    Raises RuntimeError where the file no longer holds what is exchanged.
    """
    text = SHIPPED.read_text()
    for host, address in zip(DATABASE_HOSTS, _addresses().values(), strict=True):
        text = text.replace(f"{host}:{ETCD_PORT}", f"{address}:{ETCD_PORT}")
    text = re.sub(r"(?m)^ +(certfile|keyfile|cafile|verify_client|cacert|cert|key|ssl\w+): .*\n", "", text)
    exchanged = {
        "name: NAME": f"name: {machine.name}",
        "ADDRESS:": f"{machine.address}:",
        "HOST:": f"{machine.address}:",
        "\nctl:\n": "\n",
        "protocol: https": "protocol: http",
        "mode: required": "mode: 'off'",
        "/usr/lib/postgresql/17/bin": str(program_folder()),
        "/var/lib/postgresql/17/main": str(machine.data),
        "/etc/postgresql/17/main": str(machine.data),
        "/var/lib/postgresql/patroni.pgpass": str(machine.folder / "pgpass"),
        "/var/run/postgresql": str(machine.folder),
    }
    for shipped, own in exchanged.items():
        if shipped not in text:
            raise RuntimeError(f"{SHIPPED} has no {shipped}")
        text = text.replace(shipped, own)
    return text


@dataclass
class Cluster:
    """`with Cluster(folder).running(data) as cluster:` `data`: files of a stopped server, which the first one takes."""

    folder: Path
    machines: list[DatabaseMachine] = field(default_factory=list)

    @contextmanager
    def running(self, data: Path) -> Iterator["Cluster"]:
        run("ip", "link", "add", "cable", "type", "bridge")
        run("ip", "address", "add", f"{OWN_ADDRESS}/24", "dev", "cable")
        run("ip", "link", "set", "cable", "up")
        try:
            for number, (name, address) in enumerate(_addresses().items()):
                machine = DatabaseMachine(name, address, self.folder / name)
                machine.folder.mkdir(mode=0o700, parents=True)
                if user := server_user(machine.data, program_folder()):
                    os.chown(machine.folder, user.pw_uid, user.pw_gid)
                machine.connect_cable(number)
                self.machines.append(machine)
            data.rename(self.machines[0].data)
            for machine in self.machines:
                machine.start_etcd()
            self.machines[0].start_patroni()
            self.wait_until("the first machine is the primary", lambda: self.machines[0].role() == "primary")
            for machine in self.machines[1:]:
                machine.start_patroni()
            self.wait_for_all()
            yield self
        finally:
            for machine in self.machines:
                machine.end()

    def primary(self, among: Iterable[DatabaseMachine] | None = None) -> DatabaseMachine | None:
        return next((machine for machine in among or self.machines if machine.role() == "primary"), None)

    def wait_for_primary(self) -> DatabaseMachine:
        self.wait_until("one machine is the primary", lambda: self.primary() is not None)
        found = self.primary()
        assert found is not None
        return found

    def wait_for_all(self) -> DatabaseMachine:
        """Until each of the two standbys may take over; the primary."""

        def may_take_over() -> bool:
            members = self.members()
            roles = sorted(member["role"] for member in members)
            states = {member["state"] for member in members}
            is_whole = roles == ["leader", "quorum_standby", "quorum_standby"] and states <= {"running", "streaming"}
            return is_whole and len({member.get("timeline") for member in members}) == 1

        self.wait_until("both standbys may take over", may_take_over)
        return self.wait_for_primary()

    def members(self) -> list[dict[str, str]]:
        """What Patroni says of all machines."""
        for machine in self.machines:
            url = f"http://{machine.address}:{REST_PORT}/cluster"
            with suppress(OSError), urllib.request.urlopen(url, timeout=3) as answer:
                return list(json.load(answer)["members"])
        return []

    def wait_until(self, what: str, holds: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"Not within {seconds:.0f} s: {what}. {self.last_words()}")
            time.sleep(0.2)

    def change_config(self, **values: object) -> None:
        """Change Patroni's configuration in etcd, for all machines."""
        primary = self.wait_for_primary()
        url = f"http://{primary.address}:{REST_PORT}/config"
        request = urllib.request.Request(url, data=json.dumps(values).encode(), method="PATCH")
        urllib.request.urlopen(request, timeout=10).close()

    def last_words(self) -> str:
        logs = [path for machine in self.machines for path in sorted(machine.folder.glob("*.log"))]
        return "\n".join(f"{path}:\n{path.read_text(errors='replace')[-1500:]}" for path in logs)

    def etcd_leader(self) -> DatabaseMachine:
        for machine in self.machines:
            with suppress(OSError):
                request = urllib.request.Request(
                    f"http://{machine.address}:{ETCD_PORT}/v3/maintenance/status", data=b"{}", method="POST"
                )
                status = json.load(urllib.request.urlopen(request, timeout=2))
                if status["leader"] == status["header"]["member_id"]:
                    return machine
        raise LookupError("etcd has no leader.")
