"""Letters through a mail server that dies, repeats and rejects: `python -m tests.benchmarks.letters [--letters 10000]`.

Runs `test_killed_sender.py` with that many letters instead of 24, each with its reminder, and prints its figures: how
many letters were lost, and how many came again, always under the Message-ID of the first. 10,000 take an hour.
"""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEST = "analysts/takedown/notices/tests/test_killed_sender.py"


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=10_000)
    letters: int = parser.parse_args().letters
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", TEST]
    environment = {**os.environ, "LETTERS": str(letters)}
    sys.exit(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
