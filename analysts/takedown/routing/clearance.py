"""Police clearance on the incident page: the latest request, its decision, and the forms for both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from analysts.incidents import durations
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import ActionButton, ActionForm
from analysts.incidents.page_urls import incident_url
from analysts.models import Chase, Clearance, Incident, PoliceHold, RecipientKind, User
from analysts.takedown.routing import holds, permissions
from analysts.takedown.routing.destinations import national_recipients
from analysts.takedown.routing.forms import AskPolice, RecordClearance, contact_method_label
from audit.permissions import why_not

# Names of the forms on the page. Names that begin with "ask_" are reserved for questions to reporters.
ASK, RECORD = "police_again", "record_clearance"


@dataclass(frozen=True, slots=True)
class ClearanceStatus:
    """The latest clearance request."""

    police: str
    hold: PoliceHold
    reference: str
    # How long ago the request was sent; empty before.
    ago: str
    # Why no request could be sent, such as an unverified police force; empty if it could.
    unusable: str
    record: ActionButton | None
    again: ActionButton | None

    @property
    def is_granted(self) -> bool:
        return self.hold.answer == Clearance.GRANTED

    @property
    def is_refused(self) -> bool:
        return self.hold.answer == Clearance.REFUSED

    @property
    def is_not_theirs(self) -> bool:
        return self.hold.answer == Clearance.NOT_OURS


def clearance_status(
    incident: Incident,
    chase: Chase | None,
    hold: PoliceHold | None,
    user: User,
    bound: dict[str, ActionForm],
    now: datetime,
) -> ClearanceStatus | None:
    if hold is None:
        return None
    may_ask = not why_not(permissions.check_can_ask_police, user, incident, hold)
    may_ask = may_ask and hold.answer in (Clearance.REFUSED, Clearance.NOT_OURS)
    return ClearanceStatus(
        police=defang_text(hold.police.name),
        hold=hold,
        reference=defang_text(hold.reference),
        ago=durations.in_words(now - hold.sent_at) if hold.sent_at else "",
        unusable="" if hold.police.is_usable else str(contact_method_label(hold.police)),
        record=record_button(incident, hold, bound, now) if not hold.answer or RECORD in bound else None,
        again=ask_button(incident, chase, hold, bound) if chase and (may_ask or ASK in bound) else None,
    )


def record_form(hold: PoliceHold, data: Mapping[str, object] | None = None, *, now: datetime) -> RecordClearance:
    asked_on, today = holds.days_of_answer(hold, now=now)
    return RecordClearance(
        data, auto_id=f"{RECORD}_%s", asked_on=asked_on, today=today, phone=hold.police.verified_phone
    )


def record_button(incident: Incident, hold: PoliceHold, bound: dict[str, ActionForm], now: datetime) -> ActionButton:
    return ActionButton(
        name=RECORD,
        label=_("Record the decision"),
        url=incident_url(incident.pk, "admin:record_clearance"),
        form=bound.get(RECORD) or record_form(hold, now=now),
        why_not="",
        opened_by="k",
    )


def ask_form(chase: Chase, hold: PoliceHold | None, data: Mapping[str, object] | None = None) -> AskPolice:
    """Without the police of the latest request, `hold`, if they say that it is not theirs to decide."""
    police = national_recipients(chase.country)[RecipientKind.POLICE]
    if hold and hold.answer == Clearance.NOT_OURS:
        police = [force for force in police if force.pk != hold.police_id]
    return AskPolice(data, auto_id=f"{ASK}_%s", police=police)


def ask_button(incident: Incident, chase: Chase, hold: PoliceHold, bound: dict[str, ActionForm]) -> ActionButton:
    return ActionButton(
        name=ASK,
        label=_("Request clearance again"),
        url=incident_url(incident.pk, "admin:ask_police"),
        form=bound.get(ASK) or ask_form(chase, hold),
        why_not="",
    )
