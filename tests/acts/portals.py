"""Actions on portals, their languages, contacts and help, and on tables that operators maintain."""

from collections.abc import Callable

from django.utils import timezone

from analysts.codes import Role
from analysts.models import MaskedTerm
from countries.models import Contact, EmergencySuspension, PortalState, Withdrawal
from countries.staff.document.steps import PortalStep
from countries.staff.translation.language_reviews import review_language
from countries.staff.translation.standard_words import words_digest
from countries.staff.workspace.emergency import suspend_at_once
from countries.staff.workspace.tests.test_admin import filled_in, page_of
from countries.staff.workspace.tests.test_starting import NEW, upload
from countries.staff.workspace.withdrawal import withdraw_item
from countries.tests.factories import HelpServiceFactory, LanguageFactory, open_portal, store_verified
from tests.acts.act import PORTAL, Act, Fields, Stage, with_pk
from tests.rig.fixtures import create_person

OPERATOR = Role.OPERATOR
# A change in each step of a portal's workspace.
STEP_CHANGES = {
    PortalStep.COUNTRY: {"name": "Another name"},
    PortalStep.WORDS: {"texts-0-title": "Another title"},
    PortalStep.HELP: {"leave_to": "https://example.org/weather"},
    PortalStep.PARTNERS: {"partners-0-website": "https://example.org/"},
    PortalStep.LOOK: {"brand_colour": "#123456"},
    PortalStep.TEST: {"access_phrase": "open sesame"},
    PortalStep.LAUNCH: {"launch_source": "The press"},
}
HELP_SERVICE = {"kind": "pictures", "name": "Another service", "website": "https://example.org/", "position": "1"}
LANGUAGE = {
    "name": "Krio",
    "english_name": "Krio",
    "direction": "ltr",
    "digits": "latn",
    "plural_rule": "nplurals=2; plural=(n != 1);",
}
CONFIRMED = with_pk("suspension", outcome="confirmed")
WITHDRAWN = with_pk("withdrawal", outcome="confirmed")
CODE = {"row": "cybertipline/flag.sextortion", "target": ""}


def _known_country(stage: Stage, _subject: None) -> Fields:
    form = stage.client(OPERATOR).get(f"{NEW}?from=known:mu").context["form"]
    return {name: form[name].value() for name in form.fields}


def _save_step(step: PortalStep) -> Act:
    def draft(_stage: Stage) -> Fields:
        portal = open_portal("gh", "Ghana", "en", state=PortalState.DRAFT)
        return {"portal": portal, "portal_id": portal.pk}

    def fields(stage: Stage, subject: Fields) -> Fields:
        form_fields = filled_in(stage.client(OPERATOR), page_of(subject["portal"], step))
        return {**form_fields, "partners-0-id": str(subject["portal"].partners.get().pk), **STEP_CHANGES[step]}

    return Act(f"{PORTAL}{step}/", "portal.change", OPERATOR, draft, fields)


def _store_term(stage: Stage) -> MaskedTerm:
    return MaskedTerm.objects.create(text="maskedword", by=stage.people[Role.SENIOR], at=timezone.now())


def _changed_file(stage: Stage, _subject: None) -> Fields:
    change = (f'name = "{stage.belize.name}"', 'name = "Another name"')
    return upload(stage.belize, change, checked="on", reason="Corrected elsewhere")


def _suspend(stage: Stage) -> EmergencySuspension:
    by = create_person("operator-suspends", OPERATOR)
    return suspend_at_once(by=by, portal=stage.belize, reason="A wrong number.")


def _public_item(stage: Stage, _subject: None) -> Fields:
    text = stage.belize.texts.all()[0]
    return {"item": f"text:{text.pk}:welcome", "reason": "It is wrong."}


def _withdraw(stage: Stage) -> Withdrawal:
    by = create_person("operator-withdraws", OPERATOR)
    return withdraw_item(by=by, portal=stage.belize, **_public_item(stage, None))


def _review_fields(stage: Stage, _subject: Fields) -> Fields:
    form = stage.client(OPERATOR).get("/admin/languages/es/").context["form"]
    return {"words": form["words"].value(), "reviewed_by": "Salma", "reviewed_on": "2026-11-24"}


def _review(_stage: Stage) -> Fields:
    by, words = create_person("operator-reviews", OPERATOR), words_digest("es")
    review_language(by=by, language="es", words=words, reviewed_by="Salma", reviewed_on=timezone.localdate())
    return {"tag": "es"}


def _confirmed_words(_stage: Stage, _subject: Fields) -> Fields:
    return {"words": words_digest("es")}


def _shown_words(_stage: Stage, _subject: Fields) -> Fields:
    return {"shown": [f"es {words_digest('es')}"]}


def _verify_contacts(stage: Stage) -> Contact:
    contact: Contact = stage.belize.contacts.all()[0]
    contact.verified_on, contact.verified_by = timezone.localdate(), "Salma"
    return store_verified(contact)


def _admin_acts(
    name: str,
    event: str,
    create: Callable[[Stage], object],
    *,
    add: Fields,
    change: Fields,
    role: Role = OPERATOR,
    delete: str = "",
) -> tuple[Act, ...]:
    """The actions of an admin page; `delete`: the event of a deletion, where one is possible."""
    page = f"admin/{name}/<path:object_id>/"
    acts = (
        Act(f"admin/{name}/add/", f"{event}.add", role, fields=add),
        Act(f"{page}change/", f"{event}.change", role, create, change),
    )
    return (*acts, Act(f"{page}delete/", f"{event}.{delete}", role, create, {"post": "yes"})) if delete else acts


ACTS = (
    Act("admin/countries/portal/new/", "portal.start", OPERATOR, fields=_known_country, query="?from=known:mu"),
    *map(_save_step, STEP_CHANGES),
    *_admin_acts(
        "countries/helpservice",
        "help_service",
        lambda _: HelpServiceFactory.create(),
        add=HELP_SERVICE | {"key": "another"},
        change=HELP_SERVICE,
    ),
    *_admin_acts(
        "countries/language",
        "language",
        lambda _: LanguageFactory.create(),
        add=LANGUAGE | {"tag": "kri"},
        change=LANGUAGE | {"name": "Kriyo"},
        delete="delete",
    ),
    *_admin_acts(
        "analysts/maskedterm",
        "masked_term",
        _store_term,
        add={"text": "maskedword"},
        change={"text": "otherword"},
        role=Role.WELFARE,
        delete="delete",
    ),
    Act(f"{PORTAL}state/", "approval.request", OPERATOR, fields={"verb": "suspend", "reason": "A fault."}),
    Act(f"{PORTAL}emergency/", "portal.suspend_alone", OPERATOR, fields={"reason": "A wrong number."}),
    Act(f"{PORTAL}emergency/decide/", "portal.confirm_suspension", OPERATOR, _suspend, CONFIRMED),
    Act(f"{PORTAL}withdraw/", "portal.withdraw_item", OPERATOR, fields=_public_item),
    Act(f"{PORTAL}withdraw/decide/", "portal.confirm_withdrawal", OPERATOR, _withdraw, WITHDRAWN),
    Act(f"{PORTAL}import/", "approval.request", OPERATOR, fields=_changed_file),
    Act("admin/contacts/<int:contact_id>/check/", "contact.check", OPERATOR, _verify_contacts, {"how": "telephoned"}),
    Act("admin/languages/", "language.confirm_review", OPERATOR, _review, _shown_words),
    Act("admin/languages/<str:tag>/", "language.review", OPERATOR, lambda _: {"tag": "es"}, _review_fields),
    Act("admin/languages/<str:tag>/confirm/", "language.confirm_review", OPERATOR, _review, _confirmed_words),
    Act(
        "admin/codes/correct/", "codes.correct", OPERATOR, fields={"row": "cybertipline/flag.sextortion", "target": ""}
    ),
)
