"""Recorded results of proofs: which code they cover, when they are out of date, and how a run continues."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from countries.public.trust import SENTENCES
from portal_site.environment import PROJECT
from tests.proofs import __main__ as proofs
from tests.proofs import page, recorded
from tests.proofs.covered_code import CodeDigests, modules_behind
from tests.proofs.page import ProofResult
from tests.proofs.release_figures import SHOWN, release_figures
from tests.proofs.result import Result, equal_to

NEWEST = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def result_of(proof: str, digest: str = "new", *, days: float = 0, **other: object) -> ProofResult:
    """A result of a commit so many days before NEWEST, run long before: today's date must not matter."""
    row = {
        **Result(proof, "Shows something", (1,), figures=[equal_to("figure", 1, 1)]).as_json(),
        "at": "2020-01-01T00:00Z", "commit": "abc", "commit_at": (NEWEST - timedelta(days=days)).isoformat(),
        "digest": digest, "machine": "Linux", "full": True,
    }  # fmt: skip
    return {**row, **other}  # type: ignore[typeddict-item] # built from parts, as a run does


# --- What a proof covers ----------------------------------------------------------------------------------------------


def test_every_proof_declares_code_that_exists() -> None:
    names = (*proofs.PROOFS, *proofs.ON_REQUEST)

    assert [name for name in names if not getattr(proofs.find_proof(name), "COVERS", ())] == []
    assert len(set(proofs.compute_digests(names).values())) == len(names)


def test_proof_covers_the_modules_that_it_runs_by_name_or_by_import() -> None:
    assert {"tests/proofs/slow.py", "tests/proofs/stack.py"} <= modules_behind("tests.proofs.slow_clients")
    assert {"tests/proofs/inside/claims.py", "tests/proofs/claims.py"} <= modules_behind("tests.proofs.claims")
    assert "tests/proofs/privacy/noisy.py" in modules_behind("tests.proofs.privacy")
    assert not any("/test_" in path for path in modules_behind("tests.proofs.privacy"))


@pytest.fixture
def code(tmp_path: Path) -> Path:
    for path, text in {
        "app/views.py": "1", "app/tests/test_views.py": "1", "app/README.md": "1", "app/text.mo": "1",
        "other/a.py": "1",
        "tests/proofs/shown.py": "from tests.rig import tool\nRUN = 'tests.rig.process'",
        "tests/rig/tool.py": "1", "tests/rig/process.py": "1", "tests/rig/unused.py": "1",
    }.items():  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def digest_in(root: Path) -> str:
    return CodeDigests(root).digest_of("tests.proofs.shown", ["app"])


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("app/views.py", True), ("app/new.html", True), ("tests/rig/tool.py", True), ("tests/rig/process.py", True),
        ("tests/proofs/shown.py", True), ("app/tests/test_views.py", False), ("app/README.md", False),
        ("app/text.mo", False), ("app/__pycache__/views.pyc", False), ("other/a.py", False),
        ("tests/rig/unused.py", False),
    ],
)  # fmt: skip
def test_digest_changes_with_covered_code_only(code: Path, path: str, counts: bool) -> None:
    before = digest_in(code)
    (code / path).parent.mkdir(exist_ok=True)
    (code / path).write_text("2 = 2" if path.endswith(".html") else "changed = 2")

    assert (digest_in(code) != before) == counts


def test_covered_path_that_does_not_exist_is_an_error(code: Path) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        CodeDigests(code).digest_of("tests.proofs.shown", ["gone"])


def test_public_figures_are_those_of_the_recorded_results() -> None:
    """Run `python -m tests.proofs.release_figures` after a new version number; `make prove` writes them itself."""
    results = recorded.read_results(PROJECT / "docs/figures/proof.json")

    figures = release_figures(results.values())
    assert json.loads(SHOWN.read_text()) == figures
    assert {each["proof"] for each in cast(list[dict[str, str]], figures["proofs"])} == set(SENTENCES)


# --- Results that are out of date -------------------------------------------------------------------------------------


def test_no_recorded_result_is_older_than_its_code() -> None:
    """`make prove` renews them. Without git no age is known, so this is skipped, unless all of them are current."""
    results = recorded.read_results(PROJECT / "docs/figures/proof.json")
    digests = proofs.compute_digests((*proofs.PROOFS, *proofs.ON_REQUEST))
    newest = recorded.newest_commit_time()
    if newest is None:
        unknown = [name for name in proofs.PROOFS if not recorded.is_current(results.get(name), digests[name])]
        if unknown:
            pytest.skip(f"Without git the age of these results is not known, and their code has changed: {unknown}")
        return

    assert recorded.find_outdated(results, digests, newest, on_request=proofs.ON_REQUEST) == []


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (result_of("crash", days=400), []),
        (result_of("crash", "old", days=13.9), []),
        (
            result_of("crash", "old", days=14.1),
            ["crash was run 14 days before the newest commit, and its code has changed since."],
        ),
        (result_of("crash", "old", days=-30), []),
        (result_of("crash", full=False), ["crash was run in its short form only."]),
        (result_of("crash", holds=False), ["crash did not hold."]),
        (result_of("crash", holds=False, impossible="No root."), []),
    ],
)  # fmt: skip
def test_result_is_out_of_date_by_code_and_commits(result: ProofResult, found: list[str]) -> None:
    assert recorded.find_outdated({"crash": result}, {"crash": "new"}, NEWEST) == found


def test_result_of_an_earlier_version_has_the_age_of_its_run() -> None:
    result = result_of("crash", at="2026-11-20T21:56Z")
    del result["digest"], result["commit_at"]

    assert recorded.find_outdated({"crash": result}, {"crash": "new"}, NEWEST) == []
    assert len(recorded.find_outdated({"crash": result}, {"crash": "new"}, NEWEST + timedelta(days=8))) == 1


def test_proof_that_was_never_run_is_missed_like_an_old_one() -> None:
    results, digests = {"crash": result_of("crash")}, {"crash": "new", "added": "new", "life": "new"}

    assert recorded.find_outdated(results, digests, NEWEST, on_request=["life"]) == []
    later = NEWEST + timedelta(days=15)
    assert recorded.find_outdated(results, digests, later, on_request=["life"]) == ["added has never been run."]


# --- A run ------------------------------------------------------------------------------------------------------------


class QuickRun:
    """Proofs that only note that they ran, and a page for their results."""

    def __init__(self, folder: Path) -> None:
        self.ran: list[str] = []
        self.fails: set[str] = set()
        self.digests = dict.fromkeys((*proofs.PROOFS, *proofs.ON_REQUEST), "new")
        self.results, self.page = folder / "proof.json", folder / "proof.md"
        self.page.write_text(f"{page.FROM}\n{page.TO}\n")

    def run_proof(self, name: str, **_: object) -> Result:
        self.ran.append(name)
        return Result(name, "Shows something", (1,), figures=[equal_to("figure", name in self.fails, False)])

    def start(self, *arguments: str) -> list[str]:
        self.ran = []
        proofs.main(["--results", str(self.results), "--page", str(self.page), *arguments])
        return self.ran


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> QuickRun:
    quick = QuickRun(tmp_path)
    monkeypatch.setattr(proofs, "run_proof", quick.run_proof)
    monkeypatch.setattr(proofs, "compute_digests", lambda names: {name: quick.digests[name] for name in names})
    monkeypatch.setattr(proofs, "current_commit", lambda: "abc")
    monkeypatch.setattr(recorded, "changed_files", lambda **_: [])
    return quick


def test_run_continues_where_it_stopped(run: QuickRun) -> None:
    run.start("privacy", "crash")
    assert [each["proof"] for each in json.loads(run.results.read_text())] == ["privacy", "crash"]
    assert "| crash | Shows something | 1 | all 1 hold |" in run.page.read_text()

    assert run.start() == [name for name in proofs.PROOFS if name not in ("privacy", "crash")]
    assert run.start() == []
    assert run.start("--again", "crash") == ["crash"]
    assert run.start("crash") == ["crash"]
    assert run.start("--again", "all") == list(proofs.PROOFS)


def test_run_repeats_what_failed_was_short_or_changed(run: QuickRun) -> None:
    run.fails = {"crash"}
    with pytest.raises(SystemExit, match="FAILED: crash"):
        run.start()
    run.fails = set()
    run.start("--quick", "claims")
    run.digests["replay"] = "newer"

    assert sorted(run.start()) == ["claims", "crash", "replay"]


def test_result_of_code_that_changed_meanwhile_is_not_kept(run: QuickRun, monkeypatch: pytest.MonkeyPatch) -> None:
    states: Iterator[str] = iter(("before", "after"))
    monkeypatch.setattr(proofs, "compute_digests", lambda names: {name: next(states) for name in names})

    with pytest.raises(SystemExit, match="changed while it ran"):
        run.start("crash")
    assert not run.results.exists()


def test_results_are_recorded_of_committed_files_only(run: QuickRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "changed_files", lambda **_: ["reports/models.py"])

    with pytest.raises(SystemExit, match=r"Not committed.*reports/models.py"):
        run.start()
    assert run.ran == []


# --- The repository ---------------------------------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    own = ["-c", "user.name=Adam", "-c", "user.email=adam@example.org", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *own, "-C", str(folder), *arguments], check=True, capture_output=True)


def test_newest_commit_and_changed_files_are_known_in_a_shallow_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, shallow = tmp_path / "whole", tmp_path / "shallow"
    whole.mkdir()
    git(whole, "init")
    for day in ("2026-11-01", "2026-11-20"):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T10:00:00+00:00")
        (whole / "file").write_text(day)
        git(whole, "add", ".")
        git(whole, "commit", "--message", day)
    git(tmp_path, "clone", "--depth", "1", f"file://{whole}", str(shallow))
    (shallow / "proof.json").write_text("[]")
    (shallow / "new").write_text("")

    assert recorded.newest_commit_time(shallow) == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert recorded.changed_files(besides=[shallow / "proof.json"], root=shallow) == ["new"]
    # A source unpacked inside another repository is none of its commits.
    (shallow / "unpacked").mkdir()
    assert recorded.newest_commit_time(shallow / "unpacked") is None
    monkeypatch.setenv("PATH", "/nowhere")
    assert recorded.newest_commit_time(shallow) is None
    assert recorded.changed_files(besides=[], root=shallow) == []
