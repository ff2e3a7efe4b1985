"""Names of settings: all that are documented are known, and a misspelt one is refused by `check --deploy` alone."""

import re
import subprocess

import pytest
from pytest_django.fixtures import Settings

from portal_site import checks
from portal_site.checks.setting_names import find_nearest, read_known_names
from portal_site.environment import PROJECT
from tests.rig.installation import Installation

# A line of a settings file, or one that is commented out; `name: value` in compose.yaml.
FILES = [*sorted((PROJECT / "deploy" / "settings").glob("*.env")), PROJECT / "deploy" / "two-machines" / "mirror.env"]
LINE = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]+)=", re.MULTILINE)


def problems() -> list[str]:
    return [message.msg for message in checks.setting_names.check_names(None)]


def test_every_documented_name_is_known() -> None:
    in_files = {name for file in FILES for name in LINE.findall(file.read_text())}
    described = set(
        re.findall(r"^# ([A-Z][A-Z0-9_]{3,}):", (PROJECT / "portal_site" / "settings.py").read_text(), re.M)
    )
    assert len(in_files) > 40
    assert len(described) > 70
    assert (in_files | described) - read_known_names() - {"REVIEW_DAYS_"} == set()


def test_names_in_containers_are_known() -> None:
    compose = (PROJECT / "compose.yaml").read_text()
    lines = re.findall(r"^ +([A-Z][A-Z0-9_]+): ", compose, re.MULTILINE)
    # Names of the image of PostgreSQL, the build and the web server's containers.
    other = {
        name
        for name in lines
        if re.match(r"POSTGRES_|PYTHON_DIGEST|(PUBLIC|STAFF|PARTNERS)_HOST$|SURFACE$|MAIL_ADDRESS$", name)
    }
    assert len(lines) > 40
    assert set(lines) - other - read_known_names() == set()


def test_each_known_name_is_found_by_a_spelling_with_two_letters_exchanged() -> None:
    names = read_known_names()
    for name in names:
        # Likeness depends on how many letters differ, and of how many.
        for place in (0, len(name) // 2 - 1, len(name) - 2):
            swapped = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
            assert find_nearest(swapped, names), swapped
        assert find_nearest(name.lower(), names) == name
        assert find_nearest(f"{name}XYZ", [name]) == "", name


def test_misspelt_variable_is_named_with_the_setting_that_it_resembles(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.NAMES_IN_FILES = []
    assert problems() == []
    for name in ("ALERT_EMIALS", "Alert_Emails", "SECRET_KEY_FIEL", "GONE_CHECK"):
        monkeypatch.setenv(name, "typed by Adam")
    assert problems() == [
        "ALERT_EMIALS in the environment is no setting, but nearly ALERT_EMAILS.",
        "Alert_Emails in the environment is no setting, but nearly ALERT_EMAILS.",
        "GONE_CHECK in the environment is no setting, but nearly GONE_CHECKS.",
        "SECRET_KEY_FIEL in the environment is no setting, but nearly SECRET_KEY_FILE.",
    ]


def test_unknown_name_in_a_file_is_refused_however_far_from_a_setting(settings: Settings) -> None:
    settings.NAMES_IN_FILES = ["ALERT_EMAILS", "BACKUP_DAYS", "CUTOFF", "REVIEW_DAYS_WORKSTATION"]
    assert problems() == [
        "CUTOFF in the settings files is no setting; perhaps CUT_OFF is meant.",
        "REVIEW_DAYS_WORKSTATION in the settings files is no setting.",
    ]


def test_start_refuses_no_name(installation: Installation) -> None:
    names = {"ALERT_EMIALS": "duty@example.org", "NAMES_IN_FILES": "REVIEW_DAYS_WORKSTATION"}
    assert "no issues" in installation.manage("check", **names)


def test_manage_passes_the_names_of_all_files_and_no_value(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("settings")
    (folder / "staff.env").write_text('# MADE_UP="1"\nCUT_OFF="16:00"\nALERT_EMIALS="a=b"\n  GONE_CHECKS=3\n')
    (folder / "host.env").write_text('HOST_DISKS="a=/b"\n')
    script = (PROJECT / "deploy" / "manage").read_text()
    [line] = re.findall(r"^NAMES_IN_FILES=.*$", script, re.MULTILINE)
    assert "export NAMES_IN_FILES" in script
    command = line.replace("/etc/portals", str(folder)) + '; printf %s "$NAMES_IN_FILES"'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ALERT_EMIALS", "CUT_OFF", "GONE_CHECKS", "HOST_DISKS"]
