"""The system calls of processes, recorded with strace: which files they open for writing, name, or give times to, and
where they connect and send. Calls that can do none of that (`allowed_calls.HARMLESS`) are not recorded; each other
call, also one that failed, must be allowed by a rule of its process, or it is a finding.

strace starts each process itself, so that nothing of its life is missed, its threads and children included. A write
to a file that is open already is not in the record: that is the question of `writes`.
"""

import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from psutil import process_iter

from tests.proofs.privacy.allowed_calls import CALLS, EVERYONES, HARMLESS, QUESTIONS
from tests.proofs.result import NotPossibleHere

ROOT = Path(__file__).resolve().parent.parent.parent.parent
# Where `make tools` unpacks it if the system has none.
UNPACKED = ROOT / ".venv" / "tools" / "usr"
FOLDERS = f"/usr/local/bin:/usr/bin:/bin:{UNPACKED / 'bin'}"
END_SECONDS = 10

# The process stays our child; the recorder is none of its children and has a session of its own. Texts are left out.
OPTIONS = (
    "-DDD",
    "-f",
    "--seccomp-bpf",
    "-qq",
    "-y",
    "-s",
    "0",
    "-e",
    "signal=none",
    "-e",
    f"trace=!{','.join(HARMLESS)}",
)
LINE = re.compile(r"^\d+ +(\w+)\((.*)$")
DESCRIPTOR = re.compile(r"\b\d+<(?:(socket|pipe|anon_inode):\[?[^>]*|([^>]*))>")
WRITES = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)")
# The C library reads it to look a user name up, which goes to a directory where names come from one: a process does so
# when it starts, and each of the staff surface's two when it first asks libpq for its defaults (the checks on the page
# of operations).
USER_NAMES = '"/etc/passwd"'
MOST_USER_NAMES = 3
OPENS = ("open", "openat", "openat2")
PATH = re.compile(r'"(/[^"]*)"')
PORT = re.compile(r"sa_family=(\w+)(?:, sin6?_port=htons\((\d+)\))?")


def find_strace() -> Sequence[str]:
    """The command that begins a recording, once it was seen to record a process here. Raises NotPossibleHere."""
    found = shutil.which("strace", path=FOLDERS)
    if found is None:
        raise NotPossibleHere("strace is not installed: make tools")
    command = [found]
    if Path(found).is_relative_to(UNPACKED):
        libraries = ":".join(map(str, (UNPACKED / "lib").glob("*-linux-gnu")))
        # For strace alone: its process does not get the variable.
        command = ["/usr/bin/env", f"LD_LIBRARY_PATH={libraries}", found, "-E", "LD_LIBRARY_PATH"]
    with tempfile.NamedTemporaryFile(prefix="portals-calls-") as record:
        tried = [*command, *OPTIONS, "-o", record.name, "true"]
        done = subprocess.run(tried, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        end = time.monotonic() + END_SECONDS
        while done.returncode == 0 and not Path(record.name).stat().st_size and time.monotonic() < end:
            time.sleep(0.02)
        if not Path(record.name).stat().st_size:
            raise NotPossibleHere("strace may not record system calls on this machine")
    return command


@dataclass(frozen=True, slots=True, order=True)
class SystemCall:
    """A call of a process that no rule allows. `text` is as strace writes it and may hold what was leaked."""

    process: str
    name: str
    text: str

    def __str__(self) -> str:
        """Without the names of files, which may be what was leaked."""
        if found := PATH.search(self.text):
            return f"{self.process}: {self.name} in {Path(found[1]).parent}"
        if found := PORT.search(self.text):
            return f"{self.process}: {self.name} {found[1]} {found[2] or ''}".rstrip()
        return f"{self.process}: {self.name}"


@dataclass
class CallRecorder:
    """Records the processes named in `allowed_calls.CALLS`, each start in a file of its own in `records`."""

    records: Path
    strace: Sequence[str] = field(default_factory=lambda: find_strace())
    started: dict[Path, str] = field(default_factory=dict)

    def wrap_command(self, name: str, command: Sequence[str]) -> Sequence[str]:
        """The command that starts a process of this name, recorded if there are rules for it."""
        if name not in CALLS:
            return command
        record = self.records / f"{name}-{len(self.started)}"
        self.started[record] = name
        return [*self.strace, *OPTIONS, "-o", str(record), *command]

    def wait(self) -> None:
        """Wait until the last recorder has written everything; their processes have ended."""
        end = time.monotonic() + END_SECONDS
        while any(str(self.records) in " ".join(each.info["cmdline"] or ()) for each in process_iter(["cmdline"])):
            if time.monotonic() > end:
                raise RuntimeError("strace did not end with the processes that it recorded.")
            time.sleep(0.1)

    def count_calls(self) -> Counter[str]:
        """The number of recorded calls of each process."""
        counts = Counter[str]()
        for record, process in self.started.items():
            counts[process] += sum(1 for _ in _read_calls(record))
        return counts

    def find_unlisted(self, places: Mapping[str, str]) -> list[SystemCall]:
        """Each different call that no rule of its process allows. `places` are the values of the rules' names."""
        found = set()
        for record, process in self.started.items():
            rules = [re.compile(_fill_in(rule, places)) for rule in CALLS[process]]
            names = 0
            for name, text in _read_calls(record):
                names += USER_NAMES in text
                if names > MOST_USER_NAMES:
                    found.add(SystemCall(process, "getpwnam", "user names are looked up again and again"))
                if not _is_harmless(name, text) and not any(rule.match(f"{name}({text}") for rule in rules):
                    found.add(SystemCall(process, name, text))
        return sorted(found)

    def read_reduced(self, places: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """(process, call) of each that a rule of its process is for, without numbers, places and results."""
        everyones = [re.compile(rule) for rule in EVERYONES]
        for record, process in self.started.items():
            for name, text in _read_calls(record):
                call = f"{name}({text}"
                if _is_harmless(name, text) or any(rule.match(call) for rule in everyones):
                    continue
                for place, value in places.items():
                    call = call.replace(value, f"{{{place}}}")
                yield process, re.sub(r"wgunicorn-\w+|0x[0-9a-f]+|\d+", "N", re.split(r"\) += | <unfinished", call)[0])


def _read_calls(record: Path) -> Iterator[tuple[str, str]]:
    """(name, arguments and result) of each call, without numbers of descriptors."""
    with record.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if found := LINE.match(line):
                yield found[1], DESCRIPTOR.sub(lambda each: f"<{each[1] or each[2]}>", found[2].rstrip())


def _is_harmless(name: str, text: str) -> bool:
    """Opened for reading only; sent on a connection, whose making is a call of its own; asked of a device; no name."""
    if name in OPENS:
        return not WRITES.search(text)
    if name in ("sendto", "sendmsg", "sendmmsg"):
        return ("NULL, 0" in text or "msg_name=NULL" in text) and "sa_family" not in text
    if name == "prctl":
        return not text.startswith("PR_SET_NAME")
    return name == "ioctl" and QUESTIONS.match(text) is not None


def _fill_in(rule: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        rule = rule.replace(f"{{{name}}}", re.escape(value))
    return rule
