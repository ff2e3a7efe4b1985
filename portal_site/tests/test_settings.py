"""Invalid settings stop the process before anything starts."""

import json
import os
import runpy
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.rig.installation import ROOT


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("SURFACE", "both", "SURFACE='both' is not one of public, staff, sources, all."),
        ("SECRET_KEY", "short", "SECRET_KEY is shorter than 50 characters."),
        ("DATABASE_URL", "sqlite:///here.sqlite3", "DATABASE_URL must name a PostgreSQL server"),
        ("DEBUG", "1", "DEBUG=1 prints what reporters typed"),
        ("CLAIM_MINUTES", "1", "CLAIM_MINUTES must be between 5 and 480."),
        ("WORDS_DAYS_NOT_ACTIONED", "6", "WORDS_DAYS_NOT_ACTIONED must be between 7 and 300."),
        ("WORDS_DAYS_ACTIONED", "301", "WORDS_DAYS_ACTIONED must be between 7 and 300."),
        ("ADDRESSES_DAYS_NOT_ACTIONED", "29", "ADDRESSES_DAYS_NOT_ACTIONED must be between 30 and 1750."),
        ("ADDRESSES_DAYS_ACTIONED", "1751", "ADDRESSES_DAYS_ACTIONED must be between 90 and 1750."),
        ("KEY_GRACE_DAYS", "0", "KEY_GRACE_DAYS must be between 1 and 14."),
        ("KEY_REST_DAYS", "0", "KEY_REST_DAYS must be between 1 and 14."),
        ("UNASSESSED_DAYS", "0", "UNASSESSED_DAYS must be between 1 and 365."),
        ("HOTLINE_COUNTRY", "Britain", "HOTLINE_COUNTRY='BRITAIN' is not two letters"),
        ("CHASE_HOURS", "0", "CHASE_HOURS must be between 1 and 168."),
        ("GONE_CHECKS", "0", "GONE_CHECKS must be between 1 and 10."),
        ("SESSION_IDLE_MINUTES", "121", "SESSION_IDLE_MINUTES must be between 5 and 120."),
        ("SESSION_HOURS", "13", "SESSION_HOURS must be between 1 and 12."),
        ("REVEAL_HOURS", "0", "REVEAL_HOURS must be between 1 and 12."),
        ("APPROVAL_DAYS", "0", "APPROVAL_DAYS must be between 1 and 90."),
        ("STAFF_URL", "staff.example.org", "STAFF_URL must start with https:// or http://."),
        ("PUBLISH_EVERY", "hour", "PUBLISH_EVERY='hour' is not one of day, minute."),
        ("LEAVE_TO", "javascript:1", "LEAVE_TO='javascript:1' is not a web address."),
        ("ONION_URL", "http://short.onion", "ONION_URL='http://short.onion' is not http:// and an onion address"),
        ("SECURITY_CONTACT", "flaws@example.org", "SECURITY_CONTACT must hold mailto: or https: addresses."),
        ("HOTLINE_CONTACT", "contact@example.org", "HOTLINE_CONTACT must be a mailto: or https: address."),
        ("DEMO", "perhaps", "DEMO='perhaps' is not one of 1, true, on, yes"),
        ("CHECK_HOURS", "soon", "CHECK_HOURS='soon' is not a whole number."),
        ("DATABASE_URL", "elsewhere", "DATABASE_URL is not like postgres://"),
        ("DATABASE_URL", "postgres://portals:placeholder@host:port/portals", "DATABASE_URL is not like postgres://"),
        ("SECRET_KEY_FILE", "/dev/null/none", "SECRET_KEY_FILE='/dev/null/none' cannot be read"),
    ],
)
def test_wrong_setting_is_refused_and_names_itself(
    variable: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read as at the start of a process, which takes a hundred times as long."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        runpy.run_path(str(ROOT / "portal_site" / "settings.py"))
    assert says in str(refusal.value)


@pytest.mark.parametrize("program", [["manage.py", "check"], ["manage.py", "tend_keys"], ["-m", "portal_site.wsgi"]])
@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SURFACE", "both", "SURFACE='both' is not one of public, staff, sources, all.\n"),
        (
            "DATABASE_URL",
            "postgres://portals:placeholder@host:port/portals",
            "DATABASE_URL is not like postgres://user@host:5432/name.\n",
        ),
    ],
)
def test_wrong_setting_stops_the_process_with_one_sentence(
    program: list[str], variable: str, value: str, sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


def test_https_makes_cookies_and_headers_strict() -> None:
    wanted = {
        **{f"{cookie}_COOKIE_SECURE": True for cookie in ("SESSION", "CSRF")},
        **{f"{cookie}_COOKIE_HTTPONLY": True for cookie in ("SESSION", "CSRF")},
        **{f"{cookie}_COOKIE_SAMESITE": "Strict" for cookie in ("SESSION", "CSRF")},
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "SESSION_COOKIE_DOMAIN": None,
        "CSRF_COOKIE_PATH": "/",
        "SECURE_HSTS_SECONDS": 63_072_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "PASSWORD_HASHERS": ["analysts.accounts.sign_in.password_checks.StaffPasswordHasher"],
    }
    program = (
        "import json; from django.conf import settings;"
        f"print(json.dumps({{name: getattr(settings, name) for name in {list(wanted)!r}}}))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal_site.settings", "HTTPS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert json.loads(done.stdout) == wanted
