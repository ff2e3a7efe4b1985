"""Permission checks for changing portals. Action and button use the same check; its reason is the tooltip."""

from collections.abc import Iterator
from datetime import date

from django.contrib.admin.utils import label_for_field
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.permissions import Denied, HasPermissions
from countries.languages import language_name
from countries.models import ContactKind, EmergencySuspension, Portal, PortalState, PortalText
from countries.public.withdrawn import read_withdrawn
from countries.staff.document.checklist_item import Checklist, ChecklistItem
from countries.staff.requests.approvals import check_is_operator
from countries.staff.workspace.checklist import build_checklist
from countries.states import Verb, sources


class NotReady(Denied):
    """Refused because the launch checklist has open items."""

    def __init__(self, items: tuple[ChecklistItem, ...]) -> None:
        super().__init__(_("The launch checklist is not complete."))
        self.items = items


def check_can_move(
    user: HasPermissions, portal: Portal, verb: Verb, today: date, checklist: Checklist | None = None
) -> None:
    """Check that the user may apply the verb to the portal in its current state. Raises Denied, NotReady.

    `checklist`: the portal's of that day; built here if a verb needs it and it is not given.
    """
    check_is_operator(user)
    check_can_be_moved(portal, verb, today, checklist)


def check_can_be_moved(portal: Portal, verb: Verb, today: date, checklist: Checklist | None = None) -> None:
    """Check that the verb is possible for the portal on the given day, for any user. Raises Denied, NotReady."""
    if portal.state not in sources(verb):
        raise Denied(_("Not possible while the portal is %(state)s.") % {"state": PortalState(portal.state).label})
    if portal.emergency_suspended and EmergencySuspension.objects.waiting().filter(portal=portal).exists():
        raise Denied(_("One operator suspended this portal in an emergency. Another must confirm or lift that first."))
    if verb in {Verb.SCHEDULE, Verb.LAUNCH}:
        _check_launch(portal, verb, checklist or build_checklist(portal, today))
    else:
        _check_content(portal, verb)


def _check_launch(portal: Portal, verb: Verb, checklist: Checklist) -> None:
    if verb is Verb.SCHEDULE and PortalState(portal.state).visible and portal.launched_on is not None:
        raise Denied(_("The public knows this portal, so it cannot be hidden again by scheduling it."))
    if missing := checklist.open or tuple(_withdrawn_contacts(portal)):
        raise NotReady(missing)


def _check_content(portal: Portal, verb: Verb) -> None:
    match verb:
        case Verb.RESTRICT:
            if not portal.access_phrase:
                raise Denied(_("A restricted portal needs an access phrase. Save one first."))
            _check_default_text(portal)
        case Verb.REOPEN:
            _check_default_text(portal)
        case Verb.SUSPEND:
            _check_messages(portal, "suspended_message")
        case Verb.CLOSE:
            _check_messages(portal, "closed_message")
        case Verb.WITHDRAW:
            pass


def _check_default_text(portal: Portal) -> None:
    if not any(text.language == portal.default_language for text in portal.texts.all()):
        raise Denied(_("Add a text in the default language before the public sees the portal."))


def _withdrawn_contacts(portal: Portal) -> Iterator[ChecklistItem]:
    """The needed kinds of contacts of which its pages would show none. The portal has one of each, by its checklist."""
    contacts = list(portal.contacts.prefetch_related("texts"))
    public_kinds = {kind for kind, _contact in read_withdrawn().shown_contacts(contacts)}
    for kind in ContactKind.needed_by(portal):
        if kind not in public_kinds:
            title = gettext("Contact: %(kind)s") % {"kind": kind.label}
            yield ChecklistItem(
                f"contact_{kind.value}", title, gettext("It is withdrawn from the public pages."), "contacts-group"
            )


def _check_messages(portal: Portal, field: str) -> None:
    languages = [language_name(text.language) for text in portal.texts.all() if not getattr(text, field).strip()]
    if languages or not portal.texts.all():
        raise Denied(
            _("Write the “%(message)s” in every language first. Missing: %(languages)s.")
            % {
                "message": label_for_field(field, PortalText, return_attr=False),
                "languages": ", ".join(languages) or language_name(portal.default_language),
            }
        )
