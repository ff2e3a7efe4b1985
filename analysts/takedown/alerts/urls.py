"""The actions of alerts on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import ActionFold, IncidentAction, Outcome, perform_action, plain_action
from analysts.incidents.permissions import check_sees_content
from analysts.incidents.priority import is_reported_in_danger
from analysts.models import ChildAlert, Incident
from analysts.takedown.alerts import actions, permissions
from analysts.takedown.alerts.forms import TellPoliceNow, WithdrawAlert
from analysts.welfare.reveal_views import check_is_lifted

TELL = "tell_police_now"


def _tell(request: StaffRequest, incident: Incident) -> Outcome:
    """The analyst has read the report: it is revealed to them."""

    def tell(**words: object) -> None:
        check_is_lifted(request, incident)
        actions.tell_police_now(by=request.user, incident=incident, **words)  # type: ignore[arg-type] # of the form

    form = TellPoliceNow(request.POST, auto_id=f"{TELL}_%s", incident=incident, user=request.user)
    return perform_action(
        request, incident, TELL, form, tell, _("Alert recorded. It is on the list of senior analysts.")
    )


def _is_in_danger(incident: Incident) -> bool:
    return incident.child_in_danger and incident.is_open_to_review


def _is_unseen(incident: Incident) -> bool:
    return is_reported_in_danger(incident) and ChildAlert.objects.filter(incident=incident, seen_at=None).exists()


def _is_wrong(incident: Incident) -> bool:
    return is_reported_in_danger(incident) and ChildAlert.objects.to_correct().filter(incident=incident).exists()


def _can_be_withdrawn(incident: Incident) -> bool:
    return is_reported_in_danger(incident) and permissions.alerts_to_withdraw(incident).exists()


ACTIONS = (
    IncidentAction(
        TELL,
        "tell-police/",
        _tell,
        label=_("Tell them"),
        check=permissions.check_can_alert,
        form_class=TellPoliceNow,
        recorded_as=_("Police or child protection informed before a verdict"),
        is_offered=_is_in_danger,
        fold=ActionFold(_("Tell the police now"), "D"),
    ),
    plain_action(
        "see_alerts",
        "alerts-seen/",
        actions.see_alerts,
        _("Alert marked as seen."),
        who=permissions.SENIORS,
        label=_("Alert seen: police or child protection were informed"),
        check=lambda user, incident: permissions.check_can_see_alerts(user),
        recorded_as=_("Alert seen by a senior analyst"),
        is_offered=_is_unseen,
    ),
    plain_action(
        "correct_alerts",
        "alerts-corrected/",
        actions.correct_alerts,
        _("Correction recorded."),
        label=_("Called again: the report was wrong"),
        check=permissions.check_can_correct_alerts,
        recorded_as=_("Alert corrected"),
        is_offered=_is_wrong,
    ),
    plain_action(
        "withdraw_alert",
        "withdraw-alert/",
        actions.withdraw_alert,
        _("Alert withdrawn. If a letter had left, a correction is in the outbox."),
        label=_("Withdraw this alert"),
        check=lambda user, incident: check_sees_content(user),
        form_class=WithdrawAlert,
        recorded_as=_("Alert withdrawn"),
        is_offered=_can_be_withdrawn,
        fold=ActionFold(_("Withdraw an alert"), "T"),
    ),
)
