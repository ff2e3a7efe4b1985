"""Who may tell the police at once, whom, and about what."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.codes import Role
from analysts.incidents.permissions import check_sees_content
from analysts.models import Incident, User
from audit.permissions import Denied
from countries.models import Contact, ContactKind

# They protect children.
ALERTED = (ContactKind.EMERGENCY, ContactKind.POLICE, ContactKind.CHILD_HELPLINE, ContactKind.OTHER)
SENIORS, check_can_see_alerts = restrict_to({Role.SENIOR}, _("A senior analyst sees alerts."))


def check_can_alert(user: User, incident: Incident) -> None:
    """Check that a report says that a child is in danger, and that no verdict is in force: later it is referred."""
    check_sees_content(user)
    if not incident.child_in_danger:
        raise Denied(_("No report of this incident says that a child is in danger."))
    if not incident.is_open_to_review:
        raise Denied(_("This incident is assessed: refer it instead."))


def check_can_correct_alerts(user: User, incident: Incident) -> None:
    check_sees_content(user)


def contacts_to_alert(incident: Incident) -> QuerySet[Contact]:
    """The verified numbers of the incident's portals: emergency, police, helplines and child protection."""
    contacts = Contact.objects.filter(Contact.verified(), portal__in=incident.portals, kind__in=ALERTED)
    return contacts.exclude(phone="").select_related("portal").order_by("portal", "position", "kind", "name")
