"""Payloads typed by colleagues: in every free text of portals and accounts, and through the actions that take text."""

from collections.abc import Iterator
from datetime import date
from itertools import count, cycle

from django.core.exceptions import ValidationError
from django.db import models

from analysts.assessment import actions
from analysts.codes import Closing
from analysts.incidents import actions as incident_actions
from analysts.models import Incident, RecipientKind, Report, User
from analysts.takedown.routing.actions import refer
from audit.permissions import Denied
from countries.models import Contact, ContactText, Partner, PartnerText, Portal, PortalText
from tests.acts.incidents import ILLEGAL
from tests.proofs.payloads import HOST, WEBSITE

# Fields that are not typed: forms offer a list, values are random, or a hash is stored.
CHOSEN = {"slug", "default_language", "language", "name_language", "password", "test_code", "verified_digest"}


def into_portals_and_accounts(payloads: list[str]) -> dict[str, int]:
    """How many payloads each field took, by `model.field`; what its validators refuse is not stored, as in a form."""
    # So that public pages show them.
    Contact.objects.update(verified_on=date(2026, 1, 1), verified_by="Olga")
    Partner.objects.update(confirmed=True)
    taken: dict[str, int] = {}
    # Staff pages refuse a NUL before any form sees it.
    payloads = [payload for payload in payloads if "\0" not in payload]
    queue = cycle(payloads)
    for model in (Portal, PortalText, Contact, ContactText, Partner, PartnerText, User):
        for row in model._default_manager.order_by("pk"):
            for field in _free_texts(model):
                name = f"{model._meta.model_name}.{field.name}"
                taken.setdefault(name, 0)
                if value := _next_taken(field, row, queue, len(payloads)):
                    setattr(row, field.name, value)
                    taken[name] += 1
            row.save()
    for model in (Contact, Partner):
        for row in model._default_manager.all():
            row.mark_verified()
            row.save(update_fields=["verified_digest"])
    return taken


def _free_texts(model: type[models.Model]) -> list["models.Field[str, str]"]:
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices and field.name not in CHOSEN
    ]


def _next_taken(field: "models.Field[str, str]", row: models.Model, queue: Iterator[str], number: int) -> str:
    """The next payload that the field accepts, whole and unlike its neighbours'; "" where it accepts none."""
    for _ in range(number):
        payload = next(queue)
        if isinstance(field, models.URLField):
            payload = payload.replace(HOST, WEBSITE)
        try:
            value = str(field.clean(payload, row))
        except ValidationError:
            continue
        others = type(row)._default_manager.exclude(pk=row.pk)
        if not (field.unique or field.name == "name") or not others.filter(**{field.name: value}).exists():
            return value
    return ""


def by_verbs(payloads: list[str]) -> dict[str, int]:
    """Ask, note, refer and close with payloads on waiting incidents, so that each state has some; how many passed."""
    by = User.objects.get(username="analyst")
    texts, numbers = cycle(payloads), count()
    taken = {"question": 0, "note": 0, "recipient": 0}
    for incident in Incident.objects.waiting().visible_to(by).order_by("pk"):
        number = next(numbers)
        if number % 5 == 0:
            continue
        claimed = actions.claim(by=by, incident=incident)
        report = Report.objects.visible_to(by).filter(sightings__incident=incident).order_by("pk").first()
        if report is not None and _ask_question(by, report, incident, next(texts)):
            taken["question"] += 1
        taken["note"] += _add_note(by, incident, next(texts))
        if number % 5 == 1:
            continue
        actions.assess(by=by, incident=incident, fence=claimed.fence, **ILLEGAL)
        taken["recipient"] += sum(_add_referral(by, incident, next(texts)) for _ in range(2))
        if number % 5 == 4 and Incident.objects.get(pk=incident.pk).state == "acting":
            actions.close(by=by, incident=incident, closing=Closing.EXHAUSTED)
    return taken


def _ask_question(by: User, report: Report, incident: Incident, question: str) -> bool:
    """The form takes no NUL, as no form of staff does, and the verb nothing that names what was reported."""
    if "\0" in question:
        return False
    try:
        actions.ask_reporter(by=by, report=report, incident=incident, question=question)
    except Denied:
        return False
    return True


def _add_note(by: User, incident: Incident, text: str) -> bool:
    if "\0" in text:
        return False
    incident_actions.add_note(by=by, incident=incident, text=text)
    return True


def _add_referral(by: User, incident: Incident, recipient: str) -> bool:
    if "\0" in recipient or len(recipient) > 120:
        return False
    try:
        refer(by=by, incident=incident, kind=RecipientKind.HOST, name=recipient, reason="r")
    except Denied:
        return False
    return True


def ask_everybody(question: str) -> int:
    """Ask the holder of each receipt once; returns how many questions that made."""
    by = User.objects.get(username="senior")
    asked = 0
    for report in Report.objects.visible_to(by).order_by("pk"):
        incident = Incident.objects.visible_to(by).filter(sightings__report=report).first()
        if incident is not None:
            actions.ask_reporter(by=by, report=report, incident=incident, question=question)
            asked += 1
    return asked
