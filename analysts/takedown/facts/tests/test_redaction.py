"""Which form of an address may be shared, and who confirmed it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysts.incidents.contents import opening, storing
from analysts.models import (
    Chase,
    Incident,
    Notice,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Recipient,
    Redaction,
    Referral,
    UrlListEntry,
    User,
)
from analysts.models.notice import DropReason
from analysts.takedown.facts import redaction
from analysts.takedown.notices import redacting
from analysts.takedown.notices.pre_send_checks import drop_reasons
from analysts.takedown.notices.redaction_review import confirm_redaction
from analysts.takedown.url_list.actions import list_address
from analysts.tests.cases.there import HOUR as NOW
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.notices import host, place, planned
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.addresses import defang_address, find_addresses
from reports.addresses.identifying import TokenKind, find_identifying_parts

PERSONAL = "https://example.org/gallery?share_id=one&page=2"


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def test_address_leaves_normalised_where_nothing_looks_personal(belize: Portal) -> None:
    incident = incident_of(belize, "https://EXAMPLE.org/gallery?utm_source=one&page=2")
    assert redaction.address_to_share(incident) == "https://example.org/gallery?page=2"


def test_address_is_not_shared_until_its_redaction_is_confirmed(belize: Portal) -> None:
    incident = incident_of(belize, PERSONAL)
    with pytest.raises(redaction.Unconfirmed) as refused:
        redaction.address_to_share(incident)
    assert refused.value.kinds == [TokenKind.SHARE]
    # Exceptions are logged, so they must not contain the address.
    assert "one" not in repr(refused.value)


def test_address_that_cannot_be_opened_does_not_leave(belize: Portal) -> None:
    for incident in (incident_of(belize, "words without any"), incident_of(belize)):
        Incident.objects.filter(pk=incident.pk).update(sealed_address=b"", sealed_mask=b"")
        with pytest.raises(redaction.AddressUnreadable):
            redaction.address_to_share(fresh(incident))


# --- Confirmed redactions ---------------------------------------------------------------------------------------------


@pytest.fixture
def personal(belize: Portal, ana: User) -> Incident:
    return assessed_illegal(incident_of(belize, PERSONAL), ana).incident


@pytest.mark.parametrize("address", [PERSONAL, "https://example.org/gallery?page=2", "https://example.org/"])
def test_what_is_confirmed_leaves(personal: Incident, ana: User, address: str) -> None:
    confirmed = confirm_redaction(by=ana, incident=personal, address=address, now=NOW)
    assert redaction.address_to_share(fresh(personal)) == address
    assert (confirmed.found, confirmed.is_shortened, confirmed.by, confirmed.at) == (
        [TokenKind.SHARE], address != PERSONAL, ana, NOW,
    )  # fmt: skip
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.details) == (
        "incident.confirm_redaction", {"personal": ["share"], "shortened": address != PERSONAL},
    )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://example.org/gallery",
        "https://example.net/gallery",
        "https://example.org:8443/gallery",
        "https://www.example.org/gallery",
        "https://petra@example.org/gallery",
        "https://example.org/gallerie",
        "https://example.org/gall",
        "https://example.org/gallery/more",
        "https://example.org/gallery?page=22",
        "https://example.org/gallery?page=2&share_id=one",
        "https://example.org/gallery?page=2&page=2",
        "https://example.org/gallery?page",
        "https://example.org/gallery#page=2",
        "https://example.org/gallery;page=2",
    ],
)
def test_nothing_can_be_added_or_changed(personal: Incident, ana: User, address: str) -> None:
    with pytest.raises(Denied):
        confirm_redaction(by=ana, incident=personal, address=address)
    assert not Redaction.objects.exists()


def test_redaction_can_be_changed_until_the_address_is_sent(personal: Incident, ana: User, sena: User) -> None:
    confirm_redaction(by=ana, incident=personal, address=PERSONAL)
    confirm_redaction(by=sena, incident=personal, address="https://example.org/gallery")
    assert redaction.address_to_share(fresh(personal)) == "https://example.org/gallery"

    item = planned(referral_of(personal, ana, host(by=sena)), by=ana, now=NOW)
    assert item is not None
    confirm_redaction(by=ana, incident=personal, address=PERSONAL)
    # After an attempt the mail server may have accepted it.
    Notice.objects.update(attempts=1)
    with pytest.raises(Denied, match="already been sent in this form"):
        confirm_redaction(by=ana, incident=personal, address="https://example.org/gallery")
    Notice.objects.update(attempts=0)
    storing.seal_copy(item, PERSONAL, now=NOW)
    item.save()
    with pytest.raises(Denied, match="already been sent in this form"):
        confirm_redaction(by=ana, incident=personal, address="https://example.org/gallery")


def test_address_sent_before_redaction_stays_in_the_form_already_sent(
    personal: Incident, ana: User, sena: User
) -> None:
    told = referral_of(personal, ana, host(by=sena))
    first = planned(told, by=ana, now=NOW)
    assert first is not None
    storing.seal_copy(first, PERSONAL, now=NOW)
    first.save()
    Notice.objects.update(state=NoticeState.DROPPED)
    reminder = planned(told, by=None, now=NOW, interval=1)
    assert reminder is not None
    NoticeItem.objects.filter(pk=reminder.pk).update(dropped=DropReason.UNCONFIRMED)

    with pytest.raises(Denied, match="already been sent in this form"):
        confirm_redaction(by=ana, incident=personal, address="https://example.org/gallery")
    confirm_redaction(by=ana, incident=personal, address=PERSONAL)
    reminder.refresh_from_db()
    assert reminder.dropped == ""
    with pytest.raises(Denied, match="already been sent in this form"):
        confirm_redaction(by=ana, incident=personal, address=PERSONAL)


def referral_of(incident: Incident, by: User, to: Recipient) -> Referral:
    assessment = incident.assessments.get()
    place(assessment, to, now=NOW)
    return Referral.objects.create(
        incident=incident, assessment=assessment, kind="takedown", recipient=to.name, to=to, by=by, at=NOW
    )


def test_what_waited_for_it_follows(personal: Incident, ana: User, sena: User) -> None:
    list_address(by=ana, incident=personal, now=NOW)
    item = planned(referral_of(personal, ana, host(by=sena)), by=ana, now=NOW)
    assert item is not None
    NoticeItem.objects.update(dropped=DropReason.UNCONFIRMED)
    assert not UrlListEntry.objects.exists()

    confirm_redaction(by=ana, incident=personal, address="https://example.org/gallery", now=NOW)
    item.refresh_from_db()
    assert item.dropped == ""
    assert opening.unseal_copy(UrlListEntry.objects.get()) == "https://example.org/gallery"


def test_recipient_at_the_old_host_is_not_notified_after_a_move(personal: Incident, ana: User, sena: User) -> None:
    item = planned(referral_of(personal, ana, host(by=sena)), by=ana, now=NOW)
    assert item is not None
    NoticeItem.objects.update(dropped=DropReason.UNCONFIRMED)
    Chase.objects.update(trace=2)
    confirm_redaction(by=ana, incident=personal, address="https://example.org/gallery", now=NOW)

    item.refresh_from_db()
    assert item.dropped == DropReason.UNCONFIRMED
    assert NoticeItem.objects.count() == 1


def test_after_a_move_the_police_are_asked_all_the_same(personal: Incident, ana: User, sena: User) -> None:
    police = host("Example Police", by=sena, kind="police")
    item = planned(referral_of(personal, ana, police), by=ana, now=NOW)
    assert item is not None
    PoliceHold.objects.create(incident=personal, police=police, by=ana, at=NOW)
    NoticeItem.objects.update(dropped=DropReason.UNCONFIRMED)
    Chase.objects.update(trace=2)
    confirm_redaction(by=ana, incident=personal, address="https://example.org/gallery", now=NOW)

    item.refresh_from_db()
    assert (item.dropped, item.trace) == ("", 2)
    assert drop_reasons([item], police) == {}


def test_only_analysts_of_its_portals_confirm_and_only_what_is_chased(
    personal: Incident, belize: Portal, ana: User, ben: User, olga: User
) -> None:
    for stranger in (ben, olga):
        with pytest.raises(Denied):
            confirm_redaction(by=stranger, incident=personal, address=PERSONAL)
    waiting = incident_of(belize, "https://example.org/other?share_id=one")
    with pytest.raises(Denied, match="Only addresses of open incidents"):
        confirm_redaction(by=ana, incident=waiting, address="https://example.org/other")
    assert not Redaction.objects.exists()


# --- Shortening -------------------------------------------------------------------------------------------------------

WHOLE = "https://petra:w@example.org:8080/a/invite/one/two;jsessionid=3;x=1?share_id=1&b=2&sid=4#access_token=1&c"


def test_without_takes_parts_out_whole_and_leaves_an_address() -> None:
    found = find_identifying_parts(WHOLE)
    assert redacting.remove_parts(WHOLE, found) == "https://example.org:8080/a/invite/two;x=1?b=2#c"
    assert redacting.remove_parts(WHOLE, found[:1]) == WHOLE.replace("petra:w@", "")
    assert (
        redacting.remove_parts("https://example.org/?sid=1", find_identifying_parts("https://example.org/?sid=1"))
        == "https://example.org/"
    )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("hxxps://example[.]org/a", "https://example.org/a"),
        (" https://EXAMPLE.org/a\n", "https://example.org/a"),
        ("https://example.org/a https://example.org/b", None),
        ("https://example.org/a and more", None),
        ("", None),
    ],
)
def test_read_takes_one_address_defanged_or_not(typed: str, read: str | None) -> None:
    assert redacting.parse_address(typed) == read


@given(st.data())
def test_redacted_address_is_part_of_the_original_without_the_removed_parts(data: st.DataObject) -> None:
    pieces = st.sampled_from(["a", "a.", "invite", "one;sid=2", ";x=1", "petra@example.org", "b%2E", ""])
    parameters = st.sampled_from(["sid=1", "b", "share_id=2", "c=d.", "ref=3", "x=a@example.org"])
    user = data.draw(st.sampled_from(["", "petra@", "petra:w@"]))
    path = "/".join(data.draw(st.lists(pieces, max_size=4)))
    query, fragment = ("&".join(data.draw(st.lists(parameters, max_size=4))) for _each in "qf")
    [whole] = {found.normalised for found in find_addresses(f"<https://{user}example.org/{path}?{query}#{fragment}>")}
    cut = (
        data.draw(st.lists(st.sampled_from(find_identifying_parts(whole)), unique=True))
        if find_identifying_parts(whole)
        else []
    )
    short = redacting.remove_parts(whole, cut)
    assert redacting.is_part_of(short, whole)
    assert redacting.parse_address(defang_address(short)) == short
    assert len(short) < len(whole) if cut else short == whole
