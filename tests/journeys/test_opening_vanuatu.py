"""Vanuatu opens in Bislama, English and French, although no release has Bislama: every click and field is counted."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.test_journey import take_in_and_publish
from tests.journeys.test_opening_a_country import (
    PHRASE,
    REVIEWER,
    VERIFIED_SERVICE,
    Operator,
    decided_by_another,
    move,
    olga,
    operator_fixture,
    otto,
    reporter,
    send,
    shows,
)
from tests.rig.installation import Installation

__all__ = ["olga", "otto", "reporter"]

# The sum of two operators, a translator and a reviewer, until the portal is live. An administrator's are not counted:
# accounts of translators and analysts exist before.
CLICKS, FIELDS = 45, 45
# The administrators' part, and a file with every text in Bislama.
PREPARED = """
from countries.models import LanguageRole
from analysts.models import User
for name, is_reviewer in (("translator", False), ("translator2", True)):
    LanguageRole.objects.create(account=User.objects.get(username=name), language="bi", is_reviewer=is_reviewer)
"""
FILE = """
from pathlib import Path
from countries.words.crisis_texts import texts_to_write
from countries.words.language_memory import renew_languages
from countries.words.plurals import plural_rule
from countries.words.po_files import build_po
from countries.words.translated_rows import TranslatedRow
renew_languages()
texts, count = texts_to_write("bi"), plural_rule("bi").count
def translate(text):
    if text.is_phrase_list:
        return ("\\n".join(f"placeholder phrase {{number}}" for number in range(12)),)
    return tuple(f"Bi {{form}}" for form in (text.forms * count)[: count if text.plural else 1])
rows = {{
    digest: TranslatedRow(text.context, text.singular, text.plural, translate(text), False)
    for digest, text in texts.items()
}}
Path({path!r}).write_bytes(build_po("bi", texts.values(), rows))
print(len(texts))
"""
COVERED = """
from countries.models import Portal
from analysts.models import User
User.objects.get(username="analyst").portals.add(Portal.objects.get(slug="vu"))
"""


# The translator and the reviewer.
tessa = operator_fixture("translator")
rita = operator_fixture("translator2", "dark")


def test_country_opens_in_a_language_that_no_release_has(
    reporter: Page,
    installation: Installation,
    olga: Operator,
    otto: Operator,
    tessa: Operator,
    rita: Operator,
    tmp_path: Path,
) -> None:
    # Verified once for all portals.
    installation.run(VERIFIED_SERVICE)
    installation.run(PREPARED)
    open_bislama(olga)
    decided_by_another(olga, otto, "language", about="Bislama")
    file = tmp_path / "bi.po"
    number = int(installation.run(FILE.format(path=str(file))))
    translate(tessa, file)
    approve(rita, number)

    start_vanuatu(olga)
    write_texts(olga)
    write_contacts(olga)
    installation.run(COVERED)
    write_phrase(olga)
    review_french(olga, otto)
    olga.step("test/")
    move(olga, "Restrict", "Partners look at it.")
    olga.fields += 1
    send(reporter, olga.page.locator("#test-report code").inner_text(), "vu")
    take_in_and_publish(installation)
    olga.page.reload()
    assert (olga.open_items(), olga.percentage()) == ([], 100)
    olga.link("Next: Launch", ".step-links")
    move(olga, "Launch", "All is ready.")
    olga.fields += 1
    decided_by_another(olga, otto, "Launch", about="Vanuatu")

    for path in ("/vu/bi/", "/vu/en/", "/vu/fr/"):
        shows(reporter, path, "Vanuatu")
    people = (olga, otto, tessa, rita)
    clicks, fields = sum(person.clicks for person in people), sum(person.fields for person in people)
    assert (clicks <= CLICKS, fields <= FIELDS) == (True, True), f"{clicks} clicks, {fields} fields"
    assert [person.problems for person in people] == [[]] * len(people)


def open_bislama(olga: Operator) -> None:
    olga.click(olga.page.locator(".menu > summary"))
    olga.link("Languages", "header")
    olga.write("tag", "Bislama")
    olga.button("Go on")
    olga.look()
    assert (olga.field("tag").input_value(), olga.field("english_name").input_value()) == ("bi", "Bislama")
    olga.write("name", "Bislama")
    olga.choose(olga.field("plural_rule"), "nplurals=2; plural=(n != 1);")
    olga.write("personal_words", "nem blong yu")
    olga.tick(olga.field("is_open"))
    olga.tick(olga.field("shows_words"))
    olga.write("reason", "Two speakers are ready.")
    olga.save("Save")


def translate(tessa: Operator, file: Path) -> None:
    tessa.page.goto("/admin/")
    tessa.link("Bislama", "#content")
    tessa.link("Import", "#content")
    tessa.upload(tessa.field("file"), "bi.po", "text/x-gettext-translation", file.read_bytes())
    tessa.button("Import")
    tessa.look()


def approve(rita: Operator, number: int) -> None:
    rita.page.goto("/admin/")
    rita.click(rita.page.locator("#content a[href='/admin/words/bi/review/']").first)
    rita.look()
    for left in range(number, 0, -200):
        rita.button(f"I have read them: approve all {min(left, 200)} on this page")
    expect(rita.page.locator("#content")).to_contain_text("No translation of another person is waiting")


def start_vanuatu(olga: Operator) -> None:
    olga.link("Portals", "header")
    olga.link("Add portal")
    olga.write("q", "vanuatu")
    with olga.page.expect_navigation():
        olga.field("q").press("Enter")
    olga.link("Start a portal for Vanuatu")
    ticked = [box.get_attribute("value") for box in olga.page.locator("[name=languages]:checked").all()]
    assert sorted(map(str, ticked)) == ["bi", "en", "fr"]
    olga.button("Create draft")
    olga.portal = olga.page.url.removesuffix("country/")
    olga.write("legal_source", "Penal Code, section 147A")
    olga.write("legal_age", "18")
    olga.save()


def write_texts(olga: Operator) -> None:
    """One language on a screen."""
    for _language in range(3):
        olga.write("texts-0-law", "The law forbids it.")
        olga.write("texts-0-reviewed_by", REVIEWER)
        olga.write("texts-0-reviewed_on", "2026-01-15")
        olga.save()


def write_contacts(olga: Operator) -> None:
    others = [tag for tag in ("bi", "en", "fr") if tag != default_language(olga)]
    for number in range(3):
        kind = olga.field(f"contacts-{number}-kind").input_value()
        olga.write(f"contacts-{number}-name", kind.title())
        for tag in others:
            olga.write(f"contacts-{number}-name_in_{tag}", f"{kind} in {tag}")
        olga.write(f"contacts-{number}-phone", f"11{number}")
        olga.write(f"contacts-{number}-source", "called on the day of verification")
        olga.write(f"contacts-{number}-verified_by", "Olga")
        olga.click(olga.page.locator(f".form-row:has([name='contacts-{number}-verified_on'])").get_by_text("Today"))
    olga.save()
    olga.write("partners-0-name", "Partner")
    olga.write("partners-0-source", "a letter")
    for tag in others:
        olga.write(f"partners-0-name_in_{tag}", f"Partner in {tag}")
    olga.tick(olga.field("partners-0-confirmed"))
    olga.save()


def default_language(olga: Operator) -> str:
    """The language of names without one of their own: the only one whose name may stay empty."""
    here = olga.page.url
    olga.step("country/")
    tag = olga.field("default_language").input_value()
    olga.page.goto(here)
    return tag


def write_phrase(olga: Operator) -> None:
    olga.step("test/")
    olga.write("access_phrase", PHRASE)
    olga.save("Save")


def review_french(olga: Operator, otto: Operator) -> None:
    assert olga.open_items() == ["Interface text: Français", "Test report"]
    olga.link("Interface text: Français", "#checklist")
    olga.write("reviewed_by", REVIEWER)
    olga.write("reviewed_on", "2026-01-15")
    olga.button("Record review")
    otto.page.goto("/admin/languages/")
    otto.look()
    otto.button("Confirm reviews")
