"""The recorded results of proofs (docs/figures/proof.json): saving them one by one, and which are out of date.

A result is out of date where the code that its proof covers has changed since, and the newest commit is more than
LONGEST_AGE younger than the commit that was tested. Only dates of commits are compared, so that a fresh clone fails
today if and only if it fails next year. A shallow clone has the newest commit. Without git no age is known.
"""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from portal_site.environment import PROJECT
from tests.proofs import page
from tests.proofs.page import ProofResult

LONGEST_AGE = timedelta(days=14)


def read_results(path: Path) -> dict[str, ProofResult]:
    """By proof; empty where there is no file."""
    if not path.exists():
        return {}
    results: list[ProofResult] = json.loads(path.read_text())
    return {each["proof"]: each for each in results}


def save_result(result: ProofResult, path: Path, *, shown: Path | None, order: Sequence[str]) -> None:
    """Replace the proof's last result, in the file and on the page, whole or not at all."""
    kept = read_results(path) | {result["proof"]: result}
    in_order = [kept[name] for name in order if name in kept]
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(in_order, indent=1, ensure_ascii=False) + "\n")
    draft.replace(path)
    if shown is not None:
        page.write_results(shown, in_order)


def is_current(result: ProofResult | None, digest: str) -> bool:
    """A whole run of exactly this code that held."""
    return result is not None and result.get("digest") == digest and result["full"] and result["holds"]


def find_outdated(
    results: Mapping[str, ProofResult], digests: Mapping[str, str], newest: datetime, *, on_request: Iterable[str] = ()
) -> list[str]:
    """One sentence for each proof whose result is out of date, does not hold, or is of the short form.

    A proof without a result was added since the last run: it gets the time of the newest result that there is. One that
    runs only on request may have none.

    Args:
        digests: of the code of each proof as it is now.
        newest: the time of the newest commit.
    """
    last = max((_tested_at(each) for each in results.values()), default=datetime.min.replace(tzinfo=newest.tzinfo))
    found = []
    for name, digest in digests.items():
        result = results.get(name)
        if result is None:
            if name not in on_request and newest - last > LONGEST_AGE:
                found.append(f"{name} has never been run.")
            continue
        if not result["full"]:
            found.append(f"{name} was run in its short form only.")
        if not result["holds"] and not result["impossible"]:
            found.append(f"{name} did not hold.")
        age = newest - _tested_at(result)
        if result.get("digest") != digest and age > LONGEST_AGE:
            found.append(f"{name} was run {age.days} days before the newest commit, and its code has changed since.")
    return found


def _tested_at(result: ProofResult) -> datetime:
    """The time of the tested commit; that of the run where no commit was known."""
    return datetime.fromisoformat(result.get("commit_at") or result["at"])


# --- The repository ---------------------------------------------------------------------------------------------------


def ask_git(*arguments: str, root: Path = PROJECT) -> str | None:
    """The output of git; None without git, or where `root` is not the top of a repository of its own."""
    try:
        top, answer = (
            subprocess.run(["git", "-C", str(root), *each], capture_output=True, text=True, check=False)
            for each in (("rev-parse", "--show-toplevel"), arguments)
        )
    except OSError:
        return None
    if top.returncode or answer.returncode or Path(top.stdout.strip()).resolve() != root.resolve():
        return None
    return answer.stdout.rstrip("\n")


def newest_commit_time(root: Path = PROJECT) -> datetime | None:
    text = ask_git("log", "-1", "--format=%cI", root=root)
    return datetime.fromisoformat(text) if text else None


def changed_files(*, besides: Iterable[Path], root: Path = PROJECT) -> list[str]:
    """Files that differ from the commit or are new, besides the results that a run writes; none without git."""
    root = root.resolve()
    own = {str(path.resolve().relative_to(root)) for path in besides if path.resolve().is_relative_to(root)}
    lines = (ask_git("status", "--porcelain", "--untracked-files=all", root=root) or "").splitlines()
    return [line[3:] for line in lines if line[3:] not in own]
