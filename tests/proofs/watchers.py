"""The watchers of an installation, run as its units run it; and where its administrators see that something broke.

The commands are those of `deploy/systemd`, with other places; a thread takes the place of each timer.
"""

import email
import email.policy
import os
import re
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from psycopg.conninfo import make_conninfo

from portal_site.database import roles
from tests.proofs.ports import is_listening
from tests.proofs.stack import ROOT, Stack
from tests.proofs.visitor import HttpVisitor

UNITS = ROOT / "deploy" / "systemd"
# As the timers' OnCalendar: readings on the minute, the look at them half a minute later.
SHIPPED_SECONDS = 60
WATCHES_AT = 0.5
LABELS = {
    "worker": "Worker last seen",
    "intake": "Intake last seen",
    "keys": "Sealing keys",
    "disk": "Disk space",
    "certificate": "Certificates",
    "backup": "Backups",
    "mail": "Mail",
}


def command_of(unit: str, places: Mapping[str, str]) -> list[str]:
    """A unit's ExecStart, with this Python, this tree and the given places."""
    [line] = re.findall(r"(?m)^ExecStart=(.*)$", (UNITS / f"{unit}.service").read_text())
    for shipped, here in {"/srv/portals/.venv/bin/python": sys.executable, "/srv/portals": str(ROOT), **places}.items():
        line = line.replace(shipped, here)
    return [str(ROOT / "manage.py") if word == "manage.py" else word for word in shlex.split(line)]


@dataclass
class Watchers:
    """`with Watchers(stack, host, seconds).running() as watchers:`. `host`: the variables of host.env.

    `seconds`: the timers' interval.
    """

    stack: Stack
    host: Mapping[str, str]
    seconds: float = SHIPPED_SECONDS
    failed_runs: list[str] = field(default_factory=list)
    # By unit, when the run began that ended last.
    _last_runs: dict[str, float] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)
    _began: float = field(default_factory=time.monotonic)

    @contextmanager
    def running(self) -> Iterator["Watchers"]:
        timers = [
            threading.Thread(target=self._repeat, args=arguments)
            for arguments in (
                ("portals-host-readings", 0.0, self._host_environment()),
                ("portals-watch", WATCHES_AT, self._watch_environment()),
            )
        ]
        self._start_metrics()
        for timer in timers:
            timer.start()
        try:
            yield self
        finally:
            self._ended.set()
            for timer in timers:
                timer.join()
            self.stack.stop_process("metrics")

    def wait_for_readings(self) -> None:
        """Until a moment after the next readings have begun: what breaks then is read as late as possible."""
        self._ended.wait(self.seconds - (time.monotonic() - self._began) % self.seconds + self.seconds / 30)

    def wait_for_watch(self) -> None:
        """Until the watch has looked at what is there now: it mails what changed since it looked before."""
        asked = time.monotonic()
        while self._last_runs.get("portals-watch", 0.0) < asked and time.monotonic() < asked + 4 * self.seconds:
            time.sleep(0.5)

    def _repeat(self, unit: str, offset: float, environment: Mapping[str, str]) -> None:
        command, next_run = command_of(unit, {}), self._began + offset * self.seconds
        while not self._ended.wait(max(0.0, next_run - time.monotonic())):
            # As systemd: no second run beside a running one.
            began = time.monotonic()
            next_run += self.seconds * max(1, -(-(began - next_run) // self.seconds))
            done = subprocess.run(
                command, env=dict(environment), cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
            )
            if done.returncode != 0:
                self.failed_runs.append(f"{unit}: {done.stderr[-300:]}")
            self._last_runs[unit] = began

    def _host_environment(self) -> dict[str, str]:
        database = make_conninfo(user=roles.HOST, **self.stack.database)
        return {"PATH": os.environ["PATH"], "HOST_DATABASE": database, **self.host}

    def _watch_environment(self) -> dict[str, str]:
        state = self.stack.folder / "watch"
        state.mkdir()
        return {**self._environment(), "STATE_DIRECTORY": str(state)}

    def _environment(self) -> dict[str, str]:
        """The staff's, but without the keyring, which the units do not see."""
        return {**self.stack.environment_of("staff"), "KEYRING": str(self.stack.folder / "hidden")}

    def _start_metrics(self) -> None:
        places = {"/run/portals-metrics/metrics.sock": str(self._socket)}
        environment = self._environment()
        self.stack.start_process("metrics", command_of("portals-metrics", places), environment=environment)
        self.stack.wait_for("metrics", lambda: is_listening(self._socket))

    @property
    def _socket(self) -> Path:
        return self.stack.folder / "run" / "metrics.sock"

    # --- Where it is seen -------------------------------------------------------------------------

    @cached_property
    def _administrator(self) -> HttpVisitor:
        visitor = self.stack.visitor("staff")
        visitor.sign_in("administrator2", self.stack.accounts()["administrator2"])
        return visitor

    def on_page(self) -> set[str]:
        """The items that the operations page shows as not in order, of LABELS."""
        page = self._administrator.get("/admin/operations/")
        if page.status != 200:
            raise RuntimeError(f"The operations page answers {page.status}.")
        late = re.findall(r'<li class="is-late">\s*<strong>([^<]+)</strong>', page.text)
        return {name for name, label in LABELS.items() if label in late}

    def in_metrics(self) -> set[str]:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(30)
            client.connect(str(self._socket))
            client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(65536), b"")).decode()
        found = dict(re.findall(r'portals_in_order\{check="(\w+)",grade="\w+"\} ([01])\.0', answer))
        if not found:
            raise RuntimeError(f"No metrics: {answer[:300]}")
        return {name for name in LABELS if found.get(name) == "0"}

    def mails(self) -> Sequence[Path]:
        return sorted((self.stack.folder / "mail").glob("*.eml"))

    def in_mails(self, known: Sequence[Path]) -> set[str]:
        """The items that mails since `known` name as not in order."""
        texts = [_text_of(mail) for mail in self.mails() if mail not in known]
        return {name for text in texts for name in re.findall(r"(?m)^NOT in order \[\w+\]: (\w+)\.", text)}


def _text_of(mail: Path) -> str:
    """Without the envelope's lines that the mail server puts first."""
    _envelope, _, content = mail.read_bytes().partition(b"\n\n")
    return str(email.message_from_bytes(content, policy=email.policy.default).get_content())
