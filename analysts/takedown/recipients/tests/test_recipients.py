"""How recipients are created: by name, by operators and from the catalogue."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import Recipient, User
from analysts.takedown.recipients import actions, catalogue
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Contact, Partner, Portal

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_find_or_create_recipient_ignores_case_and_creates_it_once(db: None) -> None:
    made = actions.find_or_create_recipient(kind=RecipientKind.HOST, name="  Example   Hosting ", country="NL")
    found = actions.find_or_create_recipient(kind=RecipientKind.HOST, name="EXAMPLE hosting", country="DE")
    of_another_kind = actions.find_or_create_recipient(kind=RecipientKind.REGISTRAR, name="Example Hosting")

    assert found == made != of_another_kind
    assert (found.name, found.country, found.is_usable) == ("Example Hosting", "NL", False)
    assert Recipient.objects.count() == 2


def test_named_takes_what_fits_of_a_name_and_refuses_none(db: None) -> None:
    long = actions.find_or_create_recipient(kind=RecipientKind.HOST, name="Example " * 100)

    assert len(long.name) <= 120
    assert actions.find_or_create_recipient(kind=RecipientKind.HOST, name="Example " * 100) == long
    with pytest.raises(ValueError, match="needs a name"):
        actions.find_or_create_recipient(kind=RecipientKind.HOST, name="  ")


def test_name_taken_meanwhile_is_denied_and_any_other_refusal_of_the_database_is_raised(olga: User) -> None:
    actions.find_or_create_recipient(kind=RecipientKind.HOST, name="Example Hosting")

    with pytest.raises(Denied, match="this type and name"):
        actions.add_recipient(by=olga, details={"kind": RecipientKind.HOST, "name": "EXAMPLE hosting"})
    with pytest.raises(IntegrityError, match="recipient_workdays_of_a_week"):
        actions.add_recipient(by=olga, details={"kind": RecipientKind.HOST, "name": "recipient_once", "workdays": [9]})


def test_catalogue_names_hotlines_and_police_once_and_overwrites_nothing(belize: Portal, zambia: Portal) -> None:
    Partner.objects.create(portal=belize, name="Belize Police Department")
    Contact.objects.create(portal=zambia, kind="police", name="Police")
    call_command("load_recipients", stdout=StringIO())
    hotlines = Recipient.objects.filter(kind=RecipientKind.HOTLINE)
    # The hotline that runs the installation is not a recipient of itself.
    assert set(hotlines.values_list("country", flat=True)) == catalogue.HOTLINE_COUNTRIES - {"GB"}
    assert sorted(Recipient.objects.filter(kind=RecipientKind.POLICE).values_list("name", "country")) == [
        ("Belize Police Department", "BZ"),
        ("Police (Zambia)", "ZM"),
    ]
    assert {(each.is_usable, each.email, each.form_address) for each in Recipient.objects.all()} == {(False, "", "")}
    hotlines.filter(country="BR").update(name="Its own name", email="desk@hotline.example.org")

    call_command("load_recipients", stdout=StringIO())

    assert Recipient.objects.count() == len(catalogue.HOTLINE_COUNTRIES) - 1 + 2
    assert hotlines.get(country="BR").name == "Its own name"
    assert AuditEvent.objects.filter(action="recipient.load").count() == 1
