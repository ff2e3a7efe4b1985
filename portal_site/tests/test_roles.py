"""The command that grants the database roles."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from portal_site import roles


@pytest.mark.django_db(transaction=True)
def test_grant_roles_may_be_run_again_and_sets_passwords(settings: Any) -> None:
    settings.STAFF_DB_PASSWORD, settings.PUBLIC_DB_PASSWORD = "one of the tests", "another ' of the tests"
    out = StringIO()
    call_command("grant_roles", stdout=out)
    call_command("grant_roles", stdout=out)

    assert out.getvalue() == "Granted: portals_staff, portals_public.\n" * 2
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolpassword IS NOT NULL FROM pg_authid"
            " WHERE rolname IN (%s, %s) ORDER BY rolname",
            [roles.PUBLIC, roles.STAFF],
        )
        assert cursor.fetchall() == [(role, True, False, False, True) for role in (roles.PUBLIC, roles.STAFF)]
