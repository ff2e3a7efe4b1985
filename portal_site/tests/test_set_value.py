"""`deploy/set-value`: a value with any characters reaches the process as it was typed."""

import subprocess
from pathlib import Path

import pytest

from portal_site.environment import PROJECT

SHIPPED = PROJECT / "deploy" / "settings" / "staff.env"


def set_value(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROJECT / "deploy" / "set-value"), *arguments], capture_output=True, text=True, check=False
    )


def read_by_systemd(line: str) -> str:
    """The value of a line in double quotes as systemd reads it: a backslash protects these four only."""
    value, quoted = "", line.partition("=")[2].removeprefix('"').removesuffix('"')
    while quoted:
        taken = 2 if quoted[0] == "\\" and quoted[1:2] in ('"', "\\", "$", "`") else 1
        value += quoted[:taken][-1]
        quoted = quoted[taken:]
    return value


@pytest.mark.parametrize("value", ["A & B", "A | B", 'A "B" C', "it's $HOME `id` \\n \\\\ / # é ‏", "", "&|\"'"])
def test_any_value_reaches_the_process(tmp_path: Path, value: str) -> None:
    file = tmp_path / "staff.env"
    file.write_text(SHIPPED.read_text())
    file.chmod(0o640)

    assert set_value(str(file), "HOTLINE_NAME", value).returncode == 0

    by_shell = subprocess.run(
        ["sh", "-c", '. "$1"; printf %s "$HOTLINE_NAME"', "sh", str(file)], capture_output=True, text=True, check=True
    )
    assert by_shell.stdout == value
    changed = [line for line in file.read_text().splitlines() if line not in SHIPPED.read_text().splitlines()]
    assert [read_by_systemd(line) for line in changed] == ([value] if value else [])
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "arguments", [("NO_SUCH_NAME", "a"), ("HOTLINE", "a"), ("HOTLINE_NAME", "a\nB=c"), (".*", "a")]
)
def test_line_that_is_not_there_and_value_that_is_no_line_are_refused(
    tmp_path: Path, arguments: tuple[str, str]
) -> None:
    file = tmp_path / "staff.env"
    file.write_text(SHIPPED.read_text())

    done = set_value(str(file), *arguments)

    assert done.returncode != 0
    assert done.stderr
    assert file.read_text() == SHIPPED.read_text()


def test_missing_file_is_a_sentence(tmp_path: Path) -> None:
    done = set_value(str(tmp_path / "staff.env"), "HOTLINE_NAME", "a")
    assert (done.returncode, done.stderr) == (1, f"{tmp_path}/staff.env is missing.\n")
