"""Corrections: each recipient of a letter about an address gets one, once, when the letter is no longer true.

The rule is asked after each decision: who had a letter that says more, or something else, than the incident's present
verdict, or that was withdrawn since? It starts no chase, no clock and no time to answer. The outcome of an appeal that
overturns the verdict is the correction of the letter that the appellant answered.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from analysts.codes import Severity, Verdict
from analysts.codes.appeals import AppealOutcome, AppealReason
from analysts.models import Appeal, ChildAlert, Incident, NoticeItem, NoticeState, Purpose, RecipientKind, User
from analysts.models.notice import ANSWERS, UNSENT, DropReason
from analysts.takedown.notices.batching import add_to_notice, find_or_open_notice, lock_gathering

# A letter with the outcome of an appeal that withdraws the verdict; other answers to replies name no category.
WITHDRAWING = [reason for reason in AppealReason if reason.row.outcome == AppealOutcome.OVERTURNED]
WITHDRAWS = Q(notice__purpose=Purpose.OUTCOME, notice__topic__in=WITHDRAWING)


def update_corrections(incident: Incident, *, by: User | None, now: datetime) -> None:
    """Plan the corrections that the present verdict and withdrawals call for, and drop unsent ones that they do not.

    Also drops unsent alerts that they overtake. Runs after the decision in its transaction, which has locked the
    incident. Repeated calls add nothing; the database refuses a second correction of one letter.
    """
    category = present_category(incident)
    outdated = {item.pk: item for item in _latest_letters(incident) if is_outdated(item, category)}
    unsent = _unsent_corrections(incident)
    if category is not None:
        unsent.exclude(corrects__in=outdated).update(dropped=DropReason.TAKEN_BACK)
    _drop_overtaken_alerts(incident)
    planned = set(unsent.values_list("corrects", flat=True))
    missing = [item for item in outdated.values() if item.pk not in planned]
    lock_gathering(item.notice.recipient_id for item in missing)
    for item in missing:
        correct_letter(item, by=by, now=now)


def _drop_overtaken_alerts(incident: Incident) -> None:
    """Drop unsent letters that would say of assessed content that it is not assessed, or that are wrong."""
    items = incident.notice_items.filter(alert__isnull=False, corrects=None, dropped="", notice__state__in=UNSENT)
    if not incident.severity:
        items = items.filter(alert__in=ChildAlert.objects.wrong())
    items.update(dropped=DropReason.TAKEN_BACK)


def present_category(incident: Incident) -> str | None:
    """The category of the content by the present verdict; "" if it was seen and is not illegal, or an appeal said so.

    None where nothing is said about earlier letters: no verdict yet, content that was not found, or that was removed
    since, so that something else may be there now.
    """
    verdict = incident.assessments.in_force().order_by("-at").first()
    if verdict is None:
        return None
    appeals = Appeal.objects.filter(incident=incident, outcome=AppealOutcome.OVERTURNED, reviewed_at__gte=verdict.at)
    if verdict.round < incident.round and appeals.exists():
        return ""
    if incident.is_open_to_review or verdict.verdict == Verdict.NOT_ASSESSED:
        return None
    if verdict.verdict == Verdict.ILLEGAL:
        return verdict.severity
    last_chase = incident.chases.order_by("-since").first()
    return None if last_chase and last_chase.removed_at else ""


def cancel_corrections(incident: Incident) -> None:
    """Drop the corrections that no mail server has been offered: the decision behind them was undone."""
    by_verdict = Q(referral__withdrawn_reason="") | Q(alert__withdrawn_reason="")
    _unsent_corrections(incident).filter(by_verdict, notice__attempts=0).update(dropped=DropReason.TAKEN_BACK)


def _unsent_corrections(incident: Incident) -> QuerySet[NoticeItem]:
    return incident.notice_items.filter(corrects__isnull=False, dropped="", notice__state__in=UNSENT)


def correct_letter(item: NoticeItem, *, by: User | None, now: datetime) -> NoticeItem:
    """Add the correction of a sent `item` to the gathering notice of its recipient, or to a new one.

    Raises IntegrityError if it is corrected already.
    """
    recipient, incident = item.notice.recipient, item.incident
    notice = find_or_open_notice(recipient, Purpose.CORRECTION, incident=incident, by=by, now=now)
    row = NoticeItem(
        notice=notice,
        incident=incident,
        referral=item.referral,
        alert=item.alert,
        interval=item.interval,
        trace=item.trace,
        corrects=item,
    )
    return add_to_notice(row)


def _latest_letters(incident: Incident) -> Iterator[NoticeItem]:
    """The latest letter about the incident to each recipient, in the order of recipients.

    An outcome that withdraws the verdict counts from when it is opened.
    """
    items = incident.notice_items.filter(dropped="")
    named = items.filter(~Q(notice__purpose__in=ANSWERS), notice__state=NoticeState.SENT)
    items = named | items.filter(WITHDRAWS, notice__state__in=[*UNSENT, NoticeState.SENT])
    at = Coalesce("notice__sent_at", "notice__made_at")
    latest = items.order_by("notice__recipient_id", at.desc(), "-pk").distinct("notice__recipient_id")
    yield from latest.select_related("notice__recipient", "referral__assessment", "alert", "incident")


def is_outdated(item: NoticeItem, category: str | None) -> bool:
    """Whether the letter says that the content is illegal, and it is not; or named it otherwise to its recipient.

    Also a wrong alert, and a letter whose referral was withdrawn, until a letter takes them back.
    """
    if item.alert_id:
        return not item.corrects_id and ChildAlert.objects.wrong().filter(pk=item.alert_id).exists()
    category_before = stated_category(item)
    if category_before and item.is_withdrawn:
        return True
    if not category_before or category is None or category_before == category:
        return False
    if not category or RecipientKind(item.notice.recipient.kind).row.sees_classification:
        return True
    return Severity(category_before).row.material != Severity(category).row.material


def stated_category(item: NoticeItem) -> str:
    """The category under which the letter named the content; "" if it withdrew that, or named none."""
    withdraws = item.corrects_id is not None or item.notice.purpose in ANSWERS
    if item.category or withdraws or item.referral is None:
        return item.category
    # Letters from before it was stored name that of the verdict they follow from.
    return item.referral.assessment.severity


def category_to_state(item: NoticeItem) -> str:
    """The category for a letter that is sent now; "" in an alert, and where the letter takes back an earlier one."""
    return "" if item.alert_id or item.is_withdrawn else item.incident.severity
