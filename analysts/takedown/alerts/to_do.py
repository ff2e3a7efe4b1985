"""To-do kinds of alerts: a senior analyst learns of each, and a wrong one is corrected."""

from datetime import datetime
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.models import ChildAlert, User
from analysts.takedown.to_do_kinds import ToDoKind, ToDoLine, incident_number


def line_of_alert(alert: ChildAlert, now: datetime) -> ToDoLine:
    number = incident_number(alert.incident_id)
    return ToDoLine(alert.incident_id, number, alert.get_kind_display(), alert.at, str(alert.get_reason_display()))


def _wrong_alerts(user: User, now: datetime) -> QuerySet[ChildAlert]:
    return ChildAlert.objects.to_correct().filter(incident__portals__overlap=user.portal_array)


def _waiting(incident: UUID) -> QuerySet[Model, object]:
    return ChildAlert.objects.to_correct().filter(incident=incident).values("at")


ALERT = ToDoKind(
    name="alert",
    label=_("See an alert"),
    why=_("The police or child protection were informed before a verdict. A senior analyst has to know."),
    section="see_alerts",
    is_urgent=True,
    is_form=True,
    needs="analysts_childalert WHERE seen_at IS NULL",
    due=lambda user, now: ChildAlert.objects.unseen(user),
    with_related=lambda alerts, user: alerts,
    line=line_of_alert,
    attached="alerts",
    waiting=lambda incident: ChildAlert.objects.filter(incident=incident, seen_at=None).order_by("at").values("at"),
)
WRONG_ALERT = ToDoKind(
    name="wrong_alert",
    label=_("Correct an alert"),
    why=_("The report behind a call was wrong. Call everybody again who was called."),
    section="correct_alerts",
    is_urgent=True,
    is_form=True,
    needs="analysts_childalert WHERE corrected_at IS NULL AND to_id IS NULL",
    due=_wrong_alerts,
    with_related=lambda alerts, user: alerts,
    line=line_of_alert,
    attached="alerts",
    waiting=_waiting,
)
