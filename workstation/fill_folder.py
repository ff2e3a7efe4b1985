#!/usr/bin/env python3
"""Fills this folder with the packages and scripts it needs, on a machine with internet; then it runs on one without.

    python3 workstation/fill_folder.py requirements.txt --python 3.13 --machine x86_64

The versions and their checksums are those of the product's `requirements.txt`. The packages are unpacked into
`packages/`, so that the workstation needs neither pip nor a virtual environment, and `SHA256SUMS` lists every file of
the folder: the command in docs/guides/workstation.md shows that none was changed, removed or added on the way.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NEEDED = ("cryptography", "cffi", "pycparser")
# The scripts of the staff site that the page shares with it.
SCRIPTS = ("keys.js", "decide.js")
SUMS = "SHA256SUMS"
# Wheels for Debian 13 (glibc 2.41) and before; pip takes each as it is written.
GLIBC = (17, 24, 28, 31, 34, 39)


def pinned_lines(requirements: str) -> str:
    """The requirements of NEEDED, each with its version and checksums. Raises ValueError if one is missing."""
    lines = []
    for name in NEEDED:
        match = re.search(rf"^{name}==[^\n]*\\\n(?:    --hash=[^\n]*\n)+", requirements, re.MULTILINE)
        if match is None:
            raise ValueError(f"{name} is not pinned with checksums in the requirements")
        lines.append(match[0].rstrip().rstrip("\\").rstrip())
    return "\n".join(lines) + "\n"


def download_command(requirements: Path, into: Path, *, python: str, machine: str) -> list[str]:
    """pip refuses a file whose checksum is not in the requirements."""
    platforms = [f"manylinux2014_{machine}", *(f"manylinux_2_{version}_{machine}" for version in GLIBC)]
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"),
        *("--python-version", python, "--dest", str(into), "--requirement", str(requirements)),
        *(f"--platform={platform}" for platform in platforms),
    ]


def copy_scripts(folder: Path) -> None:
    for name in SCRIPTS:
        shutil.copyfile(FOLDER.parent / "static" / "staff" / name, folder / name)


def sum_lines(folder: Path) -> Iterator[str]:
    """A line for each file, named and ordered as by `find . -type f | LC_ALL=C sort`."""
    names = [f"./{path.relative_to(folder)}" for path in folder.rglob("*") if path.is_file()]
    for name in sorted(name for name in names if name != f"./{SUMS}"):
        yield f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"


def fill_folder(requirements: Path, *, python: str, machine: str) -> None:
    packages = FOLDER / "packages"
    shutil.rmtree(packages, ignore_errors=True)
    with tempfile.TemporaryDirectory() as temporary:
        pinned, wheels = Path(temporary) / "pinned.txt", Path(temporary) / "wheels"
        pinned.write_text(pinned_lines(requirements.read_text(encoding="utf-8")), encoding="utf-8")
        subprocess.run(download_command(pinned, wheels, python=python, machine=machine), check=True)
        for wheel in sorted(wheels.glob("*.whl")):
            with zipfile.ZipFile(wheel) as opened:
                opened.extractall(packages)
            print(f"Unpacked {wheel.name}")
    copy_scripts(FOLDER)
    # Compiled files would be other bytes on each machine.
    for compiled in list(FOLDER.rglob("__pycache__")):
        shutil.rmtree(compiled)
    (FOLDER / SUMS).write_text("".join(sum_lines(FOLDER)), encoding="utf-8")
    print(f"Carry the folder {FOLDER.name} to the workstation, and this number on paper:")
    print(hashlib.sha256((FOLDER / SUMS).read_bytes()).hexdigest())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--python", default="3.13", help="version of Python on the workstation")
    parser.add_argument("--machine", default="x86_64", help="x86_64 or aarch64, as `uname -m` prints it")
    options = parser.parse_args()
    try:
        fill_folder(options.requirements, python=options.python, machine=options.machine)
    except (OSError, ValueError, subprocess.CalledProcessError) as fault:
        print(f"fill_folder.py: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
