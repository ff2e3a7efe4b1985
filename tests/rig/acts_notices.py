"""Every action on a notice, done once: see `tests.rig.acts`."""

from collections.abc import Callable

from django.test import override_settings
from django.utils import timezone

from analysts.codes import Role
from analysts.models import Notice, NoticeState, NoticeTemplate
from analysts.takedown.notices import manual_actions, rendering, texts
from analysts.tests.notices import gathering_for
from tests.rig.acts import WORDS, Stage
from tests.rig.fixtures import ClientResponse

# The link in a letter leads to the public surface.
PUBLIC_URL = "https://report.hotline.example"
NOTICE = "admin/notices/<uuid:notice_id>/"


def _post_to_notice(stage: Stage, act: str, data: dict[str, str] | None = None, **now: object) -> ClientResponse:
    """Post to a notice about the incident; `now` sets its state."""
    texts.load_shipped_texts()
    notice = gathering_for(stage.incident, stage.people[Role.ANALYST]).notice
    Notice.objects.filter(pk=notice.pk).update(**now)
    with override_settings(PUBLIC_URL=PUBLIC_URL):
        return stage.client(Role.ANALYST).post(f"/admin/notices/{notice.pk}/{act}/", data or {})


def read_notice(stage: Stage) -> ClientResponse:
    return _post_to_notice(stage, "read")


def send_now(stage: Stage) -> ClientResponse:
    return _post_to_notice(stage, "send-now")


def cancel(stage: Stage) -> ClientResponse:
    return _post_to_notice(stage, "cancel")


def try_again(stage: Stage) -> ClientResponse:
    return _post_to_notice(stage, "try-again", state=NoticeState.DEAD, dead_reason="away", tried_at=timezone.now())


def send_by_hand(stage: Stage) -> ClientResponse:
    return _post_to_notice(stage, "by-hand", state=NoticeState.DEAD, dead_reason="away", tried_at=timezone.now())


def record_sent(stage: Stage) -> ClientResponse:
    texts.load_shipped_texts()
    notice = gathering_for(stage.incident, stage.people[Role.ANALYST]).notice
    Notice.objects.filter(pk=notice.pk).update(state=NoticeState.READY)
    with override_settings(PUBLIC_URL=PUBLIC_URL):
        seen = manual_actions.mark_of(rendering.render_letter(Notice.objects.get(pk=notice.pk)))
        fields = {"seen": seen, "is_sent": "on"}
        return stage.client(Role.ANALYST).post(f"/admin/notices/{notice.pk}/sent/", fields)


def record_reply(stage: Stage) -> ClientResponse:
    texts.load_shipped_texts()
    notice = gathering_for(stage.incident, stage.people[Role.ANALYST]).notice
    sent = {"state": NoticeState.SENT, "sent_at": timezone.now(), "template": NoticeTemplate.objects.first()}
    Notice.objects.filter(pk=notice.pk).update(**sent)
    fields = {"kind": "decided", "action": "no_action", "ground": "law", "text": WORDS}
    return stage.client(Role.ANALYST).post(f"/admin/notices/{notice.pk}/replies/", fields)


def leave_out(stage: Stage) -> ClientResponse:
    item = gathering_for(stage.incident, stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post(f"/admin/notices/{item.notice_id}/items/{item.pk}/leave-out/")


ACTS: dict[str, tuple[Callable[[Stage], ClientResponse], str]] = {
    f"{NOTICE}read/": (read_notice, "notice.read"),
    f"{NOTICE}sent/": (record_sent, "notice.sent"),
    f"{NOTICE}replies/": (record_reply, "notice.record_reply"),
    f"{NOTICE}send-now/": (send_now, "notice.send_now"),
    f"{NOTICE}cancel/": (cancel, "notice.cancel"),
    f"{NOTICE}try-again/": (try_again, "notice.try_again"),
    f"{NOTICE}by-hand/": (send_by_hand, "notice.by_hand"),
    f"{NOTICE}items/<uuid:item_id>/leave-out/": (leave_out, "notice.leave_out"),
}
