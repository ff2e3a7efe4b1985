"""Who may tell the police at once, whom, and about what."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.codes import Role
from analysts.codes.recipient_kinds import kinds_that_are
from analysts.incidents.permissions import check_sees_content
from analysts.models import ChildAlert, Incident, Recipient, Referral, User
from analysts.takedown.facts.redaction import needs_confirmation
from audit.permissions import Denied, Late
from countries.models import Contact, ContactKind, Portal

# They protect children.
ALERTED = (ContactKind.EMERGENCY, ContactKind.POLICE, ContactKind.CHILD_HELPLINE, ContactKind.OTHER)
WRITTEN_TO = kinds_that_are(lambda kind: kind.is_alerted)
NOTHING_TO_WRITE = _("No web address was reported, so a letter would say nothing. Ring them instead.")
SENIORS, check_can_see_alerts = restrict_to({Role.SENIOR}, _("A senior analyst sees alerts."))


def check_can_alert(user: User, incident: Incident) -> None:
    """Check that a report says that a child is in danger, and that no verdict is in force: later it is referred."""
    check_sees_content(user)
    if not incident.child_in_danger:
        raise Denied(_("No report of this incident says that a child is in danger."))
    if not incident.is_open_to_review:
        raise Denied(_("This incident is assessed: refer it instead."))


def check_can_write(incident: Incident) -> None:
    """Check that there is something to write: without the words of the report, a letter has the address alone."""
    if not incident.sealed_address:
        raise Denied(NOTHING_TO_WRITE)
    if needs_confirmation(incident):
        raise Denied(_("The address may identify a person. Confirm its redaction first, or ring them."))


def check_can_correct_alerts(user: User, incident: Incident) -> None:
    check_sees_content(user)


def check_can_withdraw(user: User, incident: Incident, alert: ChildAlert) -> None:
    check_sees_content(user)
    if not alerts_to_withdraw(incident).filter(pk=alert.pk).exists():
        raise Late(_("This alert is withdrawn or corrected already."))
    if alert.to and Referral.objects.filter(incident=incident, to=alert.to, noticed_at__gte=alert.at).exists():
        raise Denied(_("The incident was referred to this recipient since. Withdraw the referral instead."))


def alerts_to_withdraw(incident: Incident) -> QuerySet[ChildAlert]:
    """The alerts that still stand, oldest first."""
    return ChildAlert.objects.filter(incident=incident, withdrawn_reason="", corrected_at=None).order_by("at", "pk")


def contacts_to_alert(incident: Incident) -> QuerySet[Contact]:
    """The verified numbers of the incident's portals: emergency, police, helplines and child protection."""
    contacts = Contact.objects.filter(Contact.verified(), portal__in=incident.portals, kind__in=ALERTED)
    return contacts.exclude(phone="").select_related("portal").order_by("portal", "position", "kind", "name")


def recipients_to_alert(incident: Incident) -> QuerySet[Recipient]:
    """The police and child protection of the countries of the incident's portals, and of no country."""
    countries = Portal.objects.filter(pk__in=incident.portals).values_list("country", flat=True)
    recipients = Recipient.objects.in_use().filter(kind__in=WRITTEN_TO, country__in={*countries, ""})
    return recipients.order_by("kind", "name")
