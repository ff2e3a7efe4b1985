"""The deployment guides as text: checks of their commands that need no machine.

`python -m tests.proofs guides` runs them.
"""

import re
import subprocess
from pathlib import Path

import pytest

from deploy.steps import answers, install, questions
from tests.proofs import rehearsal

ROOT = rehearsal.ROOT
GUIDES = (
    "docs/guides/deploy-one-machine.md",
    "docs/guides/deploy-two-machines.md",
    "docs/guides/deploy-many.md",
    "docs/guides/incident-response.md",
    "docs/guides/backup.md",
)
# Its commands take nothing from deploy/.
WORKSTATION = "docs/guides/workstation.md"
RELEASES = "docs/guides/releases.md"
# Folders of deploy/ that the guides enter or copy from.
FOLDER = re.compile(r"(?m)^cd /srv/portals/?(\S*)$")


@pytest.mark.parametrize("guide", [*GUIDES, WORKSTATION, RELEASES])
def test_commands_are_sound_shell(guide: str) -> None:
    found = rehearsal.read_blocks(ROOT / guide)
    assert len(found) >= 2
    for block in found:
        done = subprocess.run(["bash", "-n"], input=block.commands, text=True, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), f"{guide}:{block.line}"


# The scripts take their parts from the release themselves.
@pytest.mark.parametrize("guide", [each for each in GUIDES if not each.endswith("deploy-two-machines.md")])
def test_files_that_commands_take_from_the_source_exist(guide: str) -> None:
    """Every file installed, copied, read or run from deploy/ exists under that name."""
    looked_at = 0
    for block in rehearsal.read_blocks(ROOT / guide):
        folder = ROOT
        for line in block.commands.splitlines():
            if line.startswith("cd "):
                entered = FOLDER.match(line)
                folder = ROOT / entered[1] if entered else ROOT
                assert folder.is_dir(), f"{guide}:{block.line} {line}"
            for path in re.findall(r"/srv/portals(?:-\$VERSION)?/(deploy/[\w./@*-]+)", line):
                looked_at += 1
                assert list(ROOT.glob(path.rstrip("/"))), f"{guide}:{block.line} {path}"
            if match := re.match(r"(?:install (?:-D )?-m \d+(?: -[og] \w+)*|cp --recursive|cat) (?!/)([^>|]+)", line):
                # The last one is the target; redirected output has none.
                sources = match[1].split()[: None if line.startswith("cat ") else -1]
                for source in sources:
                    if not source.startswith(("/", "$", '"', "portals-*")) and folder != ROOT:
                        looked_at += 1
                        assert list(folder.glob(source)), f"{guide}:{block.line} {source}"
    assert looked_at >= 1


def test_guide_for_one_machine_names_every_answer_and_every_step_of_the_script() -> None:
    text = (ROOT / "docs/guides/deploy-one-machine.md").read_text()
    names = {each.name for each in questions.QUESTIONS if answers.is_for_role(each, {"ROLE": "one"})}
    part = text[text.index("## The answers") : text.index("They are kept in")]
    assert set(re.findall(r"`([A-Z]+_?[A-Z_]+)`", part)) == names
    steps = text[text.index("## The steps") : text.index("With more workers")]
    titles = [title for title, roles, _step in install.STEPS if "one" in roles]
    assert re.findall(r"(?m)^\| ([A-Z][^|]+?) \|", steps) == titles


def test_block_gives_its_line_its_location_and_its_expected_output(tmp_path: Path) -> None:
    page = tmp_path / "guide.md"
    page.write_text("Words.\n\n```sh front\ntrue\n```\n\n```text\nok\n… [7] files\n```\n\n```sh\nfalse\n```\n")
    first, second = rehearsal.read_blocks(page)
    assert (first.line, first.where, first.commands, first.seen) == (3, "front", "true\n", ("ok", "… [7] files"))
    assert (second.line, second.where, second.seen) == (12, "", ())
    assert rehearsal.missing_lines(first, "noise\nok\n12 [7] files\n") == []
    assert rehearsal.missing_lines(first, "okay\n12 7 files\n") == ["ok", "… [7] files"]
