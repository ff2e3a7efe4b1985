"""A release's archive: its checksum and signature are checked before a byte of it is unpacked."""

import hashlib
import posixpath
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from deploy.steps.machine import CURRENT, RELEASE, StepRefused, read_version, run, split_version

RELEASES = Path("/srv")

SIGNER = "release"
NAMESPACE = "reporting-portals-release"
# Who may sign releases, in the form of ssh-keygen's allowed signers; kept from the first installation on.
SIGNERS = Path("/etc/portals/release-signers")


def check_archive(archive: Path, signers: Path | None) -> str:
    """Check the checksum beside the archive and, with `signers`, its signature; says what was checked.

    Raises:
        StepRefused: the archive is not what was published.
    """
    listed = archive.with_name(f"{archive.name}.sha256")
    if not archive.is_file() or not listed.is_file():
        raise StepRefused(f"{archive} and {listed.name} must lie beside each other.")
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if listed.read_text().split()[:1] != [digest]:
        raise StepRefused(f"{archive} is damaged or altered: its checksum is not that of {listed.name}.")
    if signers is None:
        return "checksum right, signature not checked (--signers FILE)"
    signature = archive.with_name(f"{archive.name}.sig")
    if not signature.is_file():
        raise StepRefused(f"{signature} is missing.")
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", SIGNER, "-n", NAMESPACE, "-s", str(signature)]
    with archive.open("rb") as file:
        process = subprocess.run(command, stdin=file, capture_output=True, text=True, check=False)
    if process.returncode:
        raise StepRefused(f"{archive} was not signed by anyone whom {signers} names: {process.stderr.strip()[-200:]}")
    return "checksum and signature right"


def find_signers(given: Path | None, *, without: bool) -> Path | None:
    """The file of those who may sign: the one given, or that of an earlier run.

    Raises:
        StepRefused: there is none, unless an unsigned archive was asked for.
    """
    if given is not None and not given.is_file():
        raise StepRefused(f"{given} is no file. It has a line for each who may sign: release ssh-ed25519 ...")
    if given is None and not SIGNERS.exists() and not without:
        raise StepRefused(
            f"No one is named who may sign releases: {SIGNERS} is missing. Name a file with --signers, or add "
            "--without-signature."
        )
    return given or (SIGNERS if SIGNERS.exists() else None)


def read_archive_version(archive: Path) -> str:
    """The version in the archive's name and in its only folder.

    Raises:
        StepRefused: they differ, or the archive holds anything beside that folder or leading out of it.
    """
    name = archive.name.removesuffix(".tar.gz")
    version = name.removeprefix("reporting-portals-")
    split_version(version)
    count = 0
    for member in read_members(archive):
        count += 1
        target = posixpath.join(posixpath.dirname(member.name), member.linkname) if member.issym() else member.name
        is_known = member.isreg() or member.isdir() or (member.issym() and not member.linkname.startswith("/"))
        paths = {member.name, posixpath.normpath(member.name), posixpath.normpath(target)}
        if not is_known or any(path.split("/")[0] != name for path in paths):
            raise StepRefused(f"{archive} does not hold the folder {name} alone: {member.name[:100]!r}.")
    if not count:
        raise StepRefused(f"{archive} does not hold the folder {name}.")
    return version


def read_members(archive: Path) -> Iterator[tarfile.TarInfo]:
    """Raises StepRefused where the file is no archive."""
    try:
        with tarfile.open(archive) as packed:
            yield from packed
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise StepRefused(f"{archive} cannot be read: {error}.") from error


def unpack_release(archive: Path, code: str = "staff") -> tuple[Path, bool]:
    """Unpack and build a release in /srv; its folder, and False where it was there already. Raises StepRefused.

    `code`: "public" leaves the staff's code away.
    """
    folder = RELEASES / f"portals-{read_archive_version(archive)}"
    built = folder / ".built"
    if built.exists():
        compare_folder(archive, folder, code)
        return folder, False
    if (folder / ".git").exists() or (folder.exists() and CURRENT.resolve() == folder):
        raise StepRefused(f"{folder} was not made by these scripts, or is in use unbuilt: move it away first.")
    draft = folder.with_name(f"{folder.name}.new")
    run("rm", "--recursive", "--force", draft, folder)
    draft.mkdir(mode=0o755)
    run("tar", "--extract", "--strip-components=1", "--no-same-owner", "--directory", draft, "--file", archive)
    draft.rename(folder)
    run(folder / "deploy" / "build", code)
    read_version(folder)
    built.touch()
    return folder, True


def compare_folder(archive: Path, folder: Path, code: str) -> None:
    """Raises StepRefused where a file of the release is not as in the archive, or missing and not by `deploy/keep`."""
    with tarfile.open(archive) as packed:
        for member in packed:
            path = member.name.partition("/")[2]
            content = packed.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            file = folder / path
            if file.exists():
                fault = "differs" if file.read_bytes() != content.read() else ""
            else:
                fault = "" if code == "public" or path.startswith("tests/") else "is missing"
            if fault:
                raise StepRefused(
                    f"{folder} is not the release of {archive.name}: {path} {fault}. Where it is not in use, remove "
                    "the folder."
                )


def find_archive(path: Path | None) -> Path:
    """The archive named, or the one that this release was unpacked from, if it lies beside the folder."""
    return path or RELEASE.with_name(f"{RELEASE.name}.tar.gz")
