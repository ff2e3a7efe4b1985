"""Whom we tell: how an addressee gets in."""

from datetime import UTC, datetime

import pytest

from analysts.addressees import actions
from analysts.models import Addressee, User
from analysts.models.addressee import AddresseeKind

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_named_finds_it_whatever_its_case_and_makes_it_once(ana: User) -> None:
    made = actions.named(by=ana, kind=AddresseeKind.HOST, name="  Example   Hosting ", country="NL", now=NOW)
    found = actions.named(by=ana, kind=AddresseeKind.HOST, name="EXAMPLE hosting", country="DE", now=NOW)
    of_another_kind = actions.named(by=ana, kind=AddresseeKind.REGISTRAR, name="Example Hosting", now=NOW)

    assert found == made != of_another_kind
    assert (found.name, found.country, found.is_usable) == ("Example Hosting", "NL", False)
    assert Addressee.objects.count() == 2


def test_named_takes_what_fits_of_a_name_and_refuses_none(ana: User) -> None:
    long = actions.named(by=ana, kind=AddresseeKind.HOST, name="Example " * 100, now=NOW)

    assert len(long.name) <= 120
    assert actions.named(by=ana, kind=AddresseeKind.HOST, name="Example " * 100, now=NOW) == long
    with pytest.raises(ValueError, match="has a name"):
        actions.named(by=ana, kind=AddresseeKind.HOST, name="  ", now=NOW)
