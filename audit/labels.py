"""What the codes on the record mean, in words for whoever reads it. The record itself keeps the codes.

The actions of all apps stand here, by name only: this app imports none of them. Where an action is a row of its app,
the row carries the label, and the app adds it with `add_labels` when it is ready. A test finds every action that the
code base records and fails for one without a label.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, str | Promise] = {
    "recipient.add": _("Recipient entered"),
    "recipient.change": _("Recipient changed"),
    "recipient.close_down": _("Recipient given up"),
    "recipient.load": _("Recipients loaded from the catalogue"),
    "recipient.reopen": _("Recipient taken up again"),
    "recipient.verify": _("Recipient verified"),
    "approval.approve": _("Approval request approved"),
    "approval.decline": _("Approval request declined or withdrawn"),
    "approval.request": _("Approval requested"),
    "audit.anchor": _("Record checked, anchor kept"),
    "audit.export": _("Audit events exported"),
    "audit.fault": _("Record found at fault"),
    "audit.view": _("Audit events looked at"),
    "codes.correct": _("Mapping of codes corrected"),
    "flood.close": _("Many that are nearly alike closed"),
    "flood.undo": _("Closing of many taken back"),
    "handoff.export": _("File made for the isolated workstation"),
    "handoff.import": _("Answers of the isolated workstation taken in"),
    "handoff.view": _("What the isolated workstation has to look at was seen"),
    "incident.expire": _("Claim ran out"),
    "incident.hand_off": _("Address put into a file for the isolated workstation"),
    "incident.list": _("Put on the URL list"),
    "incident.view": _("Incident looked at"),
    "key.close": _("Key closed"),
    "key.destroy": _("Key destroyed"),
    "key.empty": _("What outlives a key sealed anew"),
    "key.remove_again": _("Key file brought back, removed again"),
    "key.rotate": _("Key replaced"),
    "key.view": _("Keys and erasure looked at"),
    "language.review": _("Language reviewed"),
    "member.close_key": _("Key of a member closed"),
    "member.download": _("URL list fetched by a member"),
    "member.make_key": _("Key of a member made"),
    "member.view": _("Members and their keys looked at"),
    "notice.answered": _("Recipient answered a notice"),
    "notice.by_hand": _("Notice to be sent by hand instead"),
    "notice.dead": _("Notice given up"),
    "notice.dropped": _("Notice not sent: nothing in it was to leave"),
    "notice.leave_out": _("Address left out of a notice"),
    "notice.read": _("Words of a notice read"),
    "notice.send_now": _("Notice sent early"),
    "notice.sent": _("Notice sent"),
    "notice.cancel": _("Notice cancelled"),
    "notice.try_again": _("Notice tried again"),
    "notice.view": _("Notice or list of notices looked at"),
    "notice_text.write": _("Text of notices written"),
    "portal.add": _("Portal made"),
    "portal.change": _("Portal changed"),
    "portal.close": _("Portal closed"),
    "portal.export": _("Portal exported"),
    "portal.import": _("Portal replaced from a file"),
    "portal.launch": _("Portal launched"),
    "portal.load": _("Portal loaded from the catalogue"),
    "portal.opening_missed": _("Portal not opened on its day"),
    "portal.reopen": _("Portal reopened"),
    "portal.restrict": _("Portal opened to those with the phrase"),
    "portal.schedule": _("Portal scheduled"),
    "portal.start": _("Portal started"),
    "portal.suspend": _("Portal suspended"),
    "portal.tested": _("Test report of a portal arrived"),
    "portal.withdraw": _("Portal withdrawn to draft"),
    "queue.view": _("Queue or dashboard looked at"),
    "route_example.remove": _("Example of routing removed"),
    "route_example.write": _("Example of routing written"),
    "route_rule.add": _("Routing rule added"),
    "route_rule.change": _("Routing rule changed"),
    "route_rule.load": _("Usual routing rules loaded"),
    "route_rule.move": _("Routing rule moved"),
    "url_list.view": _("URL list looked at"),
    "user.add": _("Account made"),
    "user.add_factor": _("Second factor added"),
    "user.change": _("Account changed"),
    "user.change_password": _("Password changed"),
    "user.enter": _("Password set with a code"),
    "user.reauthenticate_fail": _("Proof of identity failed"),
    "user.remove_factor": _("Second factor removed"),
    "user.second_factor_fail": _("Second factor failed"),
    "user.sign_in": _("Signed in"),
    "user.sign_in_fail": _("Sign-ins failed"),
    "user.sign_out_everywhere": _("Signed out everywhere"),
    "veiled.add": _("Veiled word added"),
    "veiled.change": _("Veiled word changed"),
    "veiled.delete": _("Veiled word taken off"),
    "welfare.avoid": _("Chose what not to see today"),
    "welfare.break": _("Took a break"),
    "welfare.go_on": _("Went on past a limit"),
    "welfare.settings": _("Own settings changed"),
    "welfare.view": _("Exposure of the team looked at"),
    "workstation.close": _("Isolated workstation closed"),
    "workstation.register": _("Isolated workstation registered"),
    "workstation.view": _("Isolated workstations looked at"),
}


def add_labels(labels: Mapping[str, str | Promise]) -> None:
    """Add the labels of an app's actions. ValueError where an action has one already."""
    if twice := ACTIONS.keys() & labels.keys():
        raise ValueError(f"Labelled twice: {', '.join(sorted(twice))}")
    ACTIONS.update(labels)


# Names within `details`; one that is missing here shows as it is kept.
DETAILS: dict[str, str | Promise] = {
    "account": _("account"),
    "after": _("after"),
    "again": _("taken in before"),
    "anchors": _("anchors checked"),
    "before": _("before"),
    "blanked": _("blanked words too"),
    "changes": _("changes"),
    "characters": _("characters"),
    "closing": _("how it ended"),
    "code": _("code"),
    "count": _("number"),
    "country": _("country"),
    "events": _("events"),
    "expires_on": _("valid until"),
    "failed": _("failed attempts"),
    "faults": _("faults"),
    "fields": _("fields"),
    "filters": _("filters"),
    "first": _("first at event"),
    "from": _("from"),
    "handoff": _("file for the workstation"),
    "hash": _("hash"),
    "holder": _("holder"),
    "how": _("how"),
    "in_a_row": _("in a row that found it gone"),
    "into": _("into"),
    "key": _("key"),
    "keys": _("keys"),
    "kind": _("kind"),
    "language": _("language"),
    "left": _("left alone"),
    "limit": _("limit"),
    "line": _("line of the file"),
    "look": _("look"),
    "member": _("member"),
    "method": _("method"),
    "name": _("name"),
    "next": _("next in the queue"),
    "number": _("event"),
    "opens_on": _("opens on"),
    "outcome": _("found"),
    "page": _("page"),
    "personal": _("may lead to a person"),
    "provider": _("provider"),
    "purpose": _("purpose"),
    "reason": _("reason"),
    "reference": _("reference"),
    "references": _("references"),
    "referral": _("referral"),
    "refused": _("refused"),
    "report": _("report"),
    "request": _("approval request"),
    "requested_by": _("requested by"),
    "resealed": _("sealed anew"),
    "revealed": _("shown in clear"),
    "review_on": _("to be reviewed on"),
    "role": _("role"),
    "scheme": _("code list"),
    "scope": _("scope"),
    "shortened": _("without some of its parts"),
    "state": _("state"),
    "successor": _("successor"),
    "taken": _("taken in"),
    "to": _("to"),
    "unverified": _("to be verified anew"),
    "variant": _("addresses or hashes"),
    "verb": _("act"),
    "verdict": _("verdict"),
    "version": _("version of the list"),
    "view": _("view"),
    "waits": _("waits for"),
    "what": _("what"),
    "workstations": _("workstations"),
}


def of_action(action: str) -> str:
    """The label; the code itself where nobody wrote one, so that nothing on the record is hidden."""
    return str(ACTIONS.get(action, action))


def of_role(role: str) -> str:
    """As the user model names its roles; "" is the system."""
    if not role:
        return str(_("System"))
    try:
        choices = dict(get_user_model()._meta.get_field("role").flatchoices)
    except FieldDoesNotExist:
        return role
    return str(choices.get(role, role))


def of_object(object_type: str) -> str:
    """The name of the model, if there still is one: events outlive what they are about."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return object_type


def of_detail(name: str) -> str:
    return str(DETAILS.get(name, name))


@dataclass(frozen=True, slots=True)
class DisplayValue:
    """One value of an event's details: plain, by names, or several."""

    text: str = ""
    named: list[tuple[str, "DisplayValue"]] = field(default_factory=list)
    several: list["DisplayValue"] = field(default_factory=list)


def display_value(value: Any) -> DisplayValue:
    """Details as a page shows them: names in words, yes and no, a dash for nothing. Codes stay codes."""
    match value:
        case bool():
            return DisplayValue(str(_("yes")) if value else str(_("no")))
        case None:
            return DisplayValue("–")
        case dict() if value:
            return DisplayValue(named=[(of_detail(name), display_value(each)) for name, each in sorted(value.items())])
        case list() if value:
            return DisplayValue(several=[display_value(each) for each in value])
        case dict() | list() | "":
            return DisplayValue("–")
        case _:
            return DisplayValue(str(value))
