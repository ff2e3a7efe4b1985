"""The API of sources against its OpenAPI description."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import given
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from analysts.models import User
from countries.models import Portal, Source
from reports.sources.api import PROBLEM_STATUSES, openapi_description
from reports.sources.tests.test_sources_api import hotline, otto, secret
from tests.rig.api_requests import HARD, connection_stays

__all__ = ["connection_stays", "hotline", "otto", "secret"]

pytestmark = pytest.mark.urls("portal_site.urls_sources")

WRITTEN = Path(settings.BASE_DIR) / "docs" / "reference" / "sources-openapi.json"


def test_written_description_is_fresh() -> None:
    again = "Run: python manage.py describe_sources > docs/reference/sources-openapi.json"
    assert json.loads(WRITTEN.read_text(encoding="utf-8")) == json.loads(json.dumps(openapi_description())), again


def test_description_names_every_refusal() -> None:
    paths = openapi_description()["paths"]
    assert {path: set(operations) for path, operations in paths.items()} == {
        "/api/v1/reports": {"post"},
        "/api/v1/reports/{reference}": {"get"},
    }
    for operations in paths.values():
        for operation in operations.values():
            assert set(map(str, operation["responses"])) == {"200", *map(str, PROBLEM_STATUSES)}


@pytest.mark.usefixtures("connection_stays")
@pytest.mark.parametrize(("path", "method"), [("/api/v1/reports", "POST"), ("/api/v1/reports/{reference}", "GET")])
def test_responses_match_the_description_for_any_request(
    secret: str, belize: Portal, hotline: Source, olga: User, path: str, method: str
) -> None:
    described = schemathesis.openapi.from_dict(openapi_description())
    described.app = WSGIHandler()
    statuses, numbers = set(), count()

    @HARD
    @given(described[path][method].as_strategy())
    def ask(case: Any) -> None:
        # A name of its own for each request, where it has any: else one body would be answered for another.
        own = {"Idempotency-Key": f"request-{next(numbers)}"} if (case.headers or {}).get("Idempotency-Key") else {}
        answer = case.call(headers={"Authorization": f"Bearer {secret}", "Host": "localhost", **own})
        # The key is real. An address is more than a text of some length.
        case.validate_response(answer, excluded_checks=[ignored_auth, positive_data_acceptance])
        statuses.add(answer.status_code)

    ask()
    assert statuses & {200, 404, 422}
    assert not statuses & {500, 503}
