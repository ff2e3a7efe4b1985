"""The deployment guides followed word by word, on Debian machines that are booted for it.

Conditions that a guide takes as given are rehearsed here (tests/proofs/rehearsal.py runs the blocks).

`python -m tests.proofs guides` needs root, debootstrap, 15 minutes and packages from the internet, so it is not a
part of `make prove`. With --quick it follows the first guide, the restoration on another machine and the
isolated workstation's only.
"""

import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from deploy.steps.roles import ROLES
from tests.proofs import archives, machines, sandboxes, workstation_guide
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.machines import Machine
from tests.proofs.rehearsal import ROOT, Rehearsal
from tests.proofs.result import Figure, equal_to

SHOWS = "An administrator who types the guides word by word gets what they say, in sandboxes that hold from inside"
PROMISES = (1, 3, 5)
COVERS = (*INSTALLATION, "docs/guides", "requirements.txt", "supply", "workstation")

# The first line of the third guide's block in which back is lost.
LOST = "systemctl stop patroni etcd"
NAME = 'A & B | "C" it\'s $5 `x` \\n'


def prepare_machine(machine: Machine, folder: Path) -> None:
    """The preconditions of every guide: the archives, who signed them, and names that lead to the machine."""
    for path in (folder / "release-signers", *(folder / "dist").iterdir()):
        machine.put(path, "/root")
    machine.run(
        "mkdir -p /root/.ssh; echo StrictHostKeyChecking accept-new >/root/.ssh/config\n"
        "echo '127.0.0.1 report.example.org staff.example.org' >>/etc/hosts"
    )


def one_machine(machine: Machine) -> Rehearsal:
    make_keys = "for kind in database keyring; do ssh-keygen -q -t ed25519 -N '' -f /root/elsewhere/$kind.key"
    tools = "age openssh-client python3"
    return Rehearsal(
        "docs/guides/deploy-one-machine.md",
        {"": machine},
        {
            "age-keygen --output": lambda: f"apt-get update; apt-get install --yes --no-install-recommends {tools}",
            "$DATABASE_RECIPIENT": lambda: (
                f"{fetch_packages('one', machine)}\n"
                "export DATABASE_RECIPIENT=$(age-keygen -y elsewhere/database-backup.key)\n"
                "export KEYRING_RECIPIENT=$(age-keygen -y elsewhere/keyring-backup.key)"
            ),
            "fetch-$kind.pub": lambda: f"{make_keys}\ncp /root/elsewhere/$kind.key.pub /root/fetch-$kind.pub; done",
            "rsync --archive --delete -e": lambda: "systemctl start ssh",
        },
    )


def restore_figures(machine: Machine, other: Machine) -> Iterator[Figure]:
    """The restore guide on `other`, just installed, with what was fetched from `machine`."""
    tools = "apt-get install --yes --no-install-recommends openssh-client python3"
    other.run(f"apt-get update; {tools}", borrow_network=True)
    fetch_packages("one", other)
    packed = f"reporting-portals-{archives.find_versions()[0]}"
    answers = machine.run("grep --invert-match _RECIPIENT= /root/answers").stdout
    other.run(f"cd /root; tar --extract --file {packed}.tar.gz; cat >answers", typed=answers)
    install = f"/root/{packed}/deploy/install --signers release-signers --answers answers"
    yield from archives.run_script(other, install, "Check: done", named="install elsewhere")
    fetched = machine.run("tar --create --directory /root/elsewhere . | base64").stdout
    other.run("cd /root; mkdir elsewhere; base64 --decode | tar --extract --directory elsewhere", typed=fetched)
    yield from Rehearsal("docs/guides/backup.md", {"other": other}).follow()
    count_keys = "cd /var/lib/portals/keyring; find . -type f -print0 | sort --zero-terminated | xargs -0 sha256sum"
    same = machine.run(count_keys).stdout == other.run(count_keys).stdout
    yield equal_to("restored elsewhere: its keys are the first machine's", same, True)
    ask = "runuser -u postgres -- psql --no-align --tuples-only portals --command 'SELECT username FROM analysts_user'"
    yield equal_to("restored elsewhere: accounts", other.run(ask).stdout.strip(), "adam")
    yield _report_figure(other, other, "restored elsewhere: a test report")


def _name_figures(machine: Machine) -> Iterator[Figure]:
    """A name with characters that a shell, sed and systemd treat in their own ways."""
    command = f"/srv/portals/deploy/set-value /etc/portals/staff.env HOTLINE_NAME {shlex.quote(NAME)}"
    machine.run(f"{command}; systemctl restart portals-staff")
    by_systemd = machine.run(
        "tr '\\0' '\\n' </proc/$(systemctl show --value --property MainPID portals-staff)/environ"
        " | sed -n 's/^HOTLINE_NAME=//p'"
    )
    yield equal_to("a hotline's name in the process that systemd starts", by_systemd.stdout.strip(), NAME)
    code = "from django.conf import settings; print(settings.HOTLINE_NAME)"
    by_shell = machine.run(f"/srv/portals/deploy/manage staff shell --no-imports --command {shlex.quote(code)}")
    yield equal_to("the same name in a command of deploy/manage", by_shell.stdout.strip(), NAME)


def two_machines(front: Machine, back: Machine) -> Iterator[Figure]:
    """The second guide on both, with the archive of this release."""
    guide = Rehearsal("docs/guides/deploy-two-machines.md", {"front": front, "back": back})
    guide.given = {
        "ROLE=staff": lambda: fetch_packages("staff", back),
        "ROLE=public": lambda: fetch_packages("public", front),
        "DATABASE_ADDRESSES": lambda: copy_commands(
            back, "/etc/portals/authority", "ca.crt portals_public.crt portals_public.key"
        ),
        "$MIRROR_KEY": lambda: f"export MIRROR_KEY='{read_file(back, '/var/lib/portals/mirror/key.pub')}'",
        "$HOST_KEYS": lambda: f"export HOST_KEYS='10.0.0.1 {read_host_key(front)}'",
    }
    yield from guide.follow()


def many_machines(
    balancer: Machine, front: Machine, back: Machine, twin: Machine, replica: Machine
) -> Iterator[Figure]:
    """After `two_machines`: the third guide, in which back is lost."""
    for path in (ROOT / "deploy" / "many" / "balancer.conf", ROOT / "deploy" / "systemd" / "nginx.service.d"):
        balancer.put(path, "/root")
    guide = Rehearsal(
        "docs/guides/deploy-many.md",
        {"balancer": balancer, "front": front, "back": back, "twin": twin, "replica": replica},
    )
    guide.given = {
        "ROLE=standby": lambda: copy_settings(back, twin, replica) and fetch_packages("standby", twin, replica),
        "database-machine": lambda: prepare_database_machines(back, twin, replica),
        "$DATABASE_RECIPIENT": lambda: "age-keygen --output key; export DATABASE_RECIPIENT=$(age-keygen -y key)",
    }
    guide.until = LOST
    yield from guide.follow()
    yield from upgrade_figures(back, twin, replica, front)
    guide.until = ""
    yield from guide.follow()


def upgrade_figures(staff: Machine, *others: Machine) -> Iterator[Figure]:
    """To the next release and back, a machine at a time, as both guides say; `others` end with the public one.

    Reports are stored by the release before and opened by the next, and the other way round.
    """
    front, to = others[-1], archives.find_versions()[1]
    upgrade = f"upgrade reporting-portals-{to}.tar.gz --without-backup"
    for machine in (staff, *others):
        yield from archives.run_script(machine, upgrade, f"Changed to {to}", named=f"{machine.name}: {upgrade}")
        yield _report_figure(front, staff, f"a test report with {machine.name} upgraded")
    for machine in (*reversed(others), staff):
        yield from archives.run_script(machine, "rollback", "Nothing was lost.", named=f"{machine.name}: rollback")
        yield _report_figure(front, staff, f"a test report with {machine.name} rolled back")


def _report_figure(front: Machine, staff: Machine, name: str) -> Figure:
    stored = front.run("/srv/portals/deploy/manage public test_report").stdout
    opened = staff.run("/srv/portals/deploy/manage staff test_report --open", typed=stored).stdout
    return equal_to(name, opened.strip()[-500:], "Stored, taken back and opened.")


def copy_settings(source: Machine, *others: Machine) -> str:
    """Through the administrator's own machine, to each of the others."""
    packed = source.run("cd /etc/portals; tar --create *.env | base64").stdout
    for machine in others:
        machine.run("mkdir -p /etc/portals; base64 --decode | tar --extract --directory /etc/portals", typed=packed)
    return "true"


def prepare_database_machines(back: Machine, twin: Machine, replica: Machine) -> str:
    """Certificates from the authority; and no watchdog, which no machine of a proof has."""
    shared = "ca.crt portals_replication.crt portals_replication.key"
    for machine, own in ((twin, ("database2",)), (replica, ("database3", "portals_backup"))):
        names = " ".join([shared, *(f"{name}.{kind}" for name in own for kind in ("crt", "key"))])
        machine.run(copy_commands(back, "/etc/portals/authority", names))
    shipped = "/srv/portals/deploy/many/patroni.yml"
    for machine in (back, twin, replica):
        machine.run(
            f"sed 's/mode: required/mode: off/' {shipped} >/root/patroni.yml; mount --bind /root/patroni.yml {shipped}"
        )
    return "true"


def fetch_packages(role: str, *places: Machine) -> str:
    """Debian's packages of a machine: the installation itself runs without any network."""
    packages = " ".join((*ROLES[role].packages, "systemd-timesyncd"))
    fetch = f"apt-get update; apt-get install --yes --no-install-recommends --download-only {packages}"
    for machine in places:
        machine.run(fetch, borrow_network=True)
    return "true"


def read_host_key(machine: Machine) -> str:
    return " ".join(read_file(machine, "/etc/ssh/ssh_host_ed25519_key.pub").split()[:2])


def read_file(machine: Machine, path: str) -> str:
    return machine.run(f"cat {path}").stdout.strip()


def copy_commands(machine: Machine, folder: str, names: str) -> str:
    """Commands that write `names`, files of another machine's folder, to /etc/portals/database-tls."""
    packed = machine.run(f"tar --create --directory {folder} {names} | base64").stdout
    return (
        "mkdir -p /etc/portals/database-tls\n"
        f"base64 --decode <<'END' | tar --extract --directory /etc/portals/database-tls\n{packed}END"
    )


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    """Boots up to five machines, one after the other and together."""
    debian = machines.prepare_debian(folder)
    archives.write_own_archives(folder)

    def boot(stack: ExitStack, *names: str) -> list[Machine]:
        booted = [stack.enter_context(Machine(name, folder, debian).running()) for name in names]
        for machine in booted:
            prepare_machine(machine, folder)
        return booted

    with ExitStack() as stack:
        machine, other = boot(stack, "one", "other")
        yield from one_machine(machine).follow()
        yield from _name_figures(machine)
        yield from Rehearsal("docs/guides/incident-response.md", {"": machine}).follow()
        yield from restore_figures(machine, other)
        yield from sandboxes.sandbox_figures(machine)
    with ExitStack() as stack:
        online, bare = (stack.enter_context(Machine(name, folder, debian).running()) for name in ("online", "bare"))
        yield from workstation_guide.workstation_figures(online, bare)
    if not full:
        return
    with ExitStack() as stack:
        balancer, front, back, twin, replica = boot(stack, "balancer", "front", "back", "twin", "replica")
        addresses = ("10.0.0.5", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")
        machines.connect_machines(dict(zip(addresses, (balancer, front, back, twin, replica), strict=True)))
        yield from two_machines(front, back)
        yield from upgrade_figures(back, front)
        yield from many_machines(balancer, front, back, twin, replica)
