"""Debian machines to try the deployment guides on: booted with systemd as first process, in namespaces of their own.

No virtual machine and no container engine: a folder made by debootstrap, an overlay above it that is thrown away, and
unshare. The kernel is this machine's, everything else is Debian's: units, users, sandboxes and sockets are the real
ones. A machine has no network but what `Network` strings between machines; a command may borrow this machine's for
packages. Needs root.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.proofs.result import NotPossibleHere

RELEASE = "trixie"
INCLUDED = "systemd,systemd-sysv,dbus,libpam-systemd,iproute2,procps,ca-certificates"
PROGRAMS = ("debootstrap", "unshare", "nsenter", "ip", "mount")
START_SECONDS = 90
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Variables that name the certificate authority of a proxy in front of this machine; machines get the same.
PROXY_AUTHORITY = ("PIP_CERT", "SSL_CERT_FILE")

# $1 the overlay's folders, $2 Debian. The last line becomes the machine's first process.
BOOT = """
mount --make-rprivate /
mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
umount -l sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%:*}" "dev/${number#*:}"; done
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
ip link set lo up
hostname "$3"
echo "$3" >etc/hostname
pivot_root . mnt
cd /
umount -l mnt
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --show-status=0
"""


class Machine:
    """One booted Debian. `with Machine("one", folder, debian).running() as machine: machine.run("systemctl ...")`."""

    def __init__(self, name: str, folder: Path, debian: Path) -> None:
        self.name = name
        self.folder = folder / name
        self.debian = debian
        self.first_process = 0
        self._boot: subprocess.Popen[bytes] | None = None
        self._cgroup = _cgroup_mount() / f"portals-{os.getpid()}-{name}"

    @contextmanager
    def running(self) -> Iterator["Machine"]:
        """Boot and wait until every unit had its turn; everything in it is killed on leaving."""
        for name in ("upper", "work", "root"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._cgroup.mkdir(exist_ok=True)
        try:
            with (self.folder / "console.log").open("ab") as console:
                self._boot = subprocess.Popen(
                    [
                        *("sh", "-c", 'echo $$ >"$0/cgroup.procs"; exec "$@"', str(self._cgroup)),
                        *("unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork"),
                        *("--kill-child", "sh", "-euc", BOOT, "sh"),
                        *(str(self.folder), str(self.debian), self.name),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=console,
                    start_new_session=True,
                )
            self._await(self._boot)
            yield self
        finally:
            self._stop()

    def run(
        self,
        command: str,
        *,
        borrow_network: bool = False,
        typed: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with bash in the machine as root; returns output and errors together. `typed` is its input."""
        namespaces = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", *([] if borrow_network else ["--net"])]
        enter = ["nsenter", "--target", str(self.first_process), *namespaces, "--root", "--wd"]
        variables = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        variables |= {name: "/etc/proxy-authority.crt" for name in PROXY_AUTHORITY if name in os.environ}
        return subprocess.run(
            [
                *enter,
                "env",
                "-i",
                *(f"{k}={v}" for k, v in (variables | {**(environment or {})}).items()),
                "bash",
                "-c",
                command,
            ],
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )

    def put(self, source: Path, place: str) -> None:
        """Copy a file or folder of this machine to `place` in that one."""
        with subprocess.Popen(
            ["tar", "--create", "--directory", str(source.parent), source.name], stdout=subprocess.PIPE
        ) as tar:
            enter = ["nsenter", "--target", str(self.first_process), "--mount", "--root", "--wd"]
            subprocess.run([*enter, "mkdir", "-p", place], check=True)
            subprocess.run(
                [*enter, "tar", "--extract", "--directory", place, "--no-same-owner"], stdin=tar.stdout, check=True
            )

    def power_off(self) -> None:
        """At once, as if unplugged: nothing in it can write another byte."""
        os.kill(self.first_process, signal.SIGKILL)

    def _await(self, boot: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if boot.poll() is not None:
                raise NotPossibleHere(f"a Debian does not boot here: {self._console()}")
            children = Path(f"/proc/{boot.pid}/task/{boot.pid}/children").read_text().split()
            if children:
                self.first_process = int(children[0])
                if Path(f"/proc/{children[0]}/comm").read_text() == "systemd\n":
                    state = self.run("systemctl is-system-running 2>/dev/null").stdout.strip()
                    if state in ("running", "degraded"):
                        break
            time.sleep(0.2)
        else:
            raise NotPossibleHere(f"a Debian does not finish booting here: {self._console()}")
        for name in PROXY_AUTHORITY:
            if name in os.environ:
                authority = self.folder / "proxy-authority.crt"
                shutil.copy(os.environ[name], authority)
                self.put(authority, "/etc")

    def _console(self) -> str:
        return (self.folder / "console.log").read_text(errors="replace")[-500:]

    def _stop(self) -> None:
        if self._boot is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._boot.pid, signal.SIGKILL)
            self._boot.wait()
        for _ in range(100):
            # Until the last process of it was collected, the group of processes is in use.
            with suppress(OSError):
                for path in sorted(self._cgroup.rglob("*/"), reverse=True):
                    path.rmdir()
                self._cgroup.rmdir()
                break
            time.sleep(0.05)


def connect_machines(machines: Mapping[str, Machine]) -> None:
    """String one cable through all machines, by address; the first holds it and must outlive the others."""
    hub, *others = machines.items()
    hub[1].run(f"ip link add cable type bridge && ip address add {hub[0]}/24 dev cable && ip link set cable up")
    for number, (address, machine) in enumerate(others):
        hub[1].run(f"ip link add port{number} type veth peer name end{number}")
        move = ["nsenter", "--target", str(hub[1].first_process), "--net", "ip", "link", "set", f"end{number}", "netns"]
        subprocess.run([*move, str(machine.first_process)], check=True)
        hub[1].run(f"ip link set port{number} master cable up")
        machine.run(
            f"ip link set end{number} name cable; ip address add {address}/24 dev cable && ip link set cable up"
        )
    names = "".join(f"{address} {machine.name}\n" for address, machine in machines.items())
    for machine in machines.values():
        machine.run("cat >>/etc/hosts", typed=names)


def prepare_debian(folder: Path) -> Path:
    """A minimal Debian below `folder`, made once. Raises NotPossibleHere where it cannot be."""
    if os.geteuid() != 0:
        raise NotPossibleHere("only root can boot a Debian beside this one")
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        raise NotPossibleHere(f"not installed: {', '.join(missing)}. Run: apt-get install debootstrap iproute2")
    made = folder / "debian"
    if made.exists():
        return made
    draft = folder / "debian.new"
    shutil.rmtree(draft, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", f"--include={INCLUDED}", RELEASE, str(draft)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotPossibleHere(f"debootstrap failed: {(done.stdout + done.stderr)[-300:]}")
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    if sources.exists():
        # Updates too, from the sources of this machine.
        shutil.copy(sources, draft / "etc" / "apt" / "sources.list.d")
        (draft / "etc" / "apt" / "sources.list").unlink(missing_ok=True)
    for path in Path("/etc/apt/apt.conf.d").glob("*"):
        if re.search(r"Acquire::", path.read_text()):
            shutil.copy(path, draft / "etc" / "apt" / "apt.conf.d")
    # Thrown away later: dpkg need not wait for the disk after each file.
    (draft / "etc" / "dpkg" / "dpkg.cfg.d" / "unsafe-io").write_text("force-unsafe-io\n")
    shutil.copy("/etc/resolv.conf", draft / "etc" / "resolv.conf")
    draft.rename(made)
    return made


def _cgroup_mount() -> Path:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    raise NotPossibleHere("there are no control groups of version 2")
