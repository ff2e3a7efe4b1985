"""Archives of this source and of two later releases, and the scripts that change a machine from one to another.

The later ones are of this source too: one adds a table and a column, the other has no way back.
"""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from supply import release
from tests.proofs.machines import Machine
from tests.proofs.rehearsal import ROOT
from tests.proofs.result import Figure, equal_to, plain_figure

VERSIONS = ("0.1.0", "0.1.1", "0.1.2")
LATER = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "{leaf}")]
    operations = [
        migrations.CreateModel(
            "Rehearsed", [("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())]
        ),
        migrations.AddField("incident", "rehearsed", models.IntegerField(default=0)),
    ]
"""
FINAL = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("analysts", "9001_rehearsed")]
    operations = [migrations.RunPython(lambda apps, editor: None)]
"""


def write_archives(folder: Path, number: int = len(VERSIONS)) -> list[Path]:
    """Archives of this source as the first `number` versions, each with checksum and signature, in folder/dist.

    The signers' file is in `folder`.
    """
    wheels, key = folder / "wheels", folder / "key"
    wheels.mkdir()
    release.download_wheels(wheels)
    extra = {f"wheels/{path.name}": path.read_bytes() for path in sorted(wheels.glob("*.whl"))}
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (folder / "release-signers").write_text(f"release {(folder / 'key.pub').read_text()}")
    tree = folder / "tree"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tree)], check=True)
    later = tree / "analysts" / "migrations"
    leaf = max(path.stem for path in later.glob("0*.py"))
    archives = []
    for version, migration in list(zip(VERSIONS, ("", LATER.format(leaf=leaf), FINAL), strict=True))[:number]:
        if migration:
            (later / f"900{VERSIONS.index(version)}_rehearsed.py").write_text(migration)
            _name_version(tree, version)
            identity = ["-c", "user.name=Adam", "-c", "user.email=adam@example.org", "-c", "commit.gpgsign=false"]
            subprocess.run(["git", "add", "--all"], cwd=tree, check=True)
            subprocess.run(["git", *identity, "commit", "--quiet", "--message", version], cwd=tree, check=True)
        archives.append(release.write_release(tree, folder / "dist", extra, key).archive)
    return archives


def _name_version(tree: Path, version: str) -> None:
    before = release.read_version(tree)
    project, changes = tree / "pyproject.toml", tree / "CHANGELOG.md"
    project.write_text(project.read_text().replace(f'version = "{before}"', f'version = "{version}"', 1))
    changes.write_text(
        changes.read_text().replace("## Unreleased\n", f"## Unreleased\n\n## {version}, 2026-12-01\n", 1)
    )


def run_script(
    machine: Machine, command: str, expected: str, *, named: str = "", fails: bool = False
) -> Iterator[Figure]:
    """A figure that holds where the script ended as expected and said the words, and its seconds."""
    name = named or command
    began = time.monotonic()
    done = machine.run(f"cd /root; /srv/portals/deploy/{command}")
    seen = expected in done.stdout and (done.returncode != 0) == fails
    yield equal_to(name, expected if seen else f"{done.returncode}: {done.stdout[-1500:]}", expected)
    if not fails:
        yield plain_figure(f"{name}: took", round(time.monotonic() - began), "s")
