"""Kinds for an administrator's work on an installation that holds reports."""

import re
import signal
import time

from tests.proofs.privacy.kinds import register_kind
from tests.proofs.privacy.scene import Scene
from tests.proofs.stack import HOSTS, ROOT

WORKER_SECONDS = 75
# The one job with a name of its own.
SEND_TASK = "analysts.send_alarms"
JOBS = ROOT / "analysts" / "pages" / "tasks.py"
JOB = re.compile(r"^@every\(.*\)\ndef (\w+)\(", re.MULTILINE)


@register_kind("migrations, roles and keys", True)
def migrate_again(scene: Scene) -> bool:
    """Run all migrations again, as after an update; in one process, to save time."""
    commands = "migrate", "create_keys", "grant_roles", "verify_audit", "anchor_audit"
    calls = "; ".join(f"call_command({command!r})" for command in commands)
    code = f"from django.core.management import call_command; {calls}"
    return scene.manage("shell", "--verbosity", "0", "--command", code, role="postgres")


@register_kind("what is deployed is checked", slow=True)
def check_deployment(scene: Scene) -> bool:
    return scene.manage("check", "--deploy")


@register_kind("a command that fails", False, slow=True)
def failing_command(scene: Scene) -> bool:
    return scene.manage("create_administrator", "senior")


@register_kind("every job of the worker", True)
def run_every_job(scene: Scene) -> bool:
    """The units that the clock would start at some hour of some day. Whether there were as many as there are."""
    names = JOB.findall(JOBS.read_text())
    scene.run_jobs(*(SEND_TASK if name == "send_alarms" else name for name in names))
    return len(names) == JOBS.read_text().count("\n@every(")


@register_kind("a dump of the database")
def dump_database(scene: Scene) -> None:
    for name, form in {"plain.sql": "-Fp", "custom.dump": "-Fc"}.items():
        scene.program("pg_dump", form, "-f", str(scene.backups / name), scene.stack.database["dbname"])


@register_kind("a copy of the database's files", slow=True)
def base_backup(scene: Scene) -> None:
    # A manifest is thousands of checksums, one of which may be the number of a visitor's address by chance.
    options = ("--format=tar", "--gzip", "--wal-method=stream", "--no-manifest")
    scene.program("pg_basebackup", "-D", str(scene.backups / "base"), *options)


@register_kind("the worker's own minute", "taken in", slow=True)
def wait_for_worker(scene: Scene) -> str:
    """Wait until the scheduled jobs have processed the last report."""
    scene.report(scene.visitor(), scene.markers.address("address taken in by the clock"))
    with scene.stack.connect() as owner:
        end = time.monotonic() + WORKER_SECONDS
        while owner.execute("SELECT FROM reports_arrival").fetchall():
            if time.monotonic() > end:
                return "still waiting"
            time.sleep(0.5)
    return "taken in"


@register_kind("every process reloads its configuration", 200)
def reload_all(scene: Scene) -> int:
    """SIGHUP: files opened again, new workers with the old settings."""
    for name in ("nginx", *HOSTS):
        scene.stack.processes[name].send_signal(signal.SIGHUP)
    time.sleep(1)
    return scene.visitor().get(scene.portal).status
