"""Permission checks of assessment beside those on one incident, which are in `analysts.incidents.permissions`."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from analysts.accounts.access import restrict_to
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.assessment.intake.reopening import earlier_verdict
from analysts.codes import ReviewStage, Role, Verdict
from analysts.incidents.permissions import check_can_assess, check_sees_content
from analysts.models import BulkClosing, FloodSample, Incident, User
from audit.permissions import Denied, Late
from countries.decided_settings import number_in_force
from countries.models import Portal
from countries.staff.requests.approvals import check_is_second_person


def check_can_enter(user: User, portal: Portal | None) -> None:
    """Whether the user may enter an address for the portal, or for the hotline (None)."""
    check_sees_content(user)
    if portal is not None and portal.pk not in user.portal_ids:
        raise Denied(_("You do not work for this portal."))


def check_bulk_verdict(verdict: str) -> None:
    """A flood cannot be found illegal, nor be given a verdict that always needs a second review."""
    if verdict == Verdict.ILLEGAL:
        raise Denied(_("Illegal content must be assessed one incident at a time."))
    if verdict in settings.SECOND_REVIEW_VERDICTS:
        raise Denied(_("This verdict needs a second review. Assess the incidents one by one."))


def check_can_use_sample(user: User, sample: FloodSample) -> None:
    check_sees_content(user)
    if sample.by_id != user.pk:
        raise Denied(_("Another analyst drew this sample. Draw one of your own."))
    if sample.ended_at is not None:
        raise Late(_("This sample has been used. Draw a new one."))


def check_can_close_flood(user: User, sample: FloodSample, verdict: str) -> None:
    """The analyst who drew the sample can close the flood once they have opened each incident of it."""
    check_can_use_sample(user, sample)
    check_bulk_verdict(verdict)
    if unopened := sample.items.filter(opened_at=None).count():
        raise Denied(
            ngettext(
                "%(number)d incident of the sample has not been opened yet.",
                "%(number)d incidents of the sample have not been opened yet.",
                unopened,
            )
            % {"number": unopened}
        )


def check_can_ask_approval(user: User, sample: FloodSample, verdict: str) -> None:
    check_can_use_sample(user, sample)
    check_bulk_verdict(verdict)


def check_can_approve_closing(user: User, sample: FloodSample) -> None:
    """A second person, while the person who asked may still close the flood."""
    check_sees_content(user)
    refusal = _("Another person must approve your request.")
    check_is_second_person(user, sample.by_id, _time_of_request(sample), refusal=refusal)
    check_can_ask_approval(sample.by, sample, sample.verdict)


def check_can_decline_closing(user: User, sample: FloodSample) -> None:
    """A second person who sees incidents of the flood, or the person who asked, who withdraws the request."""
    check_sees_content(user)
    _time_of_request(sample)
    waiting = Incident.objects.visible_to(user).waiting().alike().filter(flood=sample.flood)
    if sample.by_id != user.pk and not waiting.exists():
        raise Late(_("No incidents are left to close."))


def _time_of_request(sample: FloodSample) -> datetime:
    """Raises Late if nothing was asked or it is decided."""
    if sample.asked_at is None or sample.ended_at is not None:
        raise Late(_("This request has already been decided."))
    return sample.asked_at


def check_can_undo_flood(user: User, closing: BulkClosing, *, now: datetime) -> None:
    check_sees_content(user)
    if closing.undone_at is not None:
        raise Denied(_("This has already been undone."))
    if closing.by_id != user.pk and user.role != Role.SENIOR:
        raise Denied(_("Only the analyst who closed the incidents or a senior analyst can undo this."))
    if now - closing.at > timedelta(hours=number_in_force("BULK_UNDO_HOURS")):
        raise Denied(_("The time limit for undoing this has passed. Reopen the incidents one by one."))


def check_can_confirm_unchanged(user: User, incident: Incident) -> None:
    """The holder of the claim on an incident that was reopened after its content was seen and cleared. A second review
    is done without the first one's result, so it assesses in full."""
    check_can_assess(user, incident)
    if incident.stage != ReviewStage.FIRST or earlier_verdict(incident) is None:
        raise Denied(_("There is no earlier verdict to confirm."))


# The roles that assess, maintain the mapping or audit decisions. The page shows no content.
CODE_READERS, check_can_see_codes = restrict_to(
    CONTENT_ROLES | {Role.OPERATOR, Role.AUDITOR}, _("Only analysts, operators and auditors can see the code lists.")
)
CODE_CORRECTORS, check_can_correct_codes = restrict_to(
    {Role.OPERATOR}, _("Only operators can correct the mapping of a code.")
)
# Seniors decide disagreements. The page shows counts without names.
AGREEMENT_READERS, check_can_see_agreement = restrict_to(
    {Role.SENIOR, Role.AUDITOR}, _("Only senior analysts and auditors can see inter-rater agreement.")
)
