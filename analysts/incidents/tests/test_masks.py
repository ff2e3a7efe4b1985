"""The sealed mask of an address: what lists open instead of it, at each door that writes an address."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.actions.entering import enter_address
from analysts.codes import EntryOrigin
from analysts.incidents.contents import opening
from analysts.incidents.contents.masking import seal_missing_masks
from analysts.incidents.sealing_contexts import mask_info
from analysts.incidents.table import mask_address
from analysts.models import Incident, User
from analysts.pages.tasks import seal_masks
from analysts.retention import erasure
from analysts.tests.factories import incident_of, report_of
from analysts.tests.march import MARCH, MARCH_CLOSES, key_of, nothing_found, open_keys
from countries.models import Portal
from reports import keys, sealing
from reports.addresses import address as address_rules
from reports.addresses import find_addresses, mask_all_but_suffix
from reports.models import KeyClass, KeyState, SealingKey
from tests.rig.fixtures import client_of

__all__ = ["open_keys"]

ADDRESS = "https://gallery.example.org/placeholder"
MASK = "hxxps://ga•••[.]org/•••"


def sealed_mask(incident: Incident) -> str:
    """The mask as it is stored, opened by the key of masks alone."""
    row = Incident.objects.get(pk=incident.pk)
    return sealing.unseal_mask(bytes(row.sealed_mask), by=keys.mask_key(str(row.key_id)), info=mask_info(row.pk))


def remove_keys_of_addresses(folder: Path) -> None:
    for path in (folder / "private").glob("addresses-*.key"):
        path.unlink()


def test_lists_show_masks_where_no_address_can_be_opened(belize: Portal, ana: User, open_keys: Path) -> None:
    incidents = [incident_of(belize, f"{ADDRESS}/{number}") for number in range(3)]
    actions.claim_next(by=ana)
    remove_keys_of_addresses(open_keys)

    assert [opening.unseal_address(incident) for incident in incidents] == [None] * 3
    for name in ("admin:queue", "admin:incident_list", "admin:index"):
        page = client_of(ana).get(reverse(name)).content.decode()
        assert page.count("[.]org/•••</code>") >= 1, name
        assert ("no longer readable" in page, "gallery" in page) == (False, False), name


def reported(portal: Portal, by: User) -> Incident:
    return incident_of(portal, ADDRESS, now=MARCH)


def entered(portal: Portal, by: User) -> Incident:
    [address] = find_addresses(ADDRESS)
    return enter_address(by=by, address=address, origin=EntryOrigin.POLICE, portal=portal, now=MARCH)


def reported_again_under_a_closed_key(portal: Portal, by: User) -> Incident:
    incident = reported(portal, by)
    SealingKey.objects.filter(pk=incident.key_id).update(state=KeyState.CLOSED)
    report_of(portal, ADDRESS, now=MARCH + timedelta(days=40))
    assert Incident.objects.get(pk=incident.pk).key_id != incident.key_id
    return incident


def reported_again_after_erasure(portal: Portal, by: User) -> Incident:
    incident = erased(portal, by)
    report_of(portal, ADDRESS, now=MARCH_CLOSES + timedelta(days=500))
    return incident


def corrected(portal: Portal, by: User) -> Incident:
    with pytest.MonkeyPatch.context() as patched:
        # A rule that took a parameter for tracking.
        patched.setattr(address_rules, "tracking_test", lambda *_: lambda parameter: parameter.startswith("pk_"))
        incident = incident_of(portal, "https://gallery.example.org/?pk_id=1", now=MARCH)
    assert sealed_mask(incident) == MASK.removesuffix("/•••")
    call_command("recheck_incidents")
    return incident


def merged_into(portal: Portal, by: User) -> Incident:
    incident = reported(portal, by)
    actions.merge(by=by, incident=incident_of(portal, f"{ADDRESS}/2", now=MARCH), into=incident)
    return incident


def resealed(portal: Portal, by: User) -> Incident:
    incident = reported(portal, by)
    erasure.empty_key(key_of(3, KeyClass.ADDRESSES), now=MARCH_CLOSES)
    assert Incident.objects.get(pk=incident.pk).key_id != incident.key_id
    return incident


def rotated(portal: Portal, by: User) -> Incident:
    incident = reported(portal, by)
    erasure.rotate_key(str(incident.key_id), now=MARCH, at_once=True)
    assert keys.mask_key_owners() == keys.private_key_ids() - {key for key in keys.private_key_ids() if "words" in key}
    return incident


def erased(portal: Portal, by: User) -> Incident:
    incident = nothing_found(portal, by, ADDRESS)
    for days in (0, 200, 202):
        erasure.tend_keys(now=MARCH_CLOSES + timedelta(days=days))
    row = Incident.objects.get(pk=incident.pk)
    assert (bytes(row.sealed_address), bytes(row.sealed_mask)) == (b"", b"")
    return incident


@pytest.mark.parametrize(
    "write",
    [
        *(reported, entered, reported_again_under_a_closed_key, reported_again_after_erasure, corrected, merged_into),
        *(resealed, rotated),
    ],
)
def test_every_door_that_writes_an_address_writes_its_mask(
    write: Callable[[Portal, User], Incident], belize: Portal, ana: User, open_keys: Path
) -> None:
    incident = write(belize, ana)

    opened = opening.open_address(Incident.objects.get(pk=incident.pk))
    assert sealed_mask(incident) == mask_all_but_suffix(opened.normalised) == MASK


def test_mask_is_erased_with_its_address_and_its_key(belize: Portal, ana: User, open_keys: Path) -> None:
    erased(belize, ana)

    files = {path.stem for path in (open_keys / "private").glob("*-2026-03-*")}
    assert files == set()
    # The files of a restored keyring go again, also where only the key of masks came back.
    key_id = key_of(3, KeyClass.ADDRESSES).pk
    keys.create_mask_key(key_id)
    assert erasure.tend_keys(now=MARCH_CLOSES + timedelta(days=203)).removed_again == [key_id]
    assert key_id not in keys.mask_key_owners()


@pytest.mark.parametrize("unseal", [opening.open_address, opening.unseal_mask])
def test_erased_address_has_no_key(unseal: Callable[[Incident], object], open_keys: Path) -> None:
    with pytest.raises(keys.KeyMissing):
        unseal(Incident())


def test_database_refuses_a_mask_without_an_address(belize: Portal, open_keys: Path) -> None:
    incident_of(belize, ADDRESS)
    with pytest.raises(IntegrityError, match="incident_mask_has_address"):
        Incident.objects.update(sealed_address=b"")


def test_mask_of_another_incident_is_not_shown(belize: Portal, open_keys: Path) -> None:
    incident, other = incident_of(belize, ADDRESS), incident_of(belize, "https://elsewhere.example.com/1")
    Incident.objects.filter(pk=incident.pk).update(sealed_mask=other.sealed_mask)

    incident.refresh_from_db()
    assert mask_address(incident) == MASK


def test_no_index_holds_the_mask(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)"
            " WHERE indrelid = 'analysts_incident'::regclass AND attname IN ('sealed_mask', 'sealed_address')"
        )
        assert cursor.fetchone() == (0,)


@pytest.fixture
def from_before(belize: Portal, open_keys: Path) -> list[Incident]:
    """Incidents of an installation that had no keys of masks."""
    for path in (open_keys / "private").glob("masks-*.key"):
        path.unlink()
    incidents = [incident_of(belize, f"{ADDRESS}/{number}", now=MARCH) for number in range(3)]
    assert not any(Incident.objects.values_list("sealed_mask", flat=True))
    return incidents


def test_masks_from_before_are_sealed_in_the_background_and_once(from_before: list[Incident], ana: User) -> None:
    damaged, *_others = from_before
    Incident.objects.filter(pk=damaged.pk).update(sealed_address=b"\1damaged")
    page = client_of(ana).get(reverse("admin:queue")).content.decode()
    assert (page.count(MASK), page.count("Address no longer readable")) == (2, 1)
    seal_masks(0)
    assert not any(Incident.objects.values_list("sealed_mask", flat=True))

    call_command("create_keys")
    seal_masks(0)

    assert [sealed_mask(incident) for incident in from_before] == ["", MASK, MASK]
    assert not seal_missing_masks()
    assert mask_address(Incident.objects.select_related("key").get(pk=damaged.pk)) == "Address no longer readable"


def test_masks_are_sealed_in_slices(from_before: list[Incident], monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("create_keys")
    monkeypatch.setattr("analysts.incidents.contents.masking.SLICE", 2)
    left: list[int] = []
    while seal_missing_masks():
        left.append(Incident.objects.filter(sealed_mask=b"").count())
    assert left == [1, 0]


def test_lists_open_masks_at_no_cost_of_an_address(belize: Portal, ana: User, monkeypatch: Any) -> None:
    """No key agreement for each row: HPKE is not called."""
    incident_of(belize, ADDRESS, now=timezone.now())
    monkeypatch.setattr(sealing, "unseal_json", None)
    assert MASK in client_of(ana).get(reverse("admin:queue")).content.decode()
