"""A guide typed word by word on machines.

Every block ```sh of a guide is run unchanged, in order; the block ```text that follows must be found in what it
printed, … matching any text. After `sh` a block may name where it is typed: machines' names, `elsewhere` (the place
that fetches backups) or `terminal` (a password is asked for).
"""

import fnmatch
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.proofs.machines import Machine
from tests.proofs.result import Figure, equal_to

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "a password of a rehearsal, thrown away"
# Commands that fetch from the internet.
FETCHES = re.compile(r"apt-get |deploy/build")
KEPT = "/root/.session"


def clone_project(folder: Path) -> None:
    """The newest commit's files, and no earlier ones."""
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), str(folder)], check=True)


@dataclass(frozen=True, slots=True)
class Block:
    """Commands, where they are typed ("" is the guide's only machine), and the lines that must be seen."""

    line: int
    where: str
    commands: str
    seen: tuple[str, ...]


def read_blocks(guide: Path) -> list[Block]:
    text = guide.read_text(encoding="utf-8")
    found: list[Block] = []
    for match in re.finditer(r"^```(\w+)([\w ]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        language, where, body = match[1], match[2].strip(), match[3]
        if language == "sh":
            found.append(Block(text.count("\n", 0, match.start()) + 1, where, body, ()))
        elif language == "text":
            last = found.pop()
            found.append(Block(last.line, last.where, last.commands, tuple(body.splitlines())))
    return found


def missing_lines(block: Block, output: str) -> list[str]:
    """The expected lines that were not printed."""
    lines = [line.rstrip() for line in output.splitlines()]
    wanted = {line: re.sub(r"([\[\]?*])", r"[\1]", line).replace("…", "*") for line in block.seen}
    return [line for line, pattern in wanted.items() if not fnmatch.filter(lines, pattern)]


@dataclass(slots=True)
class Rehearsal:
    """A guide's machines, its blocks so far and what was rehearsed in between. `tell` gets each block's first line."""

    guide: str
    machines: dict[str, Machine]
    # Before the first block that contains the text: commands that an administrator would have run by then.
    given: dict[str, Callable[[], str]] = field(default_factory=dict)
    # Where to stop, if not at its end: the first line of the first block that is not followed.
    until: str = ""
    # Only blocks of the place `online` have a network; otherwise those with commands that fetch.
    isolated: bool = False
    followed: int = 0

    def follow(self) -> Iterator[Figure]:
        """Run every block; one figure for the guide, or one for the block that failed, which ends it.

        Asked again, it goes on after the blocks that were followed.
        """
        given = dict(self.given)
        for block in read_blocks(ROOT / self.guide)[self.followed :]:
            if self.until and block.commands.startswith(self.until):
                break
            for text in [text for text in given if text in block.commands]:
                output, code = self._type(Block(0, block.where, given.pop(text)(), ()))
                if code:
                    raise RuntimeError(f"what comes before {text!r} failed:\n{output[-3000:]}")
            for where in block.where.split(" and "):
                output, code = self._type(replace(block, where=where))
                if code or (lost := missing_lines(block, output)):
                    what = f"ended with {code}" if code else f"did not show {lost}"
                    yield equal_to(f"{self.guide}:{block.line}", f"{what}: {output[-1500:]}", "no error")
                    return
            self.followed += 1
        yield equal_to(f"{self.guide}: blocks followed", self.followed, self.followed)

    def _type(self, block: Block) -> tuple[str, int]:
        """Run the block in its place's session: variables of one block exist in the next."""
        machine = self.machines.get(block.where) or next(iter(self.machines.values()))
        here, kept = ("/root/elsewhere", f"{KEPT}.elsewhere") if block.where == "elsewhere" else ("/root", KEPT)
        script = (
            f"mkdir -p {here}; cd {here}; [ ! -e {kept} ] || . {kept}; set -e\n{block.commands}\n"
            f"export -p | grep -v 'OLDPWD\\|PWD=' >{kept}"
        )
        # Some commands ask again.
        typed = f"{PASSWORD}\n" * 2 if block.where == "terminal" else ""
        fetches = block.where == "online" if self.isolated else bool(FETCHES.search(block.commands))
        done = machine.run(script, borrow_network=fetches, typed=typed)
        return done.stdout, done.returncode
