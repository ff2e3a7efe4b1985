"""What `check --deploy` refuses, and what the settings refuse before anything starts."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import run_checks

from portal_site.tests.installation import ROOT


def found() -> set[str]:
    ids = {message.id or "" for message in run_checks(include_deployment_checks=True)}
    return {each for each in ids if each.startswith("portal_site")}


def test_trial_settings_are_refused_for_deployment(settings: Any) -> None:
    settings.DEMO, settings.SURFACE, settings.HTTPS, settings.REQUIRE_MFA = True, "all", False, False

    assert found() == {"portal_site.E001", "portal_site.E002", "portal_site.E003", "portal_site.E004"}


def test_deployed_settings_pass(settings: Any) -> None:
    settings.DEMO, settings.SURFACE, settings.HTTPS, settings.REQUIRE_MFA = False, "staff", True, True

    assert found() == set()


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("SURFACE", "both", "SURFACE='both' is not one of public, staff, all."),
        ("SECRET_KEY", "short", "SECRET_KEY is shorter than 50 characters."),
        ("DATABASE_URL", "sqlite:///here.sqlite3", "DATABASE_URL must name a PostgreSQL server"),
        ("DEBUG", "1", "DEBUG=1 prints what reporters typed"),
        ("CLAIM_MINUTES", "1", "CLAIM_MINUTES must lie between 5 and 480."),
        ("PUBLISH_EVERY", "hour", "PUBLISH_EVERY='hour' is not one of day, minute."),
        ("DEMO", "perhaps", "DEMO"),
    ],
)
def test_wrong_setting_stops_the_process_and_names_itself(variable: str, value: str, says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import portal_site.settings"],
        cwd=ROOT,
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if variable == "DEMO":
        # django-environ takes an unknown word for "no": the safe side, since a demo shows samples as if checked.
        assert done.returncode == 0
    else:
        assert done.returncode != 0
        assert says in done.stderr
