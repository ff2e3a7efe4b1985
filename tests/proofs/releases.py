"""A release installed by its script, upgraded while reporters send, rolled back with reports in between, uninstalled.

On a Debian machine booted for it, with archives as `make release` writes them: of the last release, from its own
commit, of this source, and of two later ones that add tables and columns; the second of them has no way back. The guide
is followed word by word, and the last release becomes this source before anything else, goes back and up again. The
database has 300 thousand incidents; reporters send, recipients answer letters and staff send some throughout.
`python -m tests.proofs releases` needs what the proof `guides` needs, and 20 minutes.
"""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from tests.proofs import machines, release_letters, sandboxes
from tests.proofs.archives import find_versions, run_script, write_archives
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.machines import Machine
from tests.proofs.rehearsal import Rehearsal
from tests.proofs.release_letters import FOLDER
from tests.proofs.result import Figure, at_least, at_most, equal_to, plain_figure

SHOWS = "A release is installed, upgraded under load, rolled back and uninstalled by scripts; no report is lost"
PROMISES = (1,)
COVERS = (*INSTALLATION, "docs/guides/releases.md", "requirements.txt", "supply")

GUIDE = "docs/guides/releases.md"
PACKAGES = "age ca-certificates curl nginx openssl postgresql python3-venv rsync systemd-timesyncd"
# The web server waits for a minute.
LONGEST_PAUSE = 60.0
INCIDENTS, QUICK_INCIDENTS = 300_000, 3_000
LETTERS = 3
PORTAL = "bz"
# Run by staff's side: of the acknowledged reports, those that are not stored or open to another text.
COMPARE = f"""
import json
from analysts.incidents.contents import opening
from reports import receipts
from reports.models import Submission
lost = 0
for line in open('{FOLDER}/acknowledged-{PORTAL}'):
    receipt, address, _seconds, _failed = json.loads(line)
    key = receipts.derive_credentials(receipts.parse_code(receipt)).receipt_id
    stored = [opening.unseal_payload(each)['addresses'] for each in Submission.objects.filter(receipt_id=key)]
    lost += stored != [address]
print('lost', lost)
"""


def install_guide(machine: Machine) -> Rehearsal:
    """Debian's packages are fetched beforehand: the installation itself runs without any network."""
    fetch = f"apt-get install --yes --no-install-recommends --download-only {PACKAGES}"
    return Rehearsal(
        GUIDE, {"": machine}, {"deploy/install --signers": lambda: fetch}, until="/srv/portals/deploy/uninstall"
    )


def install_figures(machine: Machine) -> Iterator[Figure]:
    """The guide's installation from a file of answers, and a second run that asks: mail, and who can open backups."""
    began = time.monotonic()
    yield from install_guide(machine).follow()
    yield plain_figure("minutes of an installation with answers from a file", _minutes_since(began))
    release_letters.put_programs(machine)
    release_letters.start_mail_server(machine)
    typed, number = release_letters.type_answers(machine)
    began = time.monotonic()
    install = f"reporting-portals-{find_versions()[0]}/deploy/install --signers release-signers"
    done = machine.run(f"cd /root; {install}", typed=typed)
    seen = "Check: done" in done.stdout and "The program: already" in done.stdout
    yield equal_to("install again, with mail and backups", "done" if seen else done.stdout[-1500:], "done")
    yield plain_figure("questions that an installation asks", number)
    yield plain_figure("minutes of the second run", _minutes_since(began))


def _minutes_since(began: float) -> float:
    return round((time.monotonic() - began) / 60, 1)


def start_load(machine: Machine) -> None:
    """One reporter after the other, inside the machine, and recipients who answer."""
    live = f"UPDATE countries_portal SET state = 'live' WHERE slug = '{PORTAL}'"
    machine.run(f'runuser -u postgres -- psql --quiet portals --command "{live}"; systemctl restart portals-public')
    load = f"python3 {FOLDER}/load_at_home.py report.example.org {PORTAL} {FOLDER}"
    machine.run(f"setsid {load} >{FOLDER}/load.log 2>&1 </dev/null & sleep 15")
    release_letters.start_replies(machine)


def load_figures(machine: Machine, during: str, since: int) -> Iterator[Figure]:
    """The answers that reporters saw since the line `since` of what was acknowledged."""
    text = machine.run(f"cat {FOLDER}/acknowledged-{PORTAL}").stdout
    rows = [json.loads(line) for line in text.splitlines()[since:]]
    yield at_least(f"{during}: reports acknowledged", len(rows), 1)
    yield at_most(
        f"{during}: longest wait for an answer", max((row[2] for row in rows), default=0.0), LONGEST_PAUSE, "s"
    )
    yield plain_figure(f"{during}: tries that met an error", sum(row[3] for row in rows))
    machine.run(f"cat >{FOLDER}/compare.py", typed=COMPARE)
    command = (
        f"/srv/portals/deploy/manage staff shell --no-imports --command \"exec(open('{FOLDER}/compare.py').read())\""
    )
    said = machine.run(command).stdout.strip().splitlines()[-1:]
    yield equal_to(f"{during}: acknowledged reports lost or altered", said[0] if said else "no answer", "lost 0")


def count_acknowledged(machine: Machine) -> int:
    return len(machine.run(f"cat {FOLDER}/acknowledged-{PORTAL}").stdout.splitlines())


def previous_figures(machine: Machine) -> Iterator[Figure]:
    """From the last release to this source by this source's own script, back to it, and up again.

    Reporters send throughout, and staff assess and send letters on either release.
    """
    last, version = find_versions()[:2]
    packed = f"reporting-portals-{version}"
    machine.run(f"cd /root; tar -xf {packed}.tar.gz")
    upgrade, changed = f"/root/{packed}/deploy/upgrade {packed}.tar.gz", f"Changed to {version}"
    release_letters.send_letters(machine, PORTAL, 1)
    reports = count_acknowledged(machine)
    yield from run_script(machine, upgrade, changed, named="upgrade from the last release")
    yield from load_figures(machine, "upgrade from the last release", reports)
    active = machine.run("systemctl is-active portals-intake portals-worker").stdout.split()
    yield equal_to("upgrade from the last release: intake and worker", " ".join(active), "active active")
    release_letters.send_letters(machine, PORTAL, 1)
    reports, before = count_acknowledged(machine), release_letters.read_state(machine)
    back = "rollback to the last release"
    yield from run_script(machine, f"/srv/portals-{version}/deploy/rollback", "Nothing was lost.", named=back)
    yield from load_figures(machine, back, reports)
    yield from release_letters.kept_figures(back, before, release_letters.read_state(machine))
    yield equal_to(f"{back}: in use", machine.run("readlink -f /srv/portals").stdout.strip(), f"/srv/portals-{last}")
    release_letters.send_letters(machine, PORTAL, 1)
    reports = count_acknowledged(machine)
    yield from run_script(machine, upgrade, changed, named="upgrade from the last release, again")
    yield from load_figures(machine, "upgrade from the last release, again", reports)


def upgrade_figures(machine: Machine) -> Iterator[Figure]:
    """Up with a backup, refused with a count of what would be lost, and back; all send and answer throughout."""
    release_letters.send_letters(machine, PORTAL, LETTERS)
    reports, replies = count_acknowledged(machine), release_letters.count_replies(machine)
    in_use, newer = find_versions()[1:3]
    yield from run_script(machine, f"upgrade reporting-portals-{newer}.tar.gz", "Stored, taken back and opened.")
    yield from load_figures(machine, "upgrade", reports)
    yield from release_letters.reply_figures(machine, "upgrade", replies, LONGEST_PAUSE)
    add = "INSERT INTO analysts_rehearsed (text) VALUES ('added by staff')"
    machine.run(f'runuser -u postgres -- psql --quiet portals --command "{add}"')
    yield from run_script(machine, "rollback", "analysts_rehearsed: 1 rows", fails=True)
    machine.run('runuser -u postgres -- psql --quiet portals --command "DELETE FROM analysts_rehearsed"')
    release_letters.send_letters(machine, PORTAL, LETTERS)
    reports, replies = count_acknowledged(machine), release_letters.count_replies(machine)
    before = release_letters.read_state(machine)
    yield from run_script(machine, "rollback", "Nothing was lost.")
    yield from load_figures(machine, "rollback", reports)
    yield from release_letters.reply_figures(machine, "rollback", replies, LONGEST_PAUSE)
    yield from release_letters.kept_figures("rollback", before, release_letters.read_state(machine))
    yield equal_to("release in use", machine.run("readlink -f /srv/portals").stdout.strip(), f"/srv/portals-{in_use}")
    audit = machine.run("/srv/portals/deploy/manage staff verify_audit").stdout
    yield equal_to("audit log after the way back", "No fault" in audit, True)
    release_letters.send_letters(machine, PORTAL, LETTERS)
    # With one on each side of the way from the last release.
    yield from release_letters.letter_figures(machine, 3 + 3 * LETTERS)


def no_way_back_figures(machine: Machine) -> Iterator[Figure]:
    newest = find_versions()[-1]
    yield from run_script(machine, f"upgrade reporting-portals-{newest}.tar.gz", "There will be NO way back")
    yield from run_script(machine, "rollback --check", "9002_rehearsed cannot be undone", fails=True)


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    """The short form leaves out what a process could do from within, and the release without a way back."""
    debian = machines.prepare_debian(folder)
    archives = write_archives(folder)
    with Machine("one", folder, debian).running() as machine:
        machine.run("echo '127.0.0.1 report.example.org staff.example.org' >>/etc/hosts")
        for archive in archives:
            for path in archive.parent.glob(f"{archive.name}*"):
                machine.put(path, "/root")
        machine.put(folder / "release-signers", "/root")
        shutil.rmtree(folder / "dist")
        yield from install_figures(machine)
        start_load(machine)
        yield from previous_figures(machine)
        yield from sandboxes.unit_figures(machine)
        if full:
            yield from sandboxes.sandbox_figures(machine)
        yield release_letters.fill_database(machine, INCIDENTS if full else QUICK_INCIDENTS)
        yield from upgrade_figures(machine)
        if full:
            yield from no_way_back_figures(machine)
        machine.run(f"touch {FOLDER}/stop; sleep 2")
        done = machine.run("/srv/portals/deploy/uninstall")
        yield equal_to("uninstall ended with", done.returncode, 0)
        left = machine.run("ls -d /srv/portals* /etc/systemd/system/portals-* 2>/dev/null").stdout
        yield equal_to("program and units left after uninstalling", left.strip() or "none", "none")
        keys = machine.run("ls /var/lib/portals/keyring/private | wc -l").stdout.strip()
        yield at_least("private keys left after uninstalling", int(keys), 1)
