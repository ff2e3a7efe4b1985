"""The next steps of an open illegal incident, and whom or what each of them waits for."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.choices import RowChoices
from countries.decided_settings import number_in_force


class WaitingFor(TextChoices):
    ANALYST = "analyst", _("an analyst")
    POLICE = "police", _("the police")
    RECIPIENT = "recipient", _("the recipient")
    REPORTER = "reporter", _("the reporter")
    COLLEAGUE = "colleague", _("a colleague")
    WORKSTATION = "workstation", _("the isolated workstation")


class AssignReason(TextChoices):
    """Why an incident was assigned to a colleague. Coded, so that audit events about it cannot contain content."""

    WORKLOAD = "workload", _("to share the work")
    ABSENCE = "absence", _("its owner is away")
    LANGUAGE = "language", _("knows the language")
    EXPERIENCE = "experience", _("knows the host, the recipient or the case")
    AGREED = "agreed", _("agreed with the colleague")


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStepRow:
    """One kind of next step."""

    waits_for: WaitingFor
    # The action on the date of review.
    advice: Promise
    # The id of the incident page's section where it is done.
    section: str
    # Days until its review, from when the wait began. None: it is due at once, or has a time of its own.
    days: Callable[[], int] | None = None
    # The to-do kind that lists it; "" if it is listed as overdue for review.
    to_do: str = ""
    # Analysts can choose it, with a date of review.
    is_offered: bool = False
    # It can be chosen only while the police refuse clearance.
    is_after_refusal: bool = False


class NextStepKind(RowChoices):
    """First the steps that an analyst can take now, the most pressing first; then the waits."""

    row: NextStepRow

    # fmt: off
    LOOK = ("look", NextStepRow(waits_for=WaitingFor.ANALYST, section="status", to_do="look",
        advice=_("The content has not been seen: look at it on the isolated workstation and record the check.")),
        _("look at the content"))
    MOVED = ("moved", NextStepRow(waits_for=WaitingFor.ANALYST, section="route", to_do="moved",
        advice=_("The hosting has changed: approve the new route.")), _("approve the new route"))
    ROUTE = ("route", NextStepRow(waits_for=WaitingFor.ANALYST, section="route", to_do="route",
        advice=_("The hosting is agreed: confirm the route.")), _("confirm the route"))
    TRACE = ("trace", NextStepRow(waits_for=WaitingFor.ANALYST, section="hosting", to_do="trace",
        advice=_("Trace the hosting: three methods have to agree.")), _("trace the hosting"))
    REDACTION = ("redaction", NextStepRow(waits_for=WaitingFor.ANALYST, section="redaction", to_do="redaction",
        advice=_("Confirm the redaction of the address.")), _("redact before sending"))
    REPLY = ("reply", NextStepRow(waits_for=WaitingFor.ANALYST, section="replies", to_do="reply",
        advice=_("A recipient has replied: read the reply.")), _("read a reply"))
    CHECK_REMOVAL = ("check_removal", NextStepRow(waits_for=WaitingFor.ANALYST, section="status",
        to_do="check_removal", advice=_("A recipient says that it is removed: check it.")), _("check the removal"))
    CALL_BACK = ("call_back", NextStepRow(waits_for=WaitingFor.ANALYST, section="replies",
        advice=_(
            "The police have answered by link, or ask for a call. Call their verified number, and record what they"
            " say.")), _("call the police back"))
    OTHER_POLICE = ("other_police", NextStepRow(waits_for=WaitingFor.ANALYST, section="route",
        advice=_("The police say that it is not for them. Choose another police force.")),
        _("choose another police force"))
    RETRACE = ("retrace", NextStepRow(waits_for=WaitingFor.ANALYST, section="hosting",
        advice=_(
            "A recipient says that it is not with them. Trace the hosting again. Reminders to them wait for it, a day"
            " at most.")), _("trace the hosting again"))
    INFORM = ("inform", NextStepRow(waits_for=WaitingFor.ANALYST, section="replies",
        advice=_("A recipient needs more information: choose a letter that answers it.")),
        _("answer a recipient’s question"))
    LEFT_ONLINE = ("left_online", NextStepRow(waits_for=WaitingFor.ANALYST, section="status",
        advice=_(
            "A recipient does not remove it, or denies the hosting that was traced again. Escalate, or add another"
            " recipient.")), _("escalate after a reply"))
    ANSWER = ("answer", NextStepRow(waits_for=WaitingFor.ANALYST, section="reports-title",
        advice=_("The reporter has answered a question: read the answer.")), _("read the reporter’s answer"))
    BY_HAND = ("by_hand", NextStepRow(waits_for=WaitingFor.ANALYST, section="notices", to_do="by_hand",
        advice=_("Send the notice and record it as sent.")), _("send a notice by hand"))
    FAILED = ("failed", NextStepRow(waits_for=WaitingFor.ANALYST, section="notices", to_do="dead",
        advice=_("A notice could not be sent: decide about it.")), _("decide about a failed notice"))
    APPEAL = ("appeal", NextStepRow(waits_for=WaitingFor.COLLEAGUE, section="appeals", to_do="appeals",
        advice=_("The verdict is contested. A senior analyst who has not assessed it decides.")),
        _("review an appeal"))
    REFUSED = ("refused", NextStepRow(waits_for=WaitingFor.ANALYST, section="next-step",
        advice=_(
            "The police refused clearance. Request it again on a later date, refer the incident to another body, or"
            " keep it online for the investigation until a date of review.")), _("decide after the police refusal"))
    NO_RECIPIENT = ("no_recipient", NextStepRow(waits_for=WaitingFor.ANALYST, section="route",
        advice=_("No recipient has been or will be notified. Add one, or set a date of review.")),
        _("add a recipient"))
    COMPLAIN = ("complain", NextStepRow(waits_for=WaitingFor.ANALYST, section="next-step",
        advice=_(
            "The platform leaves it online. Complain to it, then set a date of review; or escalate."
        )), _("complain about the decision"))
    DECIDE = ("decide", NextStepRow(waits_for=WaitingFor.ANALYST, section="next-step",
        advice=_("Nothing follows automatically. Decide what happens next.")), _("decide what happens next"))
    REQUEST = ("request", NextStepRow(waits_for=WaitingFor.POLICE, section="notices",
        advice=_("The clearance request should have been sent. See the notice for the reason.")),
        _("clearance request to be sent"))
    NOTICE = ("notice", NextStepRow(waits_for=WaitingFor.RECIPIENT, section="notices",
        advice=_("The notice should have been sent. See the notice for the reason.")), _("notice to be sent"))
    VERIFY = ("verify", NextStepRow(waits_for=WaitingFor.COLLEAGUE, section="route", to_do="unverified",
        days=lambda: number_in_force("REVIEW_DAYS_COLLEAGUE"),
        advice=_("The recipient is still not verified. Have it verified, or add another recipient.")),
        _("have the recipient verified"))
    POLICE = ("police", NextStepRow(waits_for=WaitingFor.POLICE, section="route", is_offered=True,
        days=lambda: number_in_force("REVIEW_DAYS_POLICE"),
        advice=_("The police have not answered. Ask them again, or ask another police force.")),
        _("answer of the police"))
    RECIPIENT = ("recipient", NextStepRow(waits_for=WaitingFor.RECIPIENT, section="status", is_offered=True,
        days=lambda: number_in_force("REVIEW_DAYS_RECIPIENT"),
        advice=_("No reply, and it is not removed. Contact the recipient, or escalate.")), _("reply of the recipient"))
    # A hosting service confirms that it got a notice, then decides, then hears complaints (Digital Services Act).
    RECEIPT = ("receipt", NextStepRow(waits_for=WaitingFor.RECIPIENT, section="status",
        days=lambda: number_in_force("REVIEW_DAYS_RECEIPT"),
        advice=_("Receipt is not confirmed. Contact the recipient, or escalate.")), _("confirmation of receipt"))
    DECISION = ("decision", NextStepRow(waits_for=WaitingFor.RECIPIENT, section="status",
        days=lambda: number_in_force("REVIEW_DAYS_RECIPIENT"),
        advice=_("Receipt is confirmed, and nothing decided. Contact the recipient, or escalate.")),
        _("decision of the recipient"))
    REPORTER = ("reporter", NextStepRow(waits_for=WaitingFor.REPORTER, section="next-step", is_offered=True,
        days=lambda: number_in_force("REVIEW_DAYS_REPORTER"),
        advice=_("The reporter has not answered. Continue without the answer.")), _("answer of the reporter"))
    COLLEAGUE = ("colleague", NextStepRow(waits_for=WaitingFor.COLLEAGUE, section="next-step", is_offered=True,
        days=lambda: number_in_force("REVIEW_DAYS_COLLEAGUE"),
        advice=_("Ask the colleague, or continue without them.")), _("answer of a colleague"))
    WORKSTATION = ("workstation", NextStepRow(waits_for=WaitingFor.WORKSTATION, section="status", is_offered=True,
        advice=_("No result has been imported. Import it, or draw the incident again.")),
        _("result of the isolated workstation"))
    REMOVAL = ("removal", NextStepRow(waits_for=WaitingFor.WORKSTATION, section="status", to_do="check",
        advice=_("Check whether it is still removed.")), _("confirm the removal"))
    ASK_AGAIN = ("ask_again", NextStepRow(waits_for=WaitingFor.POLICE, section="route", is_offered=True,
        is_after_refusal=True, advice=_("Request police clearance again.")), _("request clearance again"))
    KEEP_ONLINE = ("keep_online", NextStepRow(waits_for=WaitingFor.POLICE, section="next-step", is_offered=True,
        is_after_refusal=True,
        advice=_("Ask the police whether the investigation still needs it online.")),
        _("keep online for the investigation"))
    # fmt: on


def kinds_waiting_for(waits_for: str) -> list[NextStepKind]:
    return [kind for kind in NextStepKind if kind.row.waits_for == waits_for]
