"""Tests of the API against its OpenAPI description."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import given
from schemathesis.specs.openapi.checks import ignored_auth

from analysts.models import FeedScope, User
from analysts.takedown.url_list import members
from analysts.takedown.url_list.api import openapi_description
from analysts.takedown.url_list.tests.test_url_list_feed import key, on_list
from countries.models import Portal
from tests.rig.api_requests import HARD, connection_stays

__all__ = ["connection_stays"]

pytestmark = pytest.mark.urls("portal_site.urls_staff")

WRITTEN = Path(settings.BASE_DIR) / "docs" / "reference" / "url-list-openapi.json"
UNPACKED = {"Accept-Encoding": "identity"}


def test_written_description_is_fresh() -> None:
    again = "Run: python manage.py describe_url_list > docs/reference/url-list-openapi.json"
    assert json.loads(WRITTEN.read_text(encoding="utf-8")) == json.loads(json.dumps(openapi_description())), again


def test_description_names_every_refusal() -> None:
    paths = openapi_description()["paths"]
    assert sorted(paths) == ["/api/url-list/", "/api/url-list/changes"]
    for path, operations in paths.items():
        assert set(operations) == {"get"}
        answers = {str(status) for status in operations["get"]["responses"]}
        assert {"200", "304", "400", "401", "403", "404", "422", "429"} <= answers, path


@pytest.mark.usefixtures("connection_stays")
@pytest.mark.parametrize("path", ["/api/url-list/", "/api/url-list/changes"])
@pytest.mark.parametrize("scope", FeedScope)
def test_responses_match_the_api_description_for_any_request(
    belize: Portal, ana: User, sena: User, path: str, scope: FeedScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MOST_FULL_LISTS", 10_000)
    monkeypatch.setattr(members, "MOST_PAGES", 10_000)
    on_list(belize, ana, 3)
    secret = key(sena, scope)
    described = schemathesis.openapi.from_dict(openapi_description())
    described.app = WSGIHandler()
    statuses = set()

    @HARD
    @given(described[path]["GET"].as_strategy())
    def ask(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {secret}", "Host": "localhost", **UNPACKED})
        # `ignored_auth` is excluded because it expects this key to be invalid, although the key is real.
        case.validate_response(answer, excluded_checks=[ignored_auth])
        statuses.add(answer.status_code)

    ask()
    assert 200 in statuses
