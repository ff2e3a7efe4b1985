"""URLs of the notice pages, and the notice-related actions on an incident."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import BOTH, READ, SEND, Scope, StaffRoute
from analysts.incidents.page_kit import IncidentAction, plain_action
from analysts.incidents.permissions import ANALYSTS
from analysts.takedown.notices import outbox_views, text_views, views
from analysts.takedown.notices.permissions import TEXT_READERS, TEXT_WRITERS
from analysts.takedown.notices.replies import actions as reply_actions
from analysts.takedown.notices.replies import views as reply_views
from analysts.takedown.notices.replies.section_forms import AnswerReply

ONE = "notices/<uuid:notice_id>/"

ROUTES = (
    StaffRoute("notices/", outbox_views.notice_list, "notices", ANALYSTS, READ),
    StaffRoute(ONE, outbox_views.notice_detail, "notice", ANALYSTS, READ, Scope.NOTICE),
    *(
        StaffRoute(f"{ONE}{path}/", view, name, ANALYSTS, SEND, Scope.NOTICE)
        for path, view, name in (
            ("read", outbox_views.read_notice, "read_notice"),
            ("sent", outbox_views.record_sent, "record_notice_sent"),
            ("send-now", outbox_views.send_now, "send_now_notice"),
            ("cancel", outbox_views.cancel, "cancel_notice"),
            ("try-again", outbox_views.try_again, "try_again_notice"),
            ("by-hand", outbox_views.send_by_hand, "send_by_hand_notice"),
            ("items/<uuid:item_id>/leave-out", outbox_views.leave_out, "leave_out_of_notice"),
        )
    ),
    StaffRoute(f"{ONE}replies/", reply_views.record_reply, "record_reply", ANALYSTS, SEND, Scope.NOTICE),
    StaffRoute("notice-texts/", text_views.text_list, "notice_texts", TEXT_READERS, READ),
    StaffRoute(
        "notice-texts/<slug:kind>/<slug:purpose>/<str:tag>/",
        text_views.edit_text,
        "notice_text",
        ANALYSTS,
        READ,
        others=((TEXT_WRITERS, BOTH),),
    ),
)

ACTIONS = (
    IncidentAction(
        "confirm_redaction",
        "redaction/",
        views.confirm_redaction,
        recorded_as=_("Redaction of an address confirmed"),
    ),
    plain_action(
        "answer_reply",
        "reply-answer/",
        reply_actions.answer_reply,
        _("The answer is on its way to the recipient."),
        section="replies",
        form_class=AnswerReply,
        recorded_as=_("Recipient’s question answered"),
    ),
    IncidentAction("read_replies", "replies-read/", views.read_replies, recorded_as=_("Replies from recipients read")),
)
