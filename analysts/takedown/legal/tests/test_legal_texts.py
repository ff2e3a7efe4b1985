"""The law that letters cite: which text, by country and check; what is shipped; and the operators' pages and to-do."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from analysts.codes import Flag, Severity
from analysts.models import LegalText, LegalTextKind, NoticeItem, Recipient, RecipientKind, User
from analysts.takedown.legal import texts
from analysts.takedown.notices.shipped_texts import SHIPPED
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.notices import gathering_for
from countries.models import Portal
from tests.rig.fixtures import client_of

LIST = "/admin/analysts/legaltext/"
LETTERS = sorted({path.stem for path in SHIPPED.glob("*.toml")})


def law(name: str, *, is_checked: bool = True, kind: LegalTextKind = LegalTextKind.GROUND, **fields: Any) -> LegalText:
    row = LegalText(kind=kind, name=name, **{"texts": f"en: {name}\nde: {name} (de)", **fields})
    if is_checked:
        row.checked_on, row.checked_by = date(2026, 3, 2), "our lawyer"
        row.mark_verified()
    row.save()
    return row


def item_of(portal: Portal, by: User, severity: Severity = Severity.C, flags: Sequence[Flag] = ()) -> NoticeItem:
    """An item about content hosted in the Netherlands."""
    incident = incident_of(portal, f"https://{severity.lower()}.example.org/{len(flags)}")
    assessed_illegal(incident, by, severity=severity, flags=flags)
    incident.refresh_from_db()
    pk = gathering_for(incident, by).pk
    return NoticeItem.objects.select_related("incident", "referral__assessment").get(pk=pk)


def ground(item: NoticeItem, language: str = "en") -> str:
    return texts.legal_grounds([item], language).get(item.pk, "")


CHAIN = [
    ({"BZ": True, "NL": True, "": True}, "of BZ"),
    ({"BZ": False, "NL": True, "": True}, "of NL"),
    ({"NL": True, "": True}, "of NL"),
    ({"BZ": False, "NL": False, "": True}, "default"),
    ({"BZ": False, "NL": False, "": False}, "default"),
    ({"DE": True, "": False}, "default"),
    ({"DE": True}, ""),
    ({}, ""),
]


@pytest.mark.parametrize(("checks", "cited"), CHAIN)
def test_ground_is_of_the_portal_then_of_the_hosting_then_the_default(
    belize: Portal, ana: User, checks: dict[str, bool], cited: str
) -> None:
    for country, is_checked in checks.items():
        law(f"of {country}" if country else "default", is_checked=is_checked, countries=[country] if country else [])
    assert ground(item_of(belize, ana)) == cited


def test_changed_or_unused_text_is_not_cited_and_a_language_falls_back(belize: Portal, ana: User) -> None:
    of_portal, default = law("of BZ", countries=["BZ"]), law("default", texts="en: default")
    item = item_of(belize, ana)
    assert ground(item, "de") == "of BZ (de)"
    assert ground(item, "de-at") == ground(item, "de")
    LegalText.objects.filter(pk=of_portal.pk).update(texts="en: another")
    assert ground(item, "de") == "default"
    LegalText.objects.filter(pk=default.pk).update(is_active=False)
    assert ground(item) == ""


@pytest.mark.parametrize("severity", Severity)
def test_ground_is_of_the_category(belize: Portal, ana: User, severity: Severity) -> None:
    for category in Severity:
        law(f"of {category}", severities=[category])
    law("of generated", flags=[Flag.AI_GENERATED])
    assert ground(item_of(belize, ana, severity)) == f"of {severity}"
    assert ground(item_of(belize, ana, severity, [Flag.AI_GENERATED])) == f"of {severity}; of generated"


@pytest.mark.parametrize("country", ["US", "GB", "NL", "BZ", ""])
@pytest.mark.parametrize("kind", RecipientKind)
def test_duty_is_of_the_recipients_country_and_kind(db: None, kind: RecipientKind, country: str) -> None:
    texts.load_shipped()
    for row in LegalText.objects.filter(kind=LegalTextKind.DUTY):
        row.checked_on, row.checked_by = date(2026, 3, 2), "our lawyer"
        row.mark_verified()
        row.save()
    words = {"US": "CyberTipline", "GB": "National Crime Agency", "NL": "Article 18"}
    of_country = words.get(country, "")
    is_bound = kind == RecipientKind.PLATFORM or (kind == RecipientKind.HOST and country != "GB")
    duty = texts.legal_duty(Recipient(kind=kind, name="Example", country=country), "en")
    assert (of_country if of_country and is_bound else "If your law asks you") in duty
    assert sum(word in duty for word in words.values()) == bool(of_country and is_bound)


def test_duty_that_nobody_checked_is_not_claimed(db: None) -> None:
    texts.load_shipped()
    duty = texts.legal_duty(Recipient(kind="host", name="Example", country="US"), "en")
    assert duty.startswith("If your law asks you to report")


# --- Shipped texts ---------------------------------------------------------------------------------


def test_shipped_texts_load_once_as_unchecked_and_keep_changes(db: None) -> None:
    assert texts.load_shipped() == len(texts.read_shipped()["ground"]) + len(texts.read_shipped()["duty"])
    assert not LegalText.objects.filter(LegalText.verified()).exists()
    LegalText.objects.filter(name="Germany: Strafgesetzbuch").update(texts="en: changed")
    LegalText.objects.filter(name="France: Code pénal").delete()
    assert (texts.load_shipped(), texts.load_shipped()) == (1, 0)
    assert LegalText.objects.get(name="Germany: Strafgesetzbuch").texts == "en: changed"


@pytest.mark.parametrize("language", LETTERS)
def test_each_language_of_letters_has_the_general_texts(db: None, language: str) -> None:
    texts.load_shipped()
    general = LegalText.objects.filter(kind=LegalTextKind.DUTY) | LegalText.objects.filter(countries=[])
    assert [row.name for row in general if language not in row.by_language] == []
    assert language in texts.read_shipped()["status"]


@pytest.mark.parametrize("severity", Severity)
def test_each_category_has_a_general_ground(db: None, severity: Severity) -> None:
    texts.load_shipped()
    general = LegalText.objects.filter(kind=LegalTextKind.GROUND, countries=[], is_active=True)
    assert sum(row.applies_to(severity, []) for row in general) == 1


# --- Pages -----------------------------------------------------------------------------------------

FIELDS = {"name": "Example law", "kind": "ground", "countries": "Germany, FR", "texts": "en: x", "is_active": "on"}
CHECK = {"checked_by": "our lawyer", "checked_on": "2026-03-02"}


def test_operator_records_a_check_which_ends_with_a_change(olga: User) -> None:
    client = client_of(olga)
    assert client.post(f"{LIST}add/", FIELDS).status_code == 302
    row = LegalText.objects.get()
    assert (row.countries, row.is_verified) == (["DE", "FR"], False)
    page = f"{LIST}{row.pk}/change/"
    assert client.post(page, {**FIELDS, **CHECK}).status_code == 302
    row.refresh_from_db()
    assert row.is_verified
    assert "2 Mar 2026, by our lawyer" in client.get(LIST).content.decode()
    assert client.post(page, {**FIELDS, **CHECK, "texts": "en: other"}).status_code == 302
    row.refresh_from_db()
    assert (row.is_verified, row.checked_by, row.checked_on) == (False, "", None)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"texts": "no language"}, "Write one language a line"),
        ({"texts": "en: x\nen: y"}, "Write one language a line"),
        ({"texts": "de: x"}, "The English text is missing"),
        ({"checked_by": "our lawyer"}, "Say who checked it, and on which day."),
        ({**CHECK, "checked_on": "2999-01-01"}, "This day is in the future."),
        ({"countries": "Nowhere"}, "Unknown countries: Nowhere."),
    ],
)
def test_faulty_text_is_named_and_what_was_typed_stays(olga: User, change: dict[str, str], fault: str) -> None:
    answer = client_of(olga).post(f"{LIST}add/", {**FIELDS, **change})
    assert answer.status_code == 200
    assert fault in answer.content.decode()
    assert next(iter(change.values())) in answer.content.decode()
    assert not LegalText.objects.exists()


def test_operators_have_unchecked_texts_and_portals_without_a_ground_to_do(
    belize: Portal, olga: User, ana: User
) -> None:
    def to_do() -> str:
        return " ".join(client_of(olga).get("/admin/").content.decode().split())

    lacks = "1 portal lacks a legal ground of its country for a category."
    law("default", is_checked=False)
    assert "1 legal text has not been checked." in to_do()
    assert lacks in to_do()
    assert "legal text" not in client_of(ana).get("/admin/").content.decode()
    LegalText.objects.all().delete()
    *first, last = Severity
    law("some of BZ", countries=["BZ"], severities=first)
    law("last of BZ, for a flag", countries=["BZ"], severities=[last], flags=[Flag.SEXTORTION])
    assert lacks in to_do()
    law("last of BZ", countries=["BZ"], severities=[last])
    assert "legal text" not in to_do().partition('id="content"')[2]


def test_number_of_queries_does_not_grow_with_the_letter(
    belize: Portal, ana: User, django_assert_num_queries: Any
) -> None:
    law("default")
    items = [item_of(belize, ana, severity) for severity in (Severity.A, Severity.B, Severity.C)]
    for several in (items[:1], items):
        with django_assert_num_queries(3):
            assert len(texts.legal_grounds(several, "en")) == len(several)
