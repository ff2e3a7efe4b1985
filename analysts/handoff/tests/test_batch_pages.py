"""The page of batches: draw, download, import, return, and what others see of them."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analysts.handoff.signing import as_text, public_half
from analysts.models import AddressAllowance, Batch, User, Workstation
from analysts.tests.batches import (
    NOT_FOUND,
    result,
    results_of,
    sealing_public,
    workstation_for_batches,
    workstation_keys,
)
from analysts.tests.factories import incident_of
from analysts.tests.handing_off import SECRET
from countries.models import Portal
from tests.rig.fixtures import client_of
from workstation.sealed_file import open_batch

PAGE = "/admin/batches/"


def shown(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_a_day_at_the_desk_is_drawing_and_returning(belize: Portal, ana: User, sena: User, ben: User) -> None:
    client, incident = client_of(ana), incident_of(belize)
    assert "No registered workstation takes batches" in shown(client.get(PAGE))
    room = workstation_for_batches()
    sent = {"kind": "first", "workstation": str(room.pk), "count": "50"}
    refused = client.post(f"{PAGE}draw/", sent)
    assert (refused.status_code, "Confirm where you will open it." in shown(refused)) == (422, True)
    assert client.post(f"{PAGE}draw/", sent | {"isolated": "on"}).status_code == 302
    [batch] = Batch.objects.all()
    page = client.get(PAGE)
    assert "0 of 1 incident has a result. Back in the queue at" in shown(page)
    assert (str(incident) in shown(page), "example.org" in page.content.decode()) == (True, False)

    chosen = {"batch": str(batch.pk)}
    assert f"{batch} on the workstation" in shown(client_of(sena).get(PAGE))
    for act in ("file", "return", "revoke"):
        assert client_of(ben).post(f"{PAGE}{act}/", chosen).status_code == 422
    assert str(batch) not in shown(client_of(ben).get(PAGE))
    assert client_of(sena).post(f"{PAGE}file/", chosen).status_code == 422

    file = client.post(f"{PAGE}file/", chosen)
    assert (file.headers["Cache-Control"], b"example" in file.content) == ("no-store", False)
    opened = open_batch(file.content.decode(), workstation_keys())
    content = results_of(opened, [result(opened.incidents[0], decision=NOT_FOUND)], now=timezone.now())
    for outcome in ("Imported: 1", "Already imported: 1"):
        brought = {"file": SimpleUploadedFile("batch.results", content)}
        assert outcome in shown(client.post(f"{PAGE}results/", brought))
    page = client.get(PAGE)
    assert "1 of 1 incident has a result. Ended at" in shown(page)
    assert "example.org" not in page.content.decode()


def test_more_addresses_are_asked_for_and_approved_by_another(ana: User, sena: User) -> None:
    client, senior = client_of(ana), client_of(sena)
    assert client.post(f"{PAGE}ask/", {"number": "0"}).status_code == 422
    assert client.post(f"{PAGE}ask/", {"number": "20"}).status_code == 302
    asked = {"allowance": str(AddressAllowance.objects.get().pk)}
    assert "ana 20 more addresses Withdraw" in shown(client.get(PAGE))
    assert client.post(f"{PAGE}grant/", asked).status_code == 422
    assert "ana 20 more addresses Approve Decline" in shown(senior.get(PAGE))
    assert senior.post(f"{PAGE}grant/", asked).status_code == 302
    assert "0 of 120 addresses in files today." in shown(client.get(PAGE))


def test_workstation_is_registered_with_its_sealing_key(adam: User) -> None:
    client, key = client_of(adam), as_text(public_half(SECRET))
    for wrong in ("AAAA", as_text(bytes(1216)), "no base64!"):
        sent = {"name": "Room 3", "public_key": key, "sealing_key": wrong}
        refused = client.post("/admin/workstations/", sent)
        assert (refused.status_code, Workstation.objects.count()) == (422, 0), wrong
    sent = {"name": "Room 3", "public_key": key, "sealing_key": as_text(sealing_public(SECRET))}
    assert client.post("/admin/workstations/", sent).status_code == 302
    assert bytes(Workstation.objects.get().sealing_key) == sealing_public(SECRET)
