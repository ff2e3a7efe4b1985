"""docs/releases.toml: the date, the commit and the digest of each release.

A tag does not travel with its branch, and a commit has another id once the history before it is rewritten; the digest
is of the files alone.
"""

import hashlib
import io
import re
import subprocess
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

RECORD = "docs/releases.toml"
HEADING = re.compile(r"^## (?P<version>\d+\.\d+\.\d+(?:rc\d+)?), (?P<date>\d{4}-\d{2}-\d{2})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RecordedRelease:
    """`date` in ISO 8601, `commit` in full, `digest` as `digest_files` gives it."""

    version: str
    date: str
    commit: str
    digest: str


@dataclass(frozen=True, slots=True)
class CommittedFile:
    """`link`: what a symbolic link points to, or empty."""

    mode: int
    link: str
    content: bytes


def run_git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True).stdout


def read_commit_files(root: Path, commit: str = "HEAD") -> dict[str, CommittedFile]:
    """By path. Raises CalledProcessError without the commit."""
    files = {}
    with tarfile.open(fileobj=io.BytesIO(run_git(root, "archive", "--format=tar", commit))) as archive:
        for member in archive.getmembers():
            if not member.isdir():
                content = archive.extractfile(member) if member.isfile() else None
                files[member.name] = CommittedFile(
                    member.mode & 0o755, member.linkname, content.read() if content else b""
                )
    return files


def digest_files(files: Mapping[str, CommittedFile]) -> str:
    """The SHA-256 of what `sha256sum` prints for the files in the order of their paths; a link counts as its target."""
    digests = {path: hashlib.sha256(file.content or file.link.encode()).hexdigest() for path, file in files.items()}
    lines = (f"{digest}  {path}\n" for path, digest in sorted(digests.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_rows(root: Path) -> dict[str, RecordedRelease]:
    """By version. Raises OSError, ValueError, KeyError."""
    tables = tomllib.loads((root / RECORD).read_text(encoding="utf-8"))
    return {
        version: RecordedRelease(version, str(table["date"]), table["commit"], table["digest"])
        for version, table in tables.items()
    }


def add_row(root: Path, row: RecordedRelease) -> None:
    """Raises OSError."""
    with (root / RECORD).open("a", encoding="utf-8") as file:
        file.write(f'\n["{row.version}"]\ndate = {row.date}\ncommit = "{row.commit}"\ndigest = "{row.digest}"\n')


def find_record_errors(root: Path) -> Iterator[str]:
    """A sentence for each error. Commits are compared where the whole history is there."""
    headings = dict(HEADING.findall((root / "CHANGELOG.md").read_text(encoding="utf-8")))
    for row in read_rows(root).values():
        if headings.get(row.version) != row.date:
            yield f"{row.version}: CHANGELOG.md has no section with the date {row.date}."
        if not re.fullmatch(r"[0-9a-f]{40}", row.commit):
            yield f"{row.version}: {row.commit} is not the full id of a commit."
        elif has_whole_history(root):
            if not _succeeds(root, "merge-base", "--is-ancestor", row.commit, "HEAD"):
                yield f"{row.version}: the commit {row.commit} is not in the history."
            elif digest_files(read_commit_files(root, row.commit)) != row.digest:
                yield f"{row.version}: the files of {row.commit} have another digest."


def has_whole_history(root: Path) -> bool:
    """False in an unpacked archive and in a shallow clone."""
    return (root / ".git").exists() and run_git(root, "rev-parse", "--is-shallow-repository") == b"false\n"


def _succeeds(root: Path, *arguments: str) -> bool:
    return subprocess.run(["git", *arguments], cwd=root, check=False, capture_output=True).returncode == 0
