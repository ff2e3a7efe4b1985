"""A release's archive: its checksum and signature are checked before a byte of it is unpacked."""

import hashlib
import subprocess
import tarfile
from pathlib import Path

from deploy.steps.machine import RELEASE, StepRefused, read_version, run

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


def read_archive_version(archive: Path) -> str:
    """The version in the archive's name and in its only folder. Raises StepRefused where they differ."""
    name = archive.name.removesuffix(".tar.gz")
    with tarfile.open(archive) as packed:
        first = packed.next()
    if first is None or first.name.split("/")[0] != name or not name.startswith("reporting-portals-"):
        raise StepRefused(f"{archive} does not hold the folder {name}.")
    return name.removeprefix("reporting-portals-")


def unpack_release(archive: Path, code: str = "staff") -> tuple[Path, bool]:
    """Unpack and build a release in /srv; its folder, and False where it was there already. Raises StepRefused.

    `code`: "public" leaves the staff's code away.
    """
    folder = Path(f"/srv/portals-{read_archive_version(archive)}")
    built = folder / ".built"
    if built.exists():
        return folder, False
    draft = folder.with_name(f"{folder.name}.new")
    run("rm", "--recursive", "--force", draft, folder)
    draft.mkdir(mode=0o755)
    run("tar", "--extract", "--strip-components=1", "--no-same-owner", "--directory", draft, "--file", archive)
    draft.rename(folder)
    run(folder / "deploy" / "build", code)
    read_version(folder)
    built.touch()
    return folder, True


def find_archive(path: Path | None) -> Path:
    """The archive named, or the one that this release was unpacked from, if it lies beside the folder."""
    return path or RELEASE.with_name(f"{RELEASE.name}.tar.gz")
