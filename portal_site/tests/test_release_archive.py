"""`make release`: equal bytes twice, a signature that others can check, a row of its own, and what is refused."""

import dataclasses
import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from deploy.steps.archive import NAMESPACE
from portal_site.environment import PROJECT
from supply import release, release_record
from supply.pins import RUNTIME, read_needed_pins

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
    (root / "docs").mkdir()
    (root / release_record.RECORD).write_text("# Releases\n")
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
            "docs/releases.toml",
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
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "release@example.org", "-n", NAMESPACE]
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


@pytest.mark.parametrize("text", ["", "\n", "### For analysts\n- New.\n\n"])
def test_anything_that_belongs_to_no_release_is_refused(tree: Path, text: str) -> None:
    before = (tree / "CHANGELOG.md").read_text()
    (tree / "CHANGELOG.md").write_text(before.replace("## 1.2.3", f"## Unreleased\n{text}\n## 1.2.3", 1))
    if text.strip():
        with pytest.raises(release.ReleaseRefused, match="2 lines under Unreleased"):
            release.check_changes(tree)
    else:
        release.check_changes(tree)


def test_candidate_of_a_release_has_a_section_of_its_own(tree: Path) -> None:
    before = (tree / "CHANGELOG.md").read_text()
    (tree / "CHANGELOG.md").write_text(before.replace("## 1.2.3", "## 1.3.0rc1, 2026-12-01\n\n- Soon.\n\n## 1.2.3", 1))
    assert release.read_changes(tree, "1.3.0rc1") == "## 1.3.0rc1, 2026-12-01\n\n- Soon.\n"


def test_packages_are_fetched_for_both_kinds_of_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: commands.append(command))
    release.download_wheels(tmp_path)
    machines = [{part.rpartition("_2_28_")[2] for part in command if "_2_28_" in part} for command in commands]
    assert machines == [{"x86_64"}, {"aarch64"}]
    assert all("--require-hashes" in command for command in commands)


def test_pinned_packages_with_machine_code_have_files_for_more_than_one_machine() -> None:
    """One archive serves both; a pure package has one file and its source."""
    files = {str(name): len(pin.hashes) for name, pin in read_needed_pins(RUNTIME).items()}
    assert min(files[name] for name in ("cryptography", "psycopg-binary", "pydantic-core", "pillow")) > 10


def test_this_version_has_its_section() -> None:
    assert release.read_changes(PROJECT, release.read_version(PROJECT)).startswith("## 0.")


# --- docs/releases.toml -----------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(tree: Path) -> release_record.RecordedRelease:
    """The row of the tree's release, recorded and committed."""
    row = release.describe_commit(tree)
    release_record.add_row(tree, row)
    run_git(tree, "commit", "--quiet", "--all", "--message", "record")
    return row


def replace_row(tree: Path, row: release_record.RecordedRelease) -> None:
    (tree / release_record.RECORD).write_text("")
    release_record.add_row(tree, row)


def test_recorded_release_has_no_errors(tree: Path, recorded: release_record.RecordedRelease) -> None:
    assert (recorded.version, recorded.date) == (VERSION, "2026-11-28")
    assert release_record.read_rows(tree) == {VERSION: recorded}
    assert list(release_record.find_record_errors(tree)) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"date": "2026-11-29"}, "1.2.3: CHANGELOG.md has no section with the date 2026-11-29."),
        ({"version": "1.2.4"}, "1.2.4: CHANGELOG.md has no section with the date 2026-11-28."),
        ({"digest": "0" * 64}, "1.2.3: the files of {commit} have another digest."),
        ({"commit": "0" * 40}, f"1.2.3: the commit {'0' * 40} is not in the history."),
        ({"commit": "HEAD"}, "1.2.3: HEAD is not the full id of a commit."),
    ],
)
def test_wrong_row_is_named(
    tree: Path, recorded: release_record.RecordedRelease, change: dict[str, str], error: str
) -> None:
    replace_row(tree, dataclasses.replace(recorded, **change))
    assert list(release_record.find_record_errors(tree)) == [error.format(commit=recorded.commit)]
    run_git(tree, "commit", "--quiet", "--all", "--message", "another row")
    with pytest.raises(release.ReleaseRefused, match=r"docs/releases\.toml is wrong"):
        release.check_tree(tree, list)


def test_commit_of_another_branch_is_named(tree: Path, recorded: release_record.RecordedRelease) -> None:
    run_git(tree, "checkout", "--quiet", "--orphan", "rewritten")
    run_git(tree, "commit", "--quiet", "--message", "rewritten")
    assert list(release_record.find_record_errors(tree)) == [
        f"1.2.3: the commit {recorded.commit} is not in the history."
    ]


def test_without_the_history_only_the_changelog_is_compared(
    tree: Path, recorded: release_record.RecordedRelease, tmp_path: Path
) -> None:
    run_git(tmp_path, "clone", "--quiet", "--depth", "1", tree.as_uri(), "shallow")
    shutil.copytree(tree, tmp_path / "unpacked", symlinks=True, ignore=shutil.ignore_patterns(".git"))
    for root in (tmp_path / "shallow", tmp_path / "unpacked"):
        assert list(release_record.find_record_errors(root)) == []
        replace_row(root, dataclasses.replace(recorded, date="2026-11-29"))
        assert len(list(release_record.find_record_errors(root))) == 1


def test_version_is_not_released_twice_with_other_files(tree: Path, recorded: release_record.RecordedRelease) -> None:
    with pytest.raises(release.ReleaseRefused, match=f"has 1.2.3 with other files, those of {recorded.commit}"):
        release.describe_commit(tree)


def test_digest_is_of_paths_and_contents() -> None:
    file = release_record.CommittedFile(0o644, "", b"text")
    digests = {
        release_record.digest_files(files)
        for files in (
            {"a": file},
            {"b": file},
            {"a": file, "b": file},
            {"a": release_record.CommittedFile(0o644, "", b"other")},
            {"a": release_record.CommittedFile(0o777, "target", b"")},
        )
    }
    assert len(digests) == 5
    assert release_record.digest_files({"b": file, "a": file}) == release_record.digest_files({"a": file, "b": file})


def test_releases_of_this_project_have_no_errors() -> None:
    assert list(release_record.find_record_errors(PROJECT)) == []


def test_release_is_described_without_settings_of_its_own() -> None:
    description = json.loads(release.describe_release("1.2.3"))
    assert description["version"] == "1.2.3"
    assert "reports.0001_initial" in description["migrations"]
