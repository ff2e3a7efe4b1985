"""`make audit`: known flaws in the pinned packages. It asks a server, so it is never part of `make test`.

pip-audit succeeds where it got no answer about a package, and without its own `--strict` where it got no answer about
any. So answers are counted: the audit fails unless every pin that is needed here has one.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from supply.pins import EVERYTHING, RUNTIME, read_needed_pins

FLAWS, NOT_AUDITED = 1, 2


class NotAudited(Exception):
    """A package was not audited. The text is for a person to read."""


def find_flaws(lock: Path, options: Sequence[str] = ()) -> tuple[int, list[str]]:
    """How many packages of `lock` were audited, and a line for each known flaw. Raises NotAudited."""
    strictly = ["--strict", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    process = subprocess.run(
        [sys.executable, "-m", "pip_audit", *strictly, *options, "--requirement", str(lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    needed = read_needed_pins(lock)
    try:
        answers = json.loads(process.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        output = process.stderr.strip().splitlines()[-1:] or ["no answer"]
        raise NotAudited(f"{lock.name}: nothing was audited; the internet is needed for it. {output[0]}") from None
    packages = {canonicalize_name(answer["name"]): answer for answer in answers if "skip_reason" not in answer}
    if missing := sorted(needed.keys() - packages.keys()):
        raise NotAudited(f"{lock.name}: not audited: {', '.join(missing)}.")
    flaws = [
        f"{name} {package['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version'}"
        for name, package in sorted(packages.items())
        for flaw in package["vulns"]
    ]
    if process.returncode and not flaws:
        raise NotAudited(f"{lock.name}: the audit broke off. {process.stderr.strip().splitlines()[-1]}")
    return len(packages), flaws


def main(options: Sequence[str]) -> int:
    result = 0
    for lock in (RUNTIME, EVERYTHING):
        try:
            audited, flaws = find_flaws(lock, options)
        except NotAudited as error:
            print(f"AUDIT FAILED. {error}", file=sys.stderr)
            result = NOT_AUDITED
            continue
        print(f"{lock.name}: {audited} packages audited, {len(flaws)} known flaws.")
        for line in flaws:
            print(line, file=sys.stderr)
        if flaws:
            result = result or FLAWS
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
