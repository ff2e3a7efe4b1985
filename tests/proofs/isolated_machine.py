"""The isolated workstation of a proof: a copy of the product's folder, an account, and the medium."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tests.proofs.isolated_walk import IsolatedWalk, Walked, environment_of
from tests.proofs.result import NotPossibleHere
from workstation.fill_folder import copy_scripts
from workstation.locked_store import LockedStore

ROOT = Path(__file__).resolve().parent.parent.parent
PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True)
class IsolatedMachine:
    """Everything on it lies below `folder` (tests/proofs/isolated_walk.py)."""

    folder: Path

    def set_up(self, hotline_key: str) -> list[str]:
        """As in the guide; returns the two public keys. The packages are those of this Python."""
        shutil.copytree(ROOT / "workstation", self.folder / "opt" / "workstation")
        copy_scripts(self.folder / "opt" / "workstation")
        for name in ("home", "stick", "tmp"):
            (self.folder / name).mkdir()
        viewer = self.folder / "opt" / "viewer"
        handed = self.folder / "tmp" / "handed"
        viewer.write_text(f'#!/bin/sh\nprintf "%s\\n" "$#" "$@" >"{handed}"\n')
        viewer.chmod(0o755)
        self.run("make-keys", typed=f"{PASSPHRASE}\n")
        self.run("trust", hotline_key, typed=f"{PASSPHRASE}\n")
        return (self.folder / "home" / ".workstation" / "workstation.public").read_text().split()

    def run(self, *arguments: str, typed: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "workstation", "--passphrase-stdin", *arguments],
            cwd=self.folder / "opt",
            env=environment_of(self.folder),
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"workstation {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def batch_path(self, batch: str) -> Path:
        return self.folder / "stick" / f"batch-{batch[:8]}.sealed"

    def walk(self, batch: str, *, plan: list[dict[str, str]], note: str, outside: int, is_attacked: bool) -> Walked:
        """Without network; raises NotPossibleHere where there can be no such place."""
        given: IsolatedWalk = {
            "machine": str(self.folder),
            "batch": str(self.batch_path(batch)),
            "passphrase": PASSPHRASE,
            "plan": plan,
            "note": note,
            "outside": outside,
            "is_attacked": is_attacked,
        }
        done = subprocess.run(
            [sys.executable, "-m", "tests.proofs.isolated_walk"],
            cwd=ROOT,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 and "leave_network" in done.stderr:
            raise NotPossibleHere(f"no network namespace: {done.stderr.splitlines()[-1]}")
        if done.returncode != 0:
            raise RuntimeError(f"the walk: {done.stderr[-3000:]}")
        return cast(Walked, json.loads(done.stdout.splitlines()[-1]))

    def store(self, passphrase: str = PASSPHRASE) -> LockedStore:
        return LockedStore.open(self.folder / "home" / ".workstation", passphrase)
