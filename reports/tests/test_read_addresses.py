"""`manage.py read_addresses`: one JSON object for each address, without a database."""

import io
import json
import os
import subprocess
import sys
from typing import Any
from unittest import mock

from django.core.management import call_command

from portal_site.environment import PROJECT


def read(text: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    with mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()))):
        call_command("read_addresses", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_address_is_a_line_each_time_it_is_written() -> None:
    rows = read("https://example.org/a#1 and example.org/a#2,\nhxxps://example[.]org/a?utm_source=b#1\n")

    assert [(row["typed"], row["kind"], row["normalised"], row["host"]) for row in rows] == [
        ("https://example.org/a#1", "web", "https://example.org/a#1", "example.org"),
        ("example.org/a#2", "web", "http://example.org/a#2", "example.org"),
        ("hxxps://example[.]org/a?utm_source=b#1", "web", "https://example.org/a#1", "example.org"),
    ]
    one, two, again = (row["key"] for row in rows)
    assert (one == again, one == two) == (True, False)
    assert [step["change"] for step in rows[2]["steps"]] == ["spelling", "tracking", "https"]
    assert rows[2]["steps"][1] == {
        "change": "tracking",
        "description": "Tracking parameters were removed",
        "before": "https://example.org/a?utm_source=b#1",
        "after": "https://example.org/a#1",
        "parameters": ["utm_source"],
    }


def test_key_cannot_be_compared_with_another_run() -> None:
    assert read("example.org")[0]["key"] != read("example.org")[0]["key"]


def test_account_on_an_app_is_kept_as_words() -> None:
    rows = read("user name ana_b on Snapchat\nuser name ana_b on Snapchat\n@ana_b\nI was in the garden\n")

    assert [(row["typed"], row["kind"]) for row in rows] == [
        ("user name ana_b on Snapchat", "words"),
        ("user name ana_b on Snapchat", "words"),
        ("@ana_b", "words"),
    ]
    assert len({row["key"] for row in rows}) == 3


def test_no_database_is_needed() -> None:
    environment = os.environ | {"DATABASE_URL": "postgres://192.0.2.1:9/none", "SURFACE": "all"}
    done = subprocess.run(
        [sys.executable, "manage.py", "read_addresses"],
        cwd=PROJECT,
        env=environment,
        input=b"t.me/+words1",
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["normalised"] == "http://t.me/+words1"
