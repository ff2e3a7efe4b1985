"""Archives of the last release, of this source and of two later ones, and the scripts that change a machine from one.

The last release is that of docs/releases.toml, from its own commit. The later ones are of this source too: one adds a
table and a column, the other has no way back.
"""

import hashlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.steps.machine import split_version
from supply import release, release_record
from tests.proofs.machines import Machine
from tests.proofs.rehearsal import ROOT
from tests.proofs.result import Figure, equal_to, plain_figure

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


def find_versions() -> list[str]:
    """The last release, and the numbers under which this source and two later ones are archived."""
    versions = [list(release_record.read_rows(ROOT))[-1]]
    while len(versions) < 4:
        versions.append(find_following(versions[-1]))
    return versions


def find_following(version: str) -> str:
    """The number of the next release; that of 0.2.0rc1 is not 0.2.0, which would be of another source."""
    major, minor, patch = map(int, split_version(version)[:3])
    return f"{major}.{minor}.{patch + 1}"


def write_archives(folder: Path, *, number: int = 4) -> list[Path]:
    """The first `number` of `find_versions`, with checksum and signature, in folder/dist; the signers are in `folder`.

    Raises CalledProcessError without the history.
    """
    tree, key = _prepare(folder)
    head = release_record.run_git(tree, "rev-parse", "HEAD").decode().strip()
    last, *later = find_versions()[:number]
    _check_out(tree, release_record.read_rows(ROOT)[last].commit)
    first = _write_archive(tree, folder, key)
    _check_out(tree, head)
    return [first, *_write_own(tree, folder, key, later)]


def write_own_archives(folder: Path) -> list[Path]:
    """This source under the last release's number, which the guides name, and the later one that has a way back."""
    tree, key = _prepare(folder)
    return _write_own(tree, folder, key, find_versions()[:2])


def _prepare(folder: Path) -> tuple[Path, Path]:
    """A clone, and a key whose signer is in `folder`."""
    key, tree = folder / "key", folder / "tree"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (folder / "release-signers").write_text(f"release {(folder / 'key.pub').read_text()}")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tree)], check=True)
    return tree, key


def _write_own(tree: Path, folder: Path, key: Path, versions: list[str]) -> list[Path]:
    """The tree's commit, and then with each of the later migrations."""
    folder_of_migrations = tree / "analysts" / "migrations"
    leaf = max(path.stem for path in folder_of_migrations.glob("0*.py"))
    archives = []
    for number, (version, migration) in enumerate(zip(versions, ("", LATER.format(leaf=leaf), FINAL), strict=False)):
        if migration:
            (folder_of_migrations / f"900{number}_rehearsed.py").write_text(migration)
        _name_version(tree, version)
        identity = ["-c", "user.name=Adam", "-c", "user.email=adam@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "add", "--all"], cwd=tree, check=True)
        subprocess.run(
            ["git", *identity, "commit", "--quiet", "--allow-empty", "--message", version], cwd=tree, check=True
        )
        archives.append(_write_archive(tree, folder, key))
    return archives


def _check_out(tree: Path, commit: str) -> None:
    subprocess.run(["git", "checkout", "--quiet", commit], cwd=tree, check=True)


def _write_archive(tree: Path, folder: Path, key: Path) -> Path:
    """The archive of the tree's commit, with the packages that it pins."""
    pins = (tree / "requirements.txt").read_bytes()
    wheels = folder / f"wheels-{hashlib.sha256(pins).hexdigest()[:12]}"
    if not wheels.exists():
        wheels.mkdir()
        release.download_wheels(wheels, tree / "requirements.txt")
    extra = {f"wheels/{path.name}": path.read_bytes() for path in sorted(wheels.glob("*.whl"))}
    return release.write_release(tree, folder / "dist", extra, key).archive


def _name_version(tree: Path, version: str) -> None:
    """Give the source this number, and what is new in it to that release."""
    before = release.read_version(tree)
    if version == before:
        return
    project, changes = tree / "pyproject.toml", tree / "CHANGELOG.md"
    project.write_text(project.read_text().replace(f'version = "{before}"', f'version = "{version}"', 1))
    text = changes.read_text()
    heading = f"## {version}, 2026-12-01\n"
    is_pending = "## Unreleased\n" in text
    changes.write_text(
        text.replace("## Unreleased\n", heading, 1) if is_pending else text.replace("\n## ", f"\n{heading}\n## ", 1)
    )


def run_script(
    machine: Machine, command: str, expected: str, *, named: str = "", fails: bool = False
) -> Iterator[Figure]:
    """A figure that holds where the script ended as expected and said the words, and its seconds.

    `command`: one of the release in use, or another's with its path.
    """
    name = named or command
    began = time.monotonic()
    program = command if command.startswith("/") else f"/srv/portals/deploy/{command}"
    process = machine.run(f"cd /root; {program}")
    holds = expected in process.stdout and (process.returncode != 0) == fails
    yield equal_to(name, expected if holds else f"{process.returncode}: {process.stdout[-1500:]}", expected)
    if not fails:
        yield plain_figure(f"{name}: took", round(time.monotonic() - began), "s")
