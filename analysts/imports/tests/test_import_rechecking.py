"""Imported cases after a change of the rules for addresses: they are found by their address as it is read today."""

from io import StringIO

import pytest
from django.core.management import call_command

from analysts.imports.page_section import hints_of
from analysts.imports.tests.test_imports import CSV, imported, prepared, sami
from analysts.models import HistoryRow, Incident, User
from analysts.tests.factories import incident_of
from countries.models import Portal

__all__ = ["sami"]


@pytest.mark.parametrize("is_dry", [True, False])
def test_case_is_found_by_its_address_as_it_is_read_today(belize: Portal, sena: User, sami: User, is_dry: bool) -> None:
    imported(prepared(CSV, sena), sena, sami)
    # As rules of before read the two addresses.
    for row in HistoryRow.objects.all():
        HistoryRow.objects.filter(pk=row.pk).update(fingerprint=f"before {row.reference}".encode())
    closed, waiting = incident_of(belize, "https://old.example.org/1"), Incident.objects.get(history_row__reference="2")
    out = StringIO()
    call_command("recheck_incidents", *(["--dry-run"] if is_dry else []), stdout=out)
    assert "Imported cases that another address finds now: 2." in out.getvalue()
    for incident, reference in ((closed, "1"), (waiting, "2")):
        assert [hint.row.reference for hint in hints_of(incident)] == ([] if is_dry else [reference])
    call_command("recheck_incidents", stdout=(again := StringIO()))
    assert ("finds now: 2." in again.getvalue()) == is_dry
