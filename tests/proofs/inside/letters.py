"""Letters of an installation under rehearsal: run inside it by the proof `releases`, as the user of the staff's side.

`send_letter` assesses a report that a reporter sent and lets its letter leave; `read_state` says what staff have.
"""

import json
import time
from pathlib import Path

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import AgeBand, ReviewStage, Role, Severity, Sex, Verdict, VerdictBasis
from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents import sealing_contexts
from analysts.models import Assessment, Chase, Incident, Notice, NoticeState, Purpose, Recipient, Referral, User
from analysts.states import State
from analysts.takedown.notices import manual_actions
from analysts.takedown.notices.actions import plan_notice
from analysts.takedown.notices.replies import links as reply_links
from audit import chain
from countries.models import Portal
from reports import keys, receipts, sealing
from reports.models import NoticeAnswer

PATIENCE_SECONDS = 180


def send_letter(folder: str, portal: str) -> None:
    """Assess the incident of an acknowledged report as illegal and send its letter now; print the reply page's path."""
    ana, _ = User.objects.get_or_create(username="ana", defaults={"role": Role.ANALYST})
    ana.portals.set(Portal.objects.filter(slug=portal))
    assessment = _assess(Path(folder, f"acknowledged-{portal}"), ana)
    notice = plan_letter(assessment, ana)
    manual_actions.send_now(by=ana, notice=notice)
    print("/notice/" + reply_links.reply_url(notice).split("/notice/")[1])


def _assess(acknowledged: Path, by: User) -> Assessment:
    """A verdict of a report; one that a second person must confirm sends no letter, and another is taken."""
    while True:
        incident = actions.claim(by=by, incident=_await_incident(acknowledged))
        assessment = actions.assess(
            by=by,
            incident=incident,
            fence=incident.fence,
            verdict=Verdict.ILLEGAL,
            basis=VerdictBasis.SEEN,
            severity=Severity.C,
            age_band=AgeBand.AGE_11_13,
            sex=Sex.GIRLS,
        )
        incident.refresh_from_db()
        if incident.state != State.WAITING:
            return assessment


def _await_incident(acknowledged: Path) -> Incident:
    """The waiting incident of the newest report that was taken in. Raises LookupError where none is for minutes."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        for line in reversed(acknowledged.read_text().splitlines()[-3000:]):
            receipt_id = receipts.derive_credentials(receipts.parse_code(json.loads(line)[0])).receipt_id
            if (
                found := Incident.objects.waiting()
                .filter(sightings__report=receipt_id, stage=ReviewStage.FIRST)
                .first()
            ):
                return found
        time.sleep(2)
    raise LookupError("No report was taken in.")


def plan_letter(assessment: Assessment, by: User) -> Notice:
    """A recipient of its own, so that each letter has its own link."""
    now = timezone.now()
    number = Recipient.objects.count()
    with transaction.atomic():
        to = Recipient(
            kind="host", name=f"Hosting {number}", email=f"abuse-{number}@example.net", languages=["en"],
            verified_on=timezone.localdate(), verified_by=by,
        )  # fmt: skip
        to.mark_verified()
        to.save()
        incident = Incident.objects.select_for_update().get(pk=assessment.incident_id)
        if not Chase.objects.filter(incident=incident, ended_at=None).exists():
            Chase.objects.create(incident=incident, round=incident.round, since=now)
        placed = {"country": "NL", "provider": to, "traced_at": now, "trace": F("trace") + 1}
        Chase.objects.filter(incident=incident, ended_at=None).update(**placed, routed_trace=F("trace") + 1)
        referral = Referral.objects.create(
            incident=incident,
            assessment=assessment,
            kind=ReferralKind.TAKEDOWN,
            recipient=to.name,
            to=to,
            by=by,
            at=now,
        )
        item = plan_notice(referral=referral, interval=0, purpose=Purpose.FIRST, by=by, now=now)
    if item is None:
        raise LookupError("No letter was planned.")
    return item.notice


def read_state() -> None:
    """Print, as JSON: verdicts, letters that left (by Message-ID) and wait, replies as they open, the newest event."""
    sent = Notice.objects.filter(state=NoticeState.SENT)
    state = {
        "verdicts": Assessment.objects.count(),
        "letters": sorted(sent.values_list("message_id", flat=True)),
        "unsent": Notice.objects.exclude(state=NoticeState.SENT).count(),
        "replies": sorted(_open_reply(answer) for answer in NoticeAnswer.objects.all()),
        "event": chain.newest_anchor().number,
    }
    print(json.dumps(state))


def _open_reply(answer: NoticeAnswer) -> str:
    info = sealing_contexts.notice_answer_info(answer)
    opened = sealing.unseal_json(bytes(answer.sealed), by=keys.private_key(answer.key_id), info=info)
    return str(opened["text"])
