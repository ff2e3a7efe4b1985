"""Container images built from the Dockerfile, and the surface in each started.

With Debian's buildah and netavark and nothing else: no daemon, no registry, no privileges beyond a user namespace. The
base is a Debian made by debootstrap with Python, under the name and the digest that the Dockerfile asks for. `python -m
tests.proofs images` needs debootstrap, both of these and 10 minutes.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from supply import release
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.machines import prepare_debian
from tests.proofs.rehearsal import clone_project
from tests.proofs.result import Figure, NotPossibleHere, equal_to

SHOWS = "Container images of all surfaces are built from an archive by Debian's tools, and start"
PROMISES = (5,)
COVERS = (*INSTALLATION, "Dockerfile", "requirements.txt", "supply")

SURFACES = ("public", "sources", "staff")
BASE = "docker.io/library/python:3.13-slim-trixie"
# Debian's pip cannot remove what Debian installed; the official image's can.
PYTHON = """
apt-get update -qq
apt-get install --yes -qq --no-install-recommends python3 python3-pip python3-pip-whl python-is-python3
rm /usr/lib/python3*/EXTERNALLY-MANAGED
pip install --quiet --no-index --ignore-installed --root-user-action ignore /usr/share/python-wheels/pip-*.whl
"""
# Without a database: the surface lives and says so.
START = """
gunicorn --config deploy/gunicorn.py --bind 127.0.0.1:18765 &
for _ in $(seq 60); do
    sleep 1
    python -c "import urllib.request as u; print(u.urlopen(u.Request('http://127.0.0.1:18765/health/live/', \
headers={'Host': 'localhost'})).read().decode())" 2>/dev/null && break
done
id --user
ls -d analysts tests 2>/dev/null
kill %1
"""
PROGRAMS = f"{os.environ.get('PATH', '')}:/usr/lib/podman"
# Higher than here they would need privileges.
LIMITS = ("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096")
SETTINGS = {
    "SECRET_KEY": "used-while-an-image-is-tried-and-never-to-sign-anything",
    "ALLOWED_HOSTS": "localhost",
    "DATABASE_URL": "postgres:///unused",
}


class ImageBuilder:
    """buildah with its storage in a folder."""

    def __init__(self, folder: Path) -> None:
        # buildah asks for the latter before it does anything, and does not depend on it.
        missing = [name for name in ("buildah", "netavark") if shutil.which(name, path=PROGRAMS) is None]
        if missing:
            raise NotPossibleHere(f"not installed: {', '.join(missing)}. Run: apt-get install {' '.join(missing)}")
        self.options = ["--root", str(folder / "images"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]

    def run(self, command: str, *arguments: str | Path) -> str:
        """Raises RuntimeError with the last lines where it fails."""
        done = subprocess.run(
            ["buildah", *self.options, command, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"buildah {command}: {(done.stdout + done.stderr)[-1500:]}")
        return done.stdout.strip()

    def make_base(self, debian: Path) -> str:
        """The digest of an image of this Debian."""
        container = self.run("from", "scratch")
        self.run("add", container, debian, "/")
        self.run("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", container)
        self.run("commit", "--quiet", "--rm", container, BASE)
        return self.run("images", "--format", "{{.Digest}}", BASE)

    def build(self, source: Path, digest: str, surface: str) -> None:
        arguments = (f"PYTHON_DIGEST={digest}", f"SURFACE={surface}")
        given = [part for argument in arguments for part in ("--build-arg", argument)]
        self.run("build", "--isolation", "chroot", *LIMITS, "--pull=never", *given, "--tag", surface, source)

    def start(self, surface: str) -> list[str]:
        """The words that START printed in a container of the image."""
        container = self.run("from", *LIMITS, "--pull=never", f"localhost/{surface}")
        given = [f"--env={name}={value}" for name, value in SETTINGS.items()]
        return self.run("run", "--isolation", "chroot", *given, container, "--", "bash", "-c", START).split()


def make_source(folder: Path) -> Path:
    """The files of an archive: the commit's, with wheels."""
    source = folder / "source"
    clone_project(source)
    subprocess.run(["git", "checkout", "--quiet", "--detach"], cwd=source, check=True)
    (source / "wheels").mkdir()
    release.download_wheels(source / "wheels")
    return source


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    builder = ImageBuilder(folder)
    debian = prepare_debian(folder)
    inside = subprocess.run(["chroot", str(debian), "sh", "-ec", PYTHON], capture_output=True, text=True, check=False)
    if inside.returncode:
        raise NotPossibleHere(f"Debian's Python cannot be installed: {inside.stderr[-300:]}")
    digest, source = builder.make_base(debian), make_source(folder)
    for surface in SURFACES:
        builder.build(source, digest, surface)
        expected = ["ok", "10001", *(["analysts"] if surface == "staff" else [])]
        yield equal_to(
            f"{surface}: answer, user, folders of staff and tests", " ".join(builder.start(surface)), " ".join(expected)
        )
