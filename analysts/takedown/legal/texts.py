"""The legal ground and the duty that a letter cites, and the shipped texts.

A text is cited once it is checked. Until then letters cite the text without a country, checked or not: a letter never
waits for it. Operators have the rest in their to-dos.
"""

import tomllib
import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from analysts.models import Chase, LegalText, LegalTextKind, NoticeItem, Recipient, User
from analysts.models.legal import EU
from analysts.takedown.legal.permissions import check_can_write_law
from audit.actions import JSON, record_event
from audit.changes import describe_changes, describe_text
from countries.models import Portal

SHIPPED = Path(__file__).with_name("legal_grounds.toml")
# The part of a text in an audit event: the typed words by length and digest.
RECORDED = ("kind", "name", "countries", "severities", "flags", "recipients", "checked_by", "checked_on", "is_active")


@cache
def read_shipped() -> dict[str, Any]:
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def legal_grounds(items: Sequence[NoticeItem], language: str) -> dict[uuid.UUID, str]:
    """By each item's id, the grounds on which its content is illegal, in one line. Three queries.

    `items`: with their incidents, and the assessments of their referrals.
    """
    texts = active_texts(LegalTextKind.GROUND)
    if not texts:
        return {}
    incidents = [item.incident for item in items]
    portals = Portal.objects.filter(pk__in={pk for incident in incidents for pk in incident.portals})
    countries = dict(portals.values_list("pk", "country"))
    chases = Chase.objects.filter(incident__in=incidents).order_by("since")
    hosting = dict(chases.values_list("incident", "country"))
    grounds: dict[uuid.UUID, str] = {}
    for item in items:
        if item.referral is None:
            # An alert: nothing is assessed yet.
            continue
        verdict = item.referral.assessment
        fitting = [text for text in texts if text.applies_to(verdict.severity, verdict.flags)]
        places = [countries.get(pk, "") for pk in sorted(item.incident.portals)]
        cited = choose_texts(fitting, [*places, hosting.get(item.incident_id, "")])
        if laws := [law for text in cited if (law := text.in_language(language))]:
            grounds[item.pk] = "; ".join(laws)
    return grounds


def legal_duty(recipient: Recipient, language: str) -> str:
    """The paragraph about what the recipient's law asks of it, such as to report first; "" without any. One query."""
    fitting = [
        text for text in active_texts(LegalTextKind.DUTY) if not text.recipients or recipient.kind in text.recipients
    ]
    return " ".join(text.in_language(language) for text in choose_texts(fitting, [recipient.country]))


def active_texts(kind: LegalTextKind) -> list[LegalText]:
    return list(LegalText.objects.filter(kind=kind, is_active=True))


def choose_texts(texts: Collection[LegalText], countries: Iterable[str]) -> list[LegalText]:
    """The checked texts of the first country that has any; else those without a country, checked ones before others."""
    checked = [text for text in texts if text.is_verified]
    for country in countries:
        if of_country := [text for text in checked if country in text.countries]:
            return of_country
    return [text for text in checked if not text.countries] or [text for text in texts if not text.countries]


# --- Shipped texts ---------------------------------------------------------------------------------


@transaction.atomic
def load_shipped(*, now: datetime | None = None) -> int:
    """Add shipped texts that are missing, by name, as not checked; return how many. Existing ones are never changed."""
    missing = missing_texts()
    if missing:
        LegalText.objects.bulk_create(missing, ignore_conflicts=True)
        added: dict[str, JSON] = {text.name: describe_text(text.texts) for text in missing}
        details: dict[str, JSON] = {"before": None, "after": added}
        record_event(by=None, action="legal_text.load", details=details, at=now or timezone.now())
    return len(missing)


def missing_texts() -> list[LegalText]:
    existing = set(LegalText.objects.values_list("name", flat=True))
    shipped = [_row_of(kind, entry) for kind in LegalTextKind for entry in read_shipped()[kind.value]]
    return [text for text in shipped if text.name not in existing]


def _row_of(kind: LegalTextKind, entry: dict[str, Any]) -> LegalText:
    countries = [*EU] if entry.get("countries") == ["EU"] else entry.get("countries", [])
    lines = "\n".join(f"{language}: {text}" for language, text in entry["texts"].items())
    return LegalText(kind=kind, **{**entry, "countries": countries, "texts": lines})


# --- Changes ---------------------------------------------------------------------------------------


@transaction.atomic
def write_text(*, by: User, text: LegalText, is_checked: bool, now: datetime | None = None) -> None:
    """Save a new or changed text. `is_checked`: the check that it names is of the text as it is now, else of an earlier
    one, which ends with a change.
    """
    check_can_write_law(by)
    before = LegalText.objects.select_for_update().filter(pk=text.pk).first()
    if is_checked and text.checked_on:
        text.mark_verified()
    elif not text.is_verified:
        text.checked_by, text.checked_on, text.verified_digest = "", None, ""
    text.save()
    details: dict[str, JSON] = {
        "changes": describe_changes(_recorded_values(before) if before else {}, _recorded_values(text))
    }
    action = "legal_text.change" if before else "legal_text.add"
    record_event(by=by, action=action, on=text, details=details, at=now or timezone.now())


def _recorded_values(text: LegalText) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(text, name) for name in RECORDED}
    return {**values, "texts": describe_text(text.texts), "source": describe_text(text.source)}
