"""Actions of the takedown: hosting, routes, police, checks, notices, recipients, and the URL list."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from analysts.codes import Role
from analysts.models import (
    Clearance,
    FeedScope,
    Incident,
    LegalText,
    MemberKey,
    Notice,
    NoticeItem,
    NoticeState,
    NoticeTemplate,
    Purpose,
    Recipient,
    RecipientKind,
    Referral,
    RouteExample,
    RouteRule,
    RouteStep,
    SenderIdentity,
)
from analysts.sources import actions as sources
from analysts.takedown.notices import manual_actions, rendering, texts
from analysts.takedown.notices.placeholders import compulsory_placeholders
from analysts.takedown.recipients import actions as recipients
from analysts.takedown.recipients import sheet
from analysts.takedown.routing import actions as routing
from analysts.takedown.routing import catalogue
from analysts.takedown.routing.like_routes import build_group_route
from analysts.takedown.url_list import actions as url_list
from analysts.takedown.url_list import members
from analysts.tests.chases import office, routed
from analysts.tests.factories import assessed_illegal
from analysts.tests.notices import gathering_for
from analysts.tests.places import PHONE, host, placed
from countries.models import Source, SourceKey
from countries.tests.factories import store_verified
from tests.acts.act import WORDS, Act, Fields, Stage, assess_first, on_incident, reveal_as_analyst, with_choice, with_pk

NOTICE = "admin/notices/<uuid:notice_id>/"
RECIPIENT = "recipients/<uuid:recipient_id>/"
EXAMPLE = "analysts/routeexample/<path:object_id>/"
PLACE = {"country": "NL", "provider": "Example Hosting", "ip": "192.0.2.7"}
SOURCE: dict[str, Any] = {"name": "Example Platform", "kind": "platform"}
RULE_FIELDS = {"hosted": "countries", "countries": "DE", "steps": ["hotline"], "after_hours": "48", "reason": "r"}
CHANGED_RULE = {**RULE_FIELDS, "position": "2", "anyway": "on"}
ROUTE_STEPS = ["police_hold", "notice_host", "url_list"]
REGISTRAR = {"kind": "registrar", "name": "Example Names", "reason": "The host does not answer."}
WHOLE_TEXT = "\n".join(f"{{{name}}}" for name in compulsory_placeholders(RecipientKind.HOST, Purpose.FIRST))
NOTICE_TEXT = {"version": "0", "subject": "[{reference}]", "body": WHOLE_TEXT}
LEGAL_TEXT = {"name": "Example law", "kind": "duty", "countries": "DE", "texts": "en: Keep it.", "is_active": "on"}
CHANGED_TEXT = {**LEGAL_TEXT, "texts": "en: Report it.", "checked_by": "our lawyer", "checked_on": "2026-03-02"}
SENDER = {"name": "Example Hotline", "country": "DE"}
CHANGED_SENDER = {
    "country": "DE",
    "coordinator": "Example Agency",
    "list_id": "7",
    "area": "child sexual abuse material",
    "awarded_on": "2026-03-01",
    "valid_from": "2026-03-02",
}
NOTICE_REPLY = {"kind": "decided", "action": "no_action", "ground": "law", "text": WORDS}
RECIPIENT_DETAILS = {
    "kind": "host",
    "name": "Example Hosting",
    "channel": "email",
    "email": "abuse@hosting.example.org",
}
RECIPIENT_FIELDS = {**RECIPIENT_DETAILS, "time_zone": "UTC"}
CHANGED_RECIPIENT = {**RECIPIENT_FIELDS, "email": "desk@hosting.example.org"}


# --- Hosting, routes and police -----------------------------------------------------------------------


def _trace_to_own_country(stage: Stage) -> None:
    """Found illegal, and hosted in the own country."""
    catalogue.load_rules()
    assess_first(stage)
    placed(stage.incident, "GB", host(), now=timezone.now())


def _with_police(stage: Stage) -> Recipient:
    _trace_to_own_country(stage)
    return Recipient.objects.get_or_create(kind=RecipientKind.POLICE, name="Example Police", country="GB")[0]


def _request_clearance(stage: Stage) -> Incident:
    """Asks police with a verified telephone number."""
    police = _with_police(stage)
    police.email, police.phone, police.verified_on = "desk@example.org", PHONE, timezone.localdate()
    police.verified_by = stage.analyst
    store_verified(police)
    incident = Incident.objects.get(pk=stage.incident.pk)
    routing.ask_police(by=stage.senior, incident=incident, police="Example Police")
    return incident


def _refuse_clearance(stage: Stage) -> Recipient:
    """The police who were asked."""
    incident, today = _request_clearance(stage), timezone.now().date()
    routing.record_clearance(
        by=stage.senior, incident=incident, answer=Clearance.REFUSED, answered_on=today, reference="12/26"
    )
    return incident.police_holds.get().police


def _granted(_stage: Stage, _incident: Incident) -> Fields:
    return {"answer": "granted", "answered_on": timezone.now().date(), "reference": "12/26", "called_back": "on"}


def _next_step(_stage: Stage, _subject: None) -> Fields:
    return {"step": "workstation", "review_on": timezone.localdate() + timedelta(days=3)}


def _new_owner(stage: Stage, _subject: None) -> Fields:
    return with_choice(owner=stage.senior.pk, reason="absence", what="trace")(stage, None)


def _like_routes(stage: Stage, _police: Recipient) -> Fields:
    provider = host()
    steps = build_group_route("GB", provider).mark
    return with_choice(country="GB", provider=provider.pk, steps=steps)(stage, None)


def _notify_host(stage: Stage) -> Recipient:
    now = timezone.now()
    registrar, hosting = (office(kind, stage.analyst, at=now) for kind in (RecipientKind.REGISTRAR, RecipientKind.HOST))
    routed(assessed_illegal(stage.incident, stage.analyst), [hosting], first_notified_at=now)
    return registrar


def _notify_wrong_host(stage: Stage) -> Referral:
    now = timezone.now()
    hosting = office(RecipientKind.HOST, stage.analyst, name="Wrong Hosting", at=now)
    routed(assessed_illegal(stage.incident, stage.analyst), [hosting], first_notified_at=now)
    return Referral.objects.get(incident=stage.incident)


def _create_example(_stage: Stage) -> RouteExample:
    return RouteExample.objects.create(country="NL", steps=[RouteStep.HOTLINE])


def _second_rule(_stage: Stage) -> RouteRule:
    catalogue.load_rules()
    return RouteRule.objects.all()[1]


# --- Notices and recipients ---------------------------------------------------------------------------


def _dutch_text(_stage: Stage) -> Fields:
    return {"kind": "host", "purpose": "first", "tag": "nl"}


def _gather(stage: Stage) -> NoticeItem:
    return gathering_for(stage.incident, stage.analyst)


def _notice(**changes: object) -> Callable[[Stage], Notice]:
    """A notice about the incident, with these changes."""

    def prepare(stage: Stage) -> Notice:
        texts.load_shipped_texts()
        notice = gathering_for(stage.incident, stage.analyst).notice
        Notice.objects.filter(pk=notice.pk).update(**changes)
        return Notice.objects.get(pk=notice.pk)

    return prepare


def _dead_notice(stage: Stage) -> Notice:
    return _notice(state=NoticeState.DEAD, dead_reason="away", tried_at=timezone.now())(stage)


def _create_law(_stage: Stage) -> LegalText:
    return LegalText.objects.create(kind="duty", name="Example law", countries=["DE"], texts="en: Keep it.")


def _create_sender(stage: Stage) -> SenderIdentity:
    by = stage.people[Role.OPERATOR]
    return SenderIdentity.objects.create(**SENDER, by=by, at=timezone.now())


def _sent_notice(stage: Stage) -> Notice:
    texts.load_shipped_texts()
    return _notice(state=NoticeState.SENT, sent_at=timezone.now(), template=NoticeTemplate.objects.first())(stage)


def _read_letter(_stage: Stage, notice: Notice) -> Fields:
    return {"digest": manual_actions.mark_of(rendering.render_letter(notice)), "is_sent": "on"}


def _create_recipient(_stage: Stage) -> Recipient:
    return Recipient.objects.create(**RECIPIENT_DETAILS)


def _verified_details(_stage: Stage, recipient: Recipient) -> Fields:
    return {"digest": recipient.value_digest()}


def _propose_contact(stage: Stage) -> Recipient:
    recipient = _create_recipient(stage)
    found_by = stage.people[Role.OPERATOR]
    recipients.propose_contact(recipient, email="desk@example.org", source="registry", by=found_by, now=timezone.now())
    recipient.refresh_from_db()
    return recipient


def _proposed_details(_stage: Stage, recipient: Recipient) -> Fields:
    return {"digest": recipient.value_digest(), "email": recipient.proposed_email, "takes": "yes"}


def _close_recipient(stage: Stage) -> Recipient:
    recipient = _create_recipient(stage)
    recipients.close_down(by=stage.people[Role.OPERATOR], recipient=recipient)
    return recipient


def _read_sheet(stage: Stage, _subject: None) -> Fields:
    page = stage.client(Role.OPERATOR).post("/admin/recipients/import/", {"text": sheet.EXAMPLE})
    return {"text": sheet.EXAMPLE, "digest": page.context["digest"]}


# --- URL list -----------------------------------------------------------------------------------------


def _list_address(stage: Stage) -> None:
    assess_first(stage)
    url_list.list_address(by=stage.analyst, incident=stage.incident)


def _key_details() -> dict[str, Any]:
    return {
        "member": "Example Search",
        "scope": FeedScope.HASHES,
        "expires_on": timezone.localdate() + timedelta(days=1),
    }


def _make_key(stage: Stage) -> MemberKey:
    return members.make_key(by=stage.people[Role.OPERATOR], **_key_details())[0]


def _add_source(stage: Stage) -> Source:
    return sources.add_source(by=stage.people[Role.OPERATOR], **SOURCE, portal=stage.belize)


def _source_key_details() -> dict[str, Any]:
    return {"quota": 50, "expires_on": timezone.localdate() + timedelta(days=1), "reason": "Agreed."}


def _add_source_key(stage: Stage) -> SourceKey:
    day = timezone.localdate()
    return SourceKey.objects.create(
        source=_add_source(stage), prefix="srcs_example", digest=bytes(32), opened_on=day, expires_on=day
    )


def _review(stage: Stage, _subject: None) -> Fields:
    return with_choice(**{f"decision_{stage.incident.pk}": "online"})(stage, None)


def _on_notice(path: str, event: str, prepare: Callable[[Stage], Any], fields: Any = None) -> Act:
    return Act(f"{NOTICE}{path}/", f"notice.{event}", prepare=prepare, fields=fields)


def _by_operator(path: str, event: str, prepare: Callable[[Stage], Any] | None = None, fields: Any = None) -> Act:
    return Act(f"admin/{path}", event, Role.OPERATOR, prepare, fields)


ACTS = (
    on_incident("check", "check", assess_first, {"outcome": "online"}),
    on_incident("next-step", "plan_next_step", assess_first, _next_step),
    on_incident("escalate", "escalate", _notify_host, with_pk("to")),
    on_incident("redaction", "confirm_redaction", assess_first, {"how": "whole"}, client=reveal_as_analyst),
    on_incident("trace", "trace", assess_first, {"methods": "dns", **PLACE}),
    on_incident("trace-host", "trace", assess_first, with_choice(methods=["dns", "bgp", "headers"], **PLACE)),
    Act("admin/to-do/hand-over/", "incident.assign", prepare=assess_first, fields=_new_owner),
    on_incident("route", "confirm_route", _with_police, with_pk("police", trace="1", steps=ROUTE_STEPS)),
    Act("admin/to-do/routes/", "incident.confirm_route", prepare=_with_police, fields=_like_routes),
    on_incident("refer", "refer", _trace_to_own_country, REGISTRAR),
    on_incident("withdraw-referral", "withdraw_referral", _notify_wrong_host, with_pk("referral", reason="recipient")),
    on_incident("ask-police", "ask_police", _refuse_clearance, with_pk("police")),
    on_incident("clearance", "record_clearance", _request_clearance, _granted),
    _by_operator("routing/load/", "route_rule.load"),
    _by_operator("analysts/routerule/add/", "route_rule.add", fields=RULE_FIELDS),
    _by_operator("analysts/routerule/<path:object_id>/change/", "route_rule.change", _second_rule, CHANGED_RULE),
    _by_operator("analysts/routeexample/add/", "route_example.write", fields={"country": "NL", "steps": ["hotline"]}),
    _by_operator(f"{EXAMPLE}change/", "route_example.write", _create_example, {"steps": ["police"]}),
    _by_operator(f"{EXAMPLE}delete/", "route_example.remove", _create_example, {"post": "yes"}),
    _by_operator("notice-texts/<slug:kind>/<slug:purpose>/<str:tag>/", "notice_text.write", _dutch_text, NOTICE_TEXT),
    _by_operator("analysts/legaltext/add/", "legal_text.add", fields=LEGAL_TEXT),
    _by_operator("analysts/legaltext/<path:object_id>/change/", "legal_text.change", _create_law, CHANGED_TEXT),
    _by_operator("analysts/senderidentity/add/", "sender.write", fields=SENDER),
    _by_operator("analysts/senderidentity/<path:object_id>/change/", "sender.write", _create_sender, CHANGED_SENDER),
    _on_notice("read", "read", _notice()),
    _on_notice("send-now", "send_now", _notice()),
    _on_notice("cancel", "cancel", _notice()),
    _on_notice("try-again", "try_again", _dead_notice),
    _on_notice("by-hand", "by_hand", _dead_notice),
    _on_notice("sent", "sent", _notice(state=NoticeState.READY), _read_letter),
    _on_notice("replies", "record_reply", _sent_notice, NOTICE_REPLY),
    _on_notice("items/<uuid:item_id>/leave-out", "leave_out", _gather),
    _by_operator("recipients/add/", "recipient.add", fields=RECIPIENT_FIELDS),
    _by_operator("recipients/import/", "recipient.add", fields=_read_sheet),
    _by_operator(f"{RECIPIENT}change/", "recipient.change", _create_recipient, CHANGED_RECIPIENT),
    Act(f"admin/{RECIPIENT}verify/", "recipient.verify", Role.SENIOR, _create_recipient, _verified_details),
    Act(f"admin/{RECIPIENT}contact/", "recipient.decide_contact", Role.SENIOR, _propose_contact, _proposed_details),
    _by_operator(f"{RECIPIENT}close-down/", "recipient.close_down", _create_recipient),
    _by_operator(f"{RECIPIENT}reopen/", "recipient.reopen", _close_recipient),
    on_incident("url-list/add", "list", assess_first),
    on_incident("url-list/keep", "keep_listed", _list_address),
    on_incident("url-list/take-off", "take_off", _list_address, {"reason": "too_wide"}),
    Act("admin/url-list/review/", "incident.keep_listed", prepare=_list_address, fields=_review),
    _by_operator("url-list/members/", "member.make_key", fields=lambda *_: _key_details()),
    _by_operator("url-list/members/<uuid:key_id>/close/", "member.close_key", _make_key),
    _by_operator("sources/", "source.add", fields=lambda stage, _: {**SOURCE, "portal": stage.belize.pk}),
    _by_operator("sources/<uuid:source_id>/", "approval.request", _add_source, lambda *_: _source_key_details()),
    _by_operator("sources/keys/<uuid:source_key_id>/close/", "source.close_key", _add_source_key),
)
