"""`make release`: equal bytes twice, a signature that others can check, and a refusal of what is not ready."""

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from portal_site.environment import PROJECT
from supply import release

VERSION = "1.2.3"


def run_git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Adam", "-c", "user.email=adam@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A committed tree of a product in version 1.2.3."""
    root = tmp_path / "tree"
    (root / "deploy").mkdir(parents=True)
    (root / "pyproject.toml").write_text(f'[project]\nname = "x"\nversion = "{VERSION}"\n')
    (root / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 1.2.3, 2026-11-28\n\n- New.\n\n## 1.2.2, 2026-11-01\n\n- Old.\n"
    )
    (root / "deploy" / "manage").write_text("#!/bin/sh\n")
    (root / "deploy" / "manage").chmod(0o755)
    (root / "link").symlink_to("deploy/manage")
    run_git(root, "init", "--quiet")
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message", "first")
    return root


def make_release(tree: Path, to: Path, key: Path | None = None) -> release.ReleaseFiles:
    release.check_tree(tree, list)
    return release.write_release(tree, to, {"wheels/a-1.0-py3-none-any.whl": b"wheel"}, key)


def test_two_builds_have_equal_bytes_and_hold_the_commit(tree: Path, tmp_path: Path) -> None:
    first, second = (make_release(tree, tmp_path / name) for name in ("first", "second"))
    assert first.archive.read_bytes() == second.archive.read_bytes()
    digest = hashlib.sha256(first.archive.read_bytes()).hexdigest()
    assert first.checksum.read_text() == f"{digest}  reporting-portals-1.2.3.tar.gz\n"
    assert first.changes.read_text() == "## 1.2.3, 2026-11-28\n\n- New.\n"
    with tarfile.open(first.archive) as archive:
        members = {member.name.partition("/")[2]: member for member in archive.getmembers()}
        assert set(members) == {
            "CHANGELOG.md",
            "deploy/manage",
            "link",
            "pyproject.toml",
            "wheels/a-1.0-py3-none-any.whl",
        }
        assert members["deploy/manage"].mode == 0o755
        assert members["link"].linkname == "deploy/manage"
        assert {(member.uid, member.uname) for member in members.values()} == {(0, "")}


def test_signature_can_be_checked(tree: Path, tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not here: the signature of a release is not tested")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    made = make_release(tree, tmp_path / "out", key)
    assert made.signature is not None
    signers = tmp_path / "signers"
    signers.write_text(f"release@example.org {key.with_suffix('.pub').read_text()}")
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "release@example.org", "-n", release.NAMESPACE]
    for content, status in ((made.archive.read_bytes(), 0), (made.archive.read_bytes() + b"x", 255)):
        done = subprocess.run([*command, "-s", str(made.signature)], input=content, capture_output=True, check=False)
        assert done.returncode == status


def test_what_is_not_ready_is_refused(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(release.ReleaseRefused, match="Proofs older than their code: crash, privacy"):
        release.check_tree(tree, lambda: ["privacy", "crash"])
    (tree / "new").touch()
    with pytest.raises(release.ReleaseRefused, match="Not committed: new"):
        release.check_tree(tree, list)
    (tree / "new").unlink()
    (tree / "CHANGELOG.md").write_text("## Unreleased\n")
    with pytest.raises(release.ReleaseRefused, match=r"no dated section of 1\.2\.3"):
        release.read_changes(tree, VERSION)


def test_this_version_has_its_section() -> None:
    assert release.read_changes(PROJECT, release.read_version(PROJECT)).startswith("## 0.")
