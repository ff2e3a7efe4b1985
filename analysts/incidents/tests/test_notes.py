"""Internal notes: access, audit events and retention."""

from datetime import date, timedelta
from typing import Any

import pytest

from analysts.assessment import actions
from analysts.codes import HoldReason, Reason, ReviewStage, Verdict
from analysts.incidents import actions as incident_actions
from analysts.incidents import sealing_contexts
from analysts.incidents.contents import opening
from analysts.models import Incident, Note, User
from analysts.pages.tests.test_incident_page import events, fence, reveal, shown, url
from analysts.retention import actions as retention_actions
from analysts.retention import erasure
from analysts.retention.sealed import GOES, SEALED, Why
from analysts.retention.tests.test_erasure import dump
from analysts.retention.tests.test_retention import whys
from analysts.tests.factories import assessed_illegal, claimed, incident_of
from analysts.tests.march import MARCH, MARCH_CLOSES, create_removed_incident, key_of, open_keys
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports import keys, receipts, sealing
from reports.actions import look_up
from reports.models import KeyClass
from reports.tests.codes import code_of
from tests.rig.fixtures import client_of

__all__ = ["open_keys"]

[NOTES] = [kind for kind in SEALED if kind.name == "notes"]
TEXT = "The same as https://other.example/1, see <b>page</b> two"
DISARMED = "The same as hxxps://other[.]example/1, see"
ADDRESS = "https://bad.example/1"


def texts(incident: Incident) -> list[str | None]:
    return [opening.unseal_note(note) for note in incident.notes.all()]


def test_note_is_sealed_and_only_its_length_is_on_record(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    note = incident_actions.add_note(by=ana, incident=incident, text=TEXT)

    assert texts(incident) == [TEXT]
    assert b"other.example" not in bytes(note.sealed)
    assert note.key.key_class == KeyClass.ADDRESSES
    assert AuditEvent.objects.latest("number").details == {"characters": len(TEXT)}
    assert events(action="incident.note") == [("incident.note", "ana")]
    assert "other.example" not in str(list(AuditEvent.objects.values()))


def test_note_is_bound_to_its_incident_and_its_writer(belize: Portal, ana: User, sena: User) -> None:
    incident = incident_of(belize)
    other = incident_of(belize, "https://good.example/2")
    note = incident_actions.add_note(by=ana, incident=incident, text=TEXT)

    for moved in ({"incident": other}, {"by": sena}):
        Note.objects.filter(pk=note.pk).update(**moved)
        assert opening.unseal_note(Note.objects.get()) is None
        Note.objects.filter(pk=note.pk).update(incident=incident, by=ana)
    assert texts(incident) == [TEXT]


def test_notes_are_analysts_alone_and_of_their_portals(
    belize: Portal, ana: User, ben: User, olga: User, willa: User
) -> None:
    incident = incident_of(belize)
    for stranger in (ben, olga, willa):
        with pytest.raises(Denied):
            incident_actions.add_note(by=stranger, incident=incident, text=TEXT)
    incident_actions.add_note(by=ana, incident=incident, text=TEXT)

    assert client_of(ben).get(url(incident)).status_code == 404
    assert client_of(ben).post(url(incident, "note"), {"text": "x"}).status_code == 404
    assert client_of(olga).post(url(incident, "note"), {"text": "x"}).status_code == 403
    assert Note.objects.count() == 1


def test_notes_are_counted_until_the_incident_is_revealed(belize: Portal, ana: User, sena: User) -> None:
    incident = incident_of(belize)
    incident_actions.add_note(by=sena, incident=incident, text=TEXT)
    client = client_of(ana)
    before = client.get(url(incident))
    after = reveal(client, incident)

    assert "1 note. It may quote the report and is shown once the incident is revealed." in shown(before)
    assert "other.example" not in before.content.decode()
    assert "other[.]example" not in before.content.decode()
    assert DISARMED in shown(after)
    assert "&lt;b&gt;page&lt;/b&gt;" in after.content.decode()
    assert "other.example" not in after.content.decode()


def test_note_never_reaches_the_reporter(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    client = client_of(ana)
    assert client.post(url(incident, "note"), {"text": "for Sena"}).status_code == 302
    actions.ask_reporter(by=ana, incident=incident, report=incident.sightings.get().report, question="Which page?")

    receipt = look_up(receipts.derive_credentials(code_of(incident.sightings.get().report_id)))
    assert receipt is not None
    assert [message.text for message in receipt.messages] == ["Which page?"]
    page = client.get(url(incident)).content.decode()
    section = page[page.index('class="card staff-only"') :]
    assert "Visible to staff only" in section[: section.index("</h2>")]


@pytest.mark.parametrize(("text", "status"), [("  ", 422), ("x" * 5_001, 422), ("x" * 5_000, 302)])
def test_note_of_no_or_too_many_words_is_shown_again(belize: Portal, ana: User, text: str, status: int) -> None:
    incident = incident_of(belize)
    answer = client_of(ana).post(url(incident, "note"), {"text": text})

    assert answer.status_code == status
    assert Note.objects.count() == (status == 302)
    assert status == 302 or text in answer.content.decode()


def test_incident_is_handed_over_with_a_note(belize: Portal, ana: User, sena: User) -> None:
    incident = claimed(incident_of(belize), ana)
    sent = {"fence": fence(incident), "to": sena.pk, "note": "Please look at the second page"}
    assert client_of(ana).post(url(incident, "hand-over"), sent).status_code == 302

    handover = "ana handed the incident over to you with a note."
    client = client_of(sena)
    assert handover in shown(client.get(url(incident)))
    assert "handed over by ana, with a note" in shown(client.get("/admin/"))
    assert "second page" not in shown(client.get(url(incident))) + shown(client.get("/admin/"))
    assert "Please look at the second page" in shown(reveal(client, incident))
    assert handover not in shown(client_of(ana).get(url(incident)))
    event = AuditEvent.objects.filter(action="incident.hand_over").get()
    assert event.details == {"to": "sena", "characters": 30}
    assert events(action="incident.note") == []
    # Under a later claim of hers it is not a handover note any more.
    actions.release(by=sena, incident=incident, fence=fence(incident))
    claimed(incident, sena)
    assert handover not in shown(client.get(url(incident)))
    assert "handed over by" not in shown(client.get("/admin/"))


def test_refused_handing_over_keeps_no_note(belize: Portal, ana: User, sena: User) -> None:
    incident = claimed(incident_of(belize), ana)
    answer = client_of(ana).post(url(incident, "hand-over"), {"fence": "0", "to": sena.pk, "note": "stage"})

    assert answer.status_code == 409
    assert "stage</textarea>" in answer.content.decode()
    assert Note.objects.count() == 0


def test_second_review_is_blind_to_the_notes_of_the_first(
    belize: Portal, ana: User, sena: User, settings: Any, django_user_model: type[User]
) -> None:
    incident = claimed(incident_of(belize), ana)
    incident_actions.add_note(by=ana, incident=incident, text="clearly category A")
    incident_actions.add_note(by=sena, incident=incident, text="seen before")
    Incident.objects.filter(pk=incident.pk).update(stage=ReviewStage.SECOND)
    incident.refresh_from_db()
    actions.release(by=ana, incident=incident, fence=incident.fence)
    incident.refresh_from_db()

    def read_by(user: User) -> list[str | None]:
        return [opening.unseal_note(note) for note in Note.objects.of(incident, shown_to=user)]

    assert read_by(sena) == ["clearly category A", "seen before"]
    incident.assessments.create(
        by=ana, at=incident.first_sighted, verdict=Verdict.NOT_ILLEGAL, reason=Reason.ADULT, round=incident.round
    )
    assert read_by(sena) == ["seen before"]
    assert read_by(ana) == ["clearly category A", "seen before"]
    incident.stage = ReviewStage.SENIOR
    assert read_by(sena) == ["clearly category A", "seen before"]


def test_notes_cost_the_same_for_one_and_for_thirty(
    belize: Portal, ana: User, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    incident = incident_of(belize)
    client = client_of(ana)
    incident_actions.add_note(by=ana, incident=incident, text="one")
    reveal(client, incident)
    with django_assert_max_num_queries(60) as counted:
        client.get(url(incident))
    for _ in range(29):
        incident_actions.add_note(by=ana, incident=incident, text="one more")
    with django_assert_num_queries(len(counted)):
        client.get(url(incident))


# --- Retention and erasure --------------------------------------------------------------------------------------------


def test_notes_stay_as_long_as_the_address_would(belize: Portal, ana: User, sena: User, open_keys: Any) -> None:
    waiting = incident_of(belize, "no address at all", now=MARCH)
    illegal = incident_of(belize, "https://b.example/1", now=MARCH)
    assessed_illegal(illegal, ana, now=MARCH)
    closed, held = (
        create_removed_incident(belize, ana, "https://c.example/1"),
        create_removed_incident(belize, ana, "https://d.example/1"),
    )
    for incident in (waiting, illegal, closed, held):
        incident_actions.add_note(by=ana, incident=incident, text=TEXT, now=MARCH)
    retention_actions.place_hold(
        by=sena, incident=held, reason=HoldReason.POLICE, review_on=date(2026, 4, 1), now=MARCH
    )

    assert whys(NOTES, MARCH + timedelta(days=2)) == sorted([Why.UNASSESSED, Why.IN_WORK, Why.RECENT, Why.HELD])
    assert whys(NOTES, MARCH + timedelta(days=2000)) == sorted([Why.UNASSESSED, Why.IN_WORK, GOES, Why.HELD])


def test_held_notes_are_resealed_and_other_notes_are_erased_with_their_key(
    belize: Portal, ana: User, sena: User, open_keys: Any
) -> None:
    erased, held = (
        create_removed_incident(belize, ana, ADDRESS),
        create_removed_incident(belize, ana, "https://b.example/1"),
    )
    for incident in (erased, held):
        incident_actions.add_note(by=ana, incident=incident, text=TEXT, now=MARCH)
    retention_actions.place_hold(by=sena, incident=held, reason=HoldReason.COURT, review_on=date(2030, 1, 1), now=MARCH)
    gone_note = erased.notes.get()
    backup, info = bytes(gone_note.sealed), sealing_contexts.note_info(gone_note)
    for days in (0, 400, 402, 404):
        erasure.tend_keys(now=MARCH_CLOSES + timedelta(days=days))

    assert (texts(erased), texts(held)) == ([None], [TEXT])
    assert bytes(erased.notes.get().sealed) == b""
    assert held.notes.get().key != key_of(3, KeyClass.ADDRESSES)
    assert erased.notes.get().key.destroyed_on is not None
    # No existing key decrypts a backup of the row.
    for key_id in keys.private_key_ids():
        with pytest.raises(sealing.UnsealError):
            sealing.unseal_json(backup, by=keys.private_key(key_id), info=info)
    client = client_of(ana)
    page = shown(reveal(client, erased))
    assert "Erased on" in page
    assert TEXT[:11] not in page


@pytest.mark.django_db(transaction=True)
def test_dump_of_the_database_holds_no_word_of_a_note(belize: Portal, ana: User) -> None:
    incident_actions.add_note(by=ana, incident=incident_of(belize), text="placeholderword")

    assert "analysts_note" in (written := dump())
    assert "placeholderword" not in written
