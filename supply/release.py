"""`make release`: the archive from which an installation is made without internet, its checksum and signature, its row
in docs/releases.toml, and its migrations and jobs in docs/last-release.json.

The archive holds the commit's files, wheels of everything that requirements.txt pins, and the bill of materials. The
same commit gives the same bytes: entries are sorted and have the commit's time, and each wheel has its pinned hash.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.steps.archive import NAMESPACE
from supply.bill import build_bill
from supply.pins import PROJECT, RUNTIME
from supply.release_record import (
    HEADING,
    RECORD,
    CommittedFile,
    RecordedRelease,
    add_row,
    digest_files,
    find_record_errors,
    read_commit_files,
    read_rows,
    run_git,
)

DESCRIPTION = "docs/last-release.json"
# The archive serves both; Debian 13 has glibc 2.41.
MACHINES = ("x86_64", "aarch64")
GLIBC = ("2_17", "2_24", "2_26", "2_27", "2_28", "2_31", "2_34", "2_35", "2_38", "2_39", "2_40", "2_41")


class ReleaseRefused(Exception):
    """The tree cannot be released; the message says why."""


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """The files of a release. `signature` is None without a key."""

    archive: Path
    checksum: Path
    changes: Path
    signature: Path | None


def read_version(root: Path) -> str:
    return str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def read_changes(root: Path, version: str) -> str:
    """The changelog's section of this version. Raises ReleaseRefused without a dated one."""
    sections = re.split(r"^(?=## )", (root / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for section in sections:
        if (heading := HEADING.match(section)) and heading["version"] == version:
            return section.rstrip() + "\n"
    raise ReleaseRefused(f"CHANGELOG.md has no dated section of {version}.")


def check_changes(root: Path) -> None:
    """Raises ReleaseRefused where the changelog has anything that belongs to no release yet."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    pending = re.search(r"^## Unreleased\s*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if pending and (lines := [line for line in pending[1].splitlines() if line.strip()]):
        raise ReleaseRefused(f"CHANGELOG.md has {len(lines)} lines under Unreleased: give them to a release.")


def describe_commit(root: Path) -> RecordedRelease:
    """The row of the commit as a release. Raises ReleaseRefused where its version is recorded with other files."""
    version = read_version(root)
    [(_version, date)] = HEADING.findall(read_changes(root, version))
    commit = run_git(root, "rev-parse", "HEAD").decode().strip()
    row = RecordedRelease(version, date, commit, digest_files(read_commit_files(root)))
    earlier = read_rows(root).get(version, row)
    if earlier.digest != row.digest:
        raise ReleaseRefused(f"{RECORD} has {version} with other files, those of {earlier.commit}.")
    return row


def check_tree(root: Path, find_old_proofs: Callable[[], Iterable[str]]) -> None:
    """Raises ReleaseRefused for uncommitted files, wrong rows of releases, and proofs of other code than this."""
    if changed := run_git(root, "status", "--porcelain").decode().splitlines():
        raise ReleaseRefused(f"Not committed: {', '.join(line[3:] for line in changed[:5])}.")
    if errors := list(find_record_errors(root)):
        raise ReleaseRefused(f"{RECORD} is wrong. {' '.join(errors)}")
    if old := sorted(find_old_proofs()):
        raise ReleaseRefused(
            f"Proofs older than their code: {', '.join(old)}. Run `make prove` and commit the results."
        )


def download_wheels(folder: Path, pins: Path = RUNTIME) -> None:
    """Download the pinned packages for this Python on each of MACHINES. Raises CalledProcessError."""
    options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(folder)]
    for machine in MACHINES:
        platforms = [f"--platform=manylinux_{version}_{machine}" for version in GLIBC]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, *platforms, "-r", str(pins)], check=True)


def build_archive(root: Path, version: str, extra: dict[str, bytes]) -> bytes:
    """A .tar.gz of the commit's files and `extra` (by path), all below one folder."""
    epoch = int(run_git(root, "log", "-1", "--format=%ct"))
    prefix = f"reporting-portals-{version}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        files = read_commit_files(root) | {path: CommittedFile(0o644, "", content) for path, content in extra.items()}
        for path, file in sorted(files.items()):
            member = tarfile.TarInfo(f"{prefix}/{path}")
            member.mode, member.mtime, member.size = file.mode, epoch, len(file.content)
            if file.link:
                member.type, member.linkname = tarfile.SYMTYPE, file.link
            archive.addfile(member, io.BytesIO(file.content))
    return gzip.compress(packed.getvalue(), mtime=epoch)


def write_release(root: Path, to: Path, extra: dict[str, bytes], key: Path | None) -> ReleaseFiles:
    """Write archive, checksum, changes and, with an SSH key, signature. Raises ReleaseRefused, CalledProcessError."""
    version = read_version(root)
    changes = read_changes(root, version)
    to.mkdir(parents=True, exist_ok=True)
    archive = to / f"reporting-portals-{version}.tar.gz"
    archive.write_bytes(build_archive(root, version, extra))
    checksum = archive.with_name(f"{archive.name}.sha256")
    checksum.write_text(f"{hashlib.sha256(archive.read_bytes()).hexdigest()}  {archive.name}\n")
    notes = to / f"reporting-portals-{version}.md"
    notes.write_text(changes, encoding="utf-8")
    signature = None
    if key is not None:
        signature = archive.with_name(f"{archive.name}.sig")
        signature.unlink(missing_ok=True)
        command = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(archive)]
        subprocess.run(command, check=True, capture_output=True)
    return ReleaseFiles(archive, checksum, notes, signature)


def describe_release(version: str) -> str:
    """What `manage.py describe_release` prints, with the version: the next release is compared with it."""
    key = "read-while-a-release-is-described-and-never-used-to-sign-anything"
    unused = {"SECRET_KEY": key, "DATABASE_URL": "postgres:///unused"}
    command = [sys.executable, "manage.py", "describe_release"]
    process = subprocess.run(
        command, cwd=PROJECT, check=True, capture_output=True, text=True, env={**os.environ, **unused}
    )
    return json.dumps({"version": version, **json.loads(process.stdout)}, indent=1) + "\n"


def find_old_proofs() -> list[str]:
    """The names of proofs without a recorded result of this code."""
    command = [sys.executable, "-m", "tests.proofs", "--list-old", "docs/figures/proof.json"]
    process = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    return process.stdout.split()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=PROJECT / "dist")
    parser.add_argument("--key", type=Path, help="SSH private key that signs the archive")
    options = parser.parse_args()
    try:
        check_tree(PROJECT, find_old_proofs)
        check_changes(PROJECT)
        row = describe_commit(PROJECT)
        wheels = options.to / "wheels"
        wheels.mkdir(parents=True, exist_ok=True)
        download_wheels(wheels)
        extra = {f"wheels/{path.name}": path.read_bytes() for path in sorted(wheels.glob("*.whl"))}
        extra["sbom.cdx.json"] = build_bill().encode()
        archive = write_release(PROJECT, options.to, extra, options.key)
    except ReleaseRefused as reason:
        print(reason, file=sys.stderr)
        return 1
    if row.version not in read_rows(PROJECT):
        description = describe_release(row.version)
        add_row(PROJECT, row)
        (PROJECT / DESCRIPTION).write_text(description, encoding="utf-8")
        print(f"Recorded in {RECORD} and {DESCRIPTION}: commit both.")
    print(f"Wrote {archive.archive} and its checksum{'' if archive.signature is None else ' and signature'}.")
    if archive.signature is None:
        print("Not signed: make release KEY=/path/to/an/ssh/key")
    return 0


if __name__ == "__main__":
    sys.exit(main())
