"""Labels for the codes in audit events, as the viewer shows them. The events themselves store the codes.

ACTIONS lists the actions of all apps by name, because this app imports none of them. An app whose actions are table
rows keeps the labels in those rows and adds them with `add_labels` at start-up. A test finds every recorded action in
the code and fails for one without a label.
"""

from collections.abc import Mapping

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.detail_labels import DETAILS

ACTIONS: dict[str, str | Promise] = {
    "allowance.ask": _("More addresses for batches requested"),
    "allowance.decline": _("More addresses for batches declined or withdrawn"),
    "allowance.grant": _("More addresses for batches approved"),
    "recipient.add": _("Recipient added"),
    "recipient.change": _("Recipient changed"),
    "recipient.close_down": _("Recipient deactivated"),
    "recipient.load": _("Recipients loaded from the catalogue"),
    "recipient.reopen": _("Recipient reactivated"),
    "recipient.decide_contact": _("Decision about another contact of a recipient"),
    "recipient.verify": _("Recipient verified"),
    "approval.approve": _("Approval request approved"),
    "approval.decline": _("Approval request declined or withdrawn"),
    "approval.expire": _("Approval request expired"),
    "approval.request": _("Approval requested"),
    "audit.anchor": _("Audit log checked, anchor stored"),
    "audit.export": _("Audit events exported"),
    "audit.fault": _("Audit log found at fault"),
    "audit.view": _("Audit events viewed"),
    "batch.download": _("Batch downloaded"),
    "batch.draw": _("Batch drawn for an isolated workstation"),
    "batch.import": _("Results of a batch imported"),
    "batch.late": _("Batch was late"),
    "batch.returned": _("Batch returned"),
    "batch.revoked": _("Batch revoked"),
    "batch.view": _("List of batches viewed"),
    "codes.correct": _("Code mapping corrected"),
    "contact.check": _("Contact of a portal checked"),
    "contact.remind": _("Operators reminded to check contacts"),
    "coverage.grant": _("Danger report opened to senior analysts"),
    "coverage.language_lost": _("Language of a portal lost its last analyst"),
    "coverage.language_restored": _("Language of a portal has analysts again"),
    "coverage.lost": _("Portal lost its last analyst"),
    "coverage.restored": _("Portal has analysts again"),
    "export.cancel": _("Export cancelled"),
    "export.fetch": _("Export downloaded"),
    "export.order": _("Export ordered"),
    "export.view": _("List of own exports viewed"),
    "figures.independence": _("Statement of independence changed"),
    "figures.targets": _("Targets set"),
    "period.close": _("Figures of a period frozen"),
    "period.confirm": _("Figures of a period confirmed"),
    "period.withdraw": _("Figures of a period withdrawn"),
    "flood.approve": _("Similar reports closed by two people"),
    "flood.ask": _("Second person asked to close similar reports"),
    "flood.close": _("Similar reports closed"),
    "flood.decline": _("Closing of similar reports declined or withdrawn"),
    "flood.fold": _("Similar reports folded by hand"),
    "flood.sample": _("Sample of similar reports drawn"),
    "flood.undo": _("Closing of similar reports undone"),
    "flood.unfold": _("Folding by hand undone"),
    "glossary.add": _("Glossary term added"),
    "glossary.remove": _("Glossary term removed"),
    "group.add": _("Portal group created"),
    "help_service.add": _("Help service added"),
    "help_service.change": _("Help service changed"),
    "help_service.load": _("Help service loaded from the catalogue"),
    "history.import": _("History of a former system imported"),
    "inbox.confirm": _("Inbox of a recipient’s account confirmed"),
    "inbox.reveal": _("Address opened by a recipient’s account"),
    "inbox.suspend": _("Inbox of a recipient’s account suspended"),
    "incident.enter": _("Address entered by staff"),
    "incident.batch_result": _("Result of a batch applied"),
    "incident.ask_for_check": _("Isolated workstation asked for a check"),
    "incident.assign": _("Incident assigned or handed over"),
    "incident.expire": _("Claim expired"),
    "incident.list": _("Added to the URL list"),
    "incident.readdress": _("Address read in another way since an update"),
    "incident.view": _("Incident viewed"),
    "job.retry": _("Failed job tried again"),
    "incident_list.view": _("All incidents viewed"),
    "key.close": _("Key closed"),
    "key.destroy": _("Key destroyed"),
    "key.empty": _("Key emptied, kept content resealed"),
    "key.remove_again": _("Restored key file removed again"),
    "key.rotate": _("Key replaced"),
    "key.view": _("Keys and erasure viewed"),
    "language.add": _("Language added"),
    "language.change": _("Language changed"),
    "language.confirm_review": _("Review of a language confirmed"),
    "language.delete": _("Language deleted"),
    "language.review": _("Language reviewed"),
    "lockdown.lift": _("Lockdown lifted"),
    "lockdown.start": _("Lockdown: sessions ended, or a part stopped"),
    "log_id.forget": _("Account of an id forgotten"),
    "log_id.read": _("Account of an id read"),
    "mail.test": _("Test message ordered"),
    "member.close_key": _("Member key closed"),
    "member.download": _("URL list fetched by a member"),
    "member.make_key": _("Member key created"),
    "member.view": _("Members and their keys viewed"),
    "mode.approve": _("Banner approved"),
    "mode.decline": _("Banner declined or withdrawn"),
    "mode.end": _("Mode of the installation ended"),
    "mode.expire": _("Mode of the installation ended at its time"),
    "mode.request": _("Banner requested"),
    "mode.start": _("Mode of the installation started"),
    "notice.appeal": _("Recipient appealed against the verdict"),
    "notice.answered": _("Recipient replied to a notice"),
    "notice.by_hand": _("Notice marked to be sent by hand"),
    "notice.dead": _("Notice failed"),
    "notice.dropped": _("Notice not sent: nothing left to send"),
    "notice.leave_out": _("Address left out of a notice"),
    "notice.read": _("Text of a notice revealed"),
    "notice.record_reply": _("Reply to a notice entered by hand"),
    "notice.send_now": _("Notice sent early"),
    "notice.sent": _("Notice sent"),
    "notice.cancel": _("Notice cancelled"),
    "notice.try_again": _("Notice retried"),
    "notice.view": _("Notice or list of notices viewed"),
    "legal_text.add": _("Legal text added"),
    "legal_text.change": _("Legal text changed"),
    "legal_text.load": _("Legal texts loaded from the catalogue"),
    "sender.write": _("Sender saved"),
    "notice_text.load": _("Notice texts loaded from the catalogue"),
    "notice_text.write": _("Notice text saved"),
    "portal.add": _("Portal created"),
    "portal.change": _("Portal changed"),
    "portal.close": _("Portal closed"),
    "portal.confirm_suspension": _("Emergency suspension of a portal confirmed"),
    "portal.confirm_withdrawal": _("Withdrawal from the public pages confirmed"),
    "portal.end_withdrawal": _("Withdrawal ended: another value was approved"),
    "portal.export": _("Portal exported"),
    "portal.import": _("Portal replaced from a file"),
    "portal.launch": _("Portal launched"),
    "portal.lift_suspension": _("Emergency suspension of a portal lifted"),
    "portal.lift_withdrawal": _("Withdrawal from the public pages lifted"),
    "portal.load": _("Portal loaded from the catalogue"),
    "portal.opening_missed": _("Portal not opened on its scheduled day"),
    "portal.reopen": _("Portal reopened"),
    "portal.request_withdrawal": _("Withdrawal of a page’s last number requested"),
    "portal.restrict": _("Portal restricted to people with the access phrase"),
    "portal.schedule": _("Portal scheduled"),
    "portal.start": _("Draft portal created"),
    "portal.suspend": _("Portal suspended"),
    "portal.suspend_alone": _("Portal suspended in an emergency by one operator"),
    "portal.tested": _("Portal test report received"),
    "portal.withdraw": _("Portal withdrawn to draft"),
    "portal.withdraw_item": _("Withdrawn from the public pages by one operator"),
    "queue.view": _("Queue or dashboard viewed"),
    "route_example.remove": _("Routing example removed"),
    "route_example.write": _("Routing example saved"),
    "route_rule.add": _("Routing rule added"),
    "route_rule.change": _("Routing rule changed"),
    "route_rule.load": _("Default routing rules loaded"),
    "route_rule.move": _("Routing rule moved"),
    "search.make": _("Incidents searched"),
    "search.refuse": _("Limit of searches reached"),
    "setting.change": _("Setting changed"),
    "setting.end": _("Setting back at its earlier value"),
    "sheet.release": _("Sheet of a provider released"),
    "sheet.withdraw": _("Sheet of a provider withdrawn"),
    "source.add": _("Partner’s system added"),
    "source.close_key": _("Key of a partner’s system closed"),
    "source.view": _("Partners’ systems viewed"),
    "sheet.statement": _("Statement of a provider changed"),
    "saved_view.add": _("View of all incidents saved"),
    "saved_view.change": _("Saved view changed"),
    "saved_view.delete": _("Saved view deleted"),
    "systemic_case.view": _("Systemic cases viewed"),
    "url_list.view": _("URL list viewed"),
    "user.add": _("Account created"),
    "user.add_factor": _("Second factor added"),
    "user.change": _("Account changed"),
    "user.change_password": _("Password changed"),
    "user.enter": _("Password set with a code"),
    "user.hand_over": _("Work of an account handed over or returned"),
    "user.reauthenticate_fail": _("Re-authentication failed"),
    "user.remove_factor": _("Second factor removed"),
    "user.second_factor_fail": _("Second factor failed"),
    "user.sign_in": _("Signed in"),
    "user.sign_in_fail": _("Sign-ins failed"),
    "user.sign_out_everywhere": _("Signed out everywhere"),
    "masked_term.add": _("Masked word added"),
    "masked_term.change": _("Masked word changed"),
    "masked_term.delete": _("Masked word removed"),
    "welfare.avoid": _("Chose content to avoid today"),
    "welfare.break": _("Took a break"),
    "welfare.contacts": _("Contacts to talk to changed"),
    "welfare.go_on": _("Continued past a limit"),
    "welfare.settings": _("Own settings changed"),
    "welfare.unusual_reading": _("Unusually many addresses revealed"),
    "welfare.view": _("Team exposure viewed"),
    "words.approve": _("Interface text approved"),
    "words.decline": _("Interface text declined or withdrawn"),
    "words.draft": _("Draft of an interface text saved"),
    "words.import": _("Interface texts imported"),
    "words.propose": _("Interface text proposed"),
    "words.remove": _("Approved text without an English one removed"),
    "workstation.close": _("Isolated workstation closed"),
    "workstation.register": _("Isolated workstation registered"),
    "workstation.view": _("Isolated workstations viewed"),
}


def add_labels(labels: Mapping[str, str | Promise]) -> None:
    """Add the labels of an app's actions. Raises ValueError if an action already has one."""
    if repeated := ACTIONS.keys() & labels.keys():
        raise ValueError(f"Labelled twice: {', '.join(sorted(repeated))}")
    ACTIONS.update(labels)


def of_action(action: str) -> str:
    """The label of an action; without one, the code itself, so that no event is hidden."""
    return str(ACTIONS.get(action, action))


def of_role(role: str) -> str:
    """The label of a role, as the user model defines it. "" is the system."""
    if not role:
        return str(_("System"))
    try:
        choices = dict(get_user_model()._meta.get_field("role").flatchoices)
    except FieldDoesNotExist:
        return role
    return str(choices.get(role, role))


def of_object(object_type: str) -> str:
    """The name of the model, or the stored type if the model no longer exists."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return object_type


def of_detail(name: str) -> str:
    return str(DETAILS.get(name, name))


def add_detail_labels(labels: Mapping[str, str | Promise]) -> None:
    """Add labels of names in `details`; a name that has one keeps it."""
    DETAILS.update({name: label for name, label in labels.items() if name not in DETAILS})
