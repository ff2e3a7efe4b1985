"""The keys of the forms that record a verdict: the desk's, masked and revealed, that of similar reports, and the page
of the isolated workstation. They share one script.

Every verdict is tried with every reason, and every severity with every age, at each of them.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from analysts.assessment.flood import folding
from analysts.assessment.tests.test_flood_pages import opened as open_sample
from analysts.assessment.tests.test_flood_pages import url as flood_url
from analysts.assessment.tests.test_floods import flood
from analysts.codes import REASONS, SHOWS_CHILD, AgeBand, Reason, Severity, Sex, Verdict, VerdictBasis
from analysts.models import Assessment, User
from analysts.tests.factories import claimed, incident_of
from countries.models import Portal
from tests.journeys.test_workstation_page import Visitor, batch_of
from tests.rig.browser import DESK, open_page
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.django_db(transaction=True)

REASONED = [
    {"verdict": verdict.value, "reason": reason.value}
    for verdict, reasons in REASONS.items()
    for reason in Reason
    if reason in reasons
]
CLASSIFIED = [
    {
        "verdict": Verdict.ILLEGAL.value,
        "severity": severity.value,
        **({"age_band": age.value, "sex": sex.value} if severity in SHOWS_CHILD else {}),
    }
    for severity in Severity
    for age, sex in zip(AgeBand, cycle(Sex), strict=False)
]
UNSEEN = [basis for basis in VerdictBasis if basis != VerdictBasis.SEEN]
# By form: what can be decided in it. A masked incident asks what an illegal verdict rests on.
DECISIONS: dict[str, list[dict[str, str]]] = {
    "desk": [*REASONED, *CLASSIFIED],
    "masked": [
        *REASONED,
        *({**row, "basis": basis.value} for row, basis in zip(CLASSIFIED, cycle(UNSEEN), strict=False)),
    ],
    "similar reports": REASONED,
    "workstation": [*REASONED, *CLASSIFIED],
}
LABELS: dict[str, Any] = {"verdict": Verdict, "reason": Reason, "severity": Severity, "age_band": AgeBand, "sex": Sex}
DIGITS = "123456789"
# The form as it would be sent, its sentence, and whether the button that records it has the focus.
STATE = """() => {
  const form = document.querySelector("fieldset[data-group]").closest("form");
  const entered = [...new FormData(form)].filter(([name, value]) => value && !["do", "typed", "note"].includes(name));
  const sentence = form.querySelector("[data-to-record]")?.textContent ?? "";
  return [Object.fromEntries(entered), sentence, document.activeElement.matches("[data-record]")];
}"""
START_AGAIN = """() => {
  const form = document.querySelector("fieldset[data-group]").closest("form");
  form.reset();
  form.dispatchEvent(new Event("change"));
  document.activeElement.blur();
}"""
PRINTED_KEY = "input => input.closest('label').querySelector('kbd').textContent"


def open_similar_reports(page: Page, portal: Portal, by: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their page, with each of the sample revealed."""
    monkeypatch.setattr(folding, "ALIKE", 3)
    flood(portal, 16)
    open_sample(client_of(by))
    page.goto(flood_url())


@pytest.fixture(params=DECISIONS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(
    form: str,
    chromium: Browser,
    live_server: Any,
    belize: Portal,
    ana: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Page]:
    """The form in which nothing is chosen."""
    if form != "workstation":
        settings.ALLOWED_HOSTS = ["localhost", "testserver"]
        opened = open_page(chromium, live_server.url, ana)
        if form == "similar reports":
            open_similar_reports(opened, belize, ana, monkeypatch)
        else:
            opened.goto(f"/admin/incidents/{claimed(incident_of(belize), ana).pk}/")
        if form == "desk":
            with opened.expect_navigation():
                opened.keyboard.press("r")
        yield opened
        opened.context.close()
        return
    visitor = Visitor(batch_of(1))
    visitor.do(1, "reveal")
    opened = chromium.new_context(viewport=DESK).new_page()
    opened.goto(f"{visitor.server.origin}{visitor.server.base}item/1")
    yield opened
    opened.context.close()
    visitor.server.shutdown()
    visitor.server.server_close()


def option(page: Page, field: str, code: str) -> Any:
    return page.locator(f'[name="{field}"][value="{code}"]')


def press_option(page: Page, field: str, code: str) -> None:
    page.keyboard.press(option(page, field, code).evaluate(PRINTED_KEY))


def entered(page: Page, *more: str) -> dict[str, str]:
    fields = page.evaluate(STATE)[0]
    return {name: fields[name] for name in (*LABELS, *more) if name in fields}


def check_every_verdict_with_every_reason_is_recorded_as_it_is_typed(page: Page, form: str) -> None:
    wrong = []
    for decision in DECISIONS[form]:
        page.evaluate(START_AGAIN)
        for field, code in decision.items():
            press_option(page, field, code)
        before = page.evaluate(STATE)
        _fields, sentence, is_on_button = before
        labels = ", ".join(str(LABELS[field](code).label) for field, code in decision.items() if field != "basis")
        more = ["basis"] if "basis" in decision else []
        if (
            entered(page, *more) != decision
            or not sentence.startswith(f"Verdict to record: {labels}")
            or not is_on_button
        ):
            wrong.append(f"{decision}: {entered(page)}, “{sentence}”")
        # Digits too many.
        page.keyboard.type(DIGITS)
        if page.evaluate(STATE) != before:
            wrong.append(f"{decision}, then more digits: {entered(page)}")
    assert wrong == []
    assert len(REASONED) == sum(map(len, REASONS.values()))


def check_digits_after_a_verdict_never_change_it(page: Page, form: str) -> None:
    """Whichever digit, and whichever after it: also one that no option has."""
    wrong, digits = [], dict[str, str]()
    for verdict in dict.fromkeys(decision["verdict"] for decision in DECISIONS[form]):
        digits[verdict] = str(option(page, "verdict", verdict).evaluate(PRINTED_KEY))
        for first in DIGITS:
            page.evaluate(START_AGAIN)
            page.keyboard.type(f"{digits[verdict]}{first}{DIGITS}")
            if entered(page).get("verdict") != verdict:
                wrong.append(f"{verdict}, then {first}: {entered(page)}")
    assert wrong == []
    # A verdict has the same digit at each form.
    assert digits == {verdict: str([*Verdict].index(Verdict(verdict)) + 1) for verdict in digits}


def check_digit_after_a_verdict_that_was_clicked_chooses_the_reason(page: Page, way: str) -> None:
    """Clicked, or chosen by the space bar: the focus stays on the verdict."""
    for decision in (
        {"verdict": "not_illegal", "reason": "not_sexualised"},
        {"verdict": "outside_remit", "reason": "adult"},
    ):
        page.evaluate(START_AGAIN)
        verdict = option(page, "verdict", decision["verdict"])
        if way == "click":
            verdict.click()
        else:
            verdict.press("Space")
        press_option(page, "reason", decision["reason"])
        assert entered(page) == decision


def check_verdict_is_changed_on_its_own_key_and_the_sentence_says_so(page: Page, form: str) -> None:
    sentence = page.locator("[data-to-record]")
    label = "Verdict for all incidents" if form == "similar reports" else "Verdict"
    assert (sentence.get_attribute("role"), sentence.text_content()) == ("status", f"Still to choose: {label}.")
    press_option(page, "verdict", "not_illegal")
    assert sentence.text_content() == "So far: not illegal. Still to choose: Reason."
    press_option(page, "reason", "not_sexualised")
    page.keyboard.press("q")
    press_option(page, "verdict", "not_assessed")
    # The reason does not apply any more: it is neither recorded nor called chosen.
    assert sentence.text_content() == "So far: could not assess. Still to choose: Reason."
    assert entered(page) == {"verdict": "not_assessed"}
    press_option(page, "reason", "content_not_found")
    if form == "similar reports":
        return
    page.keyboard.press("w")
    press_option(page, "notices", "violence")
    expected = "Verdict to record: could not assess, content not found; Content warnings: violence."
    assert sentence.text_content() == expected


def test_keys_of_each_form(page: Page, form: str) -> None:
    """All rules on one page, which is opened once for them. The first rule needs it untouched."""
    check_verdict_is_changed_on_its_own_key_and_the_sentence_says_so(page, form)
    check_every_verdict_with_every_reason_is_recorded_as_it_is_typed(page, form)
    check_digits_after_a_verdict_never_change_it(page, form)
    for way in ("click", "press"):
        check_digit_after_a_verdict_that_was_clicked_chooses_the_reason(page, way)


def test_illegal_verdict_on_a_masked_incident_asks_what_it_rests_on(
    chromium: Browser, live_server: Any, belize: Portal, ana: User, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    incident = claimed(incident_of(belize), ana)
    page = open_page(chromium, live_server.url, ana)
    page.goto(f"/admin/incidents/{incident.pk}/")
    for field, code in {"verdict": "illegal", "severity": "B", "age_band": "7-10", "sex": "girls"}.items():
        press_option(page, field, code)
    sentence = page.locator("[data-to-record]")
    assert (
        sentence.text_content()
        == "So far: illegal, B: non-penetrative, 7–10, girls. Still to choose: The verdict rests on."
    )
    press_option(page, "basis", "duplicate")
    assert str(sentence.text_content()).endswith("girls; The verdict rests on: a known duplicate.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Assessment.objects.get().basis == "duplicate"
    page.context.close()


@pytest.mark.parametrize("sent", [{}, {"details": {"facts": ["child_in_danger"]}}], ids=["plain", "danger"])
def test_draft_that_answers_everything_is_recorded_by_enter(
    chromium: Browser, live_server: Any, belize: Portal, ana: User, settings: Any, sent: dict[str, Any]
) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    incident = claimed(incident_of(belize, **sent), ana)
    page = open_page(chromium, live_server.url, ana)
    page.goto(f"/admin/incidents/{incident.pk}/")
    with page.expect_navigation():
        page.keyboard.press("r")
    for field, code in {"verdict": "not_illegal", "reason": "not_sexualised"}.items():
        press_option(page, field, code)
    page.locator("[data-draft-said]", has_text="Draft saved").wait_for()
    page.goto("/admin/queue/")
    page.goto(f"/admin/incidents/{incident.pk}/")
    record = page.locator("[data-record]")
    expect(record).to_be_focused()
    expect(record).to_have_accessible_description("Verdict to record: not illegal, nudism or not sexualised.")
    # Enter held down since the page before records nothing.
    page.evaluate("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', repeat: true}))")
    assert not Assessment.objects.exists()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Assessment.objects.get().verdict == "not_illegal"
    page.context.close()
