"""Release a sentence of a report: one analyst asks, another decides.

By default no word of a reporter leaves the analysts' rooms. A portal's operators can announce it for later reports;
otherwise only imminent danger to life is a ground. Released sentences are read in the recipient's inbox, never mailed.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment.words_release import permissions
from analysts.assessment.words_release.sentences import is_part_of, sentences_in
from analysts.incidents import contents
from analysts.incidents.locking import lock_incident, record_act
from analysts.incidents.permissions import check_sees_content
from analysts.incidents.sealing_contexts import words_release_info
from analysts.models import Incident, Recipient, ReleaseGround, Report, User, WordsRelease
from audit.actions import JSON
from audit.permissions import Denied, Late
from reports import keys, sealing
from reports.addresses import find_addresses
from reports.models import KeyClass
from reports.safety.personal import personal_in


@transaction.atomic
def propose_words_release(
    *,
    by: User,
    incident: Incident,
    report: Report,
    to: Recipient,
    sentence: str,
    ground: ReleaseGround,
    now: datetime | None = None,
) -> WordsRelease:
    """Propose one sentence of the report for release to the recipient. A second person releases it.

    Args:
        sentence: as the report has it, with LEFT_OUT in place of the parts that could identify a person.

    Raises:
        Denied: `by` may not, the portal did not announce it before the report, the recipient is not verified, or the
            text is no sentence of the report or names an address, a number or a mailbox.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_release(by, incident, report, ground)
    if not permissions.recipients_of_words(incident, now.date()).filter(pk=to.pk).exists():
        raise Denied(_("Words are released to verified police forces only."))
    _check_sentence(report, sentence)
    key = keys.public_key(now, KeyClass.WORDS)
    release = WordsRelease(incident=incident, report=report, to=to, ground=ground, by=by, at=now, key_id=key.id)
    release.sealed = sealing.seal_json({"text": sentence}, to=key, info=words_release_info(release))
    release.save(force_insert=True)
    details: dict[str, JSON] = {"to": str(to.pk), "reason": str(ground), "characters": len(sentence)}
    record_act("propose_words_release", incident, by=by, now=now, details=details)
    return release


@transaction.atomic
def decide_words_release(
    *, by: User, incident: Incident, release: WordsRelease, releases: bool, now: datetime | None = None
) -> WordsRelease:
    """Release the sentence, or decline it. Raises Denied for the person who proposed it, and if it is decided."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    release = WordsRelease.objects.visible_to(by).select_for_update(of=("self",)).get(pk=release.pk, incident=incident)
    check_sees_content(by)
    if release.decided_at is not None:
        raise Late(_("A colleague has decided about this sentence already."))
    if releases:
        permissions.check_can_agree(by, incident, release)
    release.decided_by, release.decided_at, release.is_released = by, now, releases
    release.save(update_fields=["decided_by", "decided_at", "is_released"])
    details: dict[str, JSON] = {"to": str(release.to_id), "outcome": "released" if releases else "declined"}
    record_act("decide_words_release", incident, by=by, now=now, details=details)
    return release


def _check_sentence(report: Report, sentence: str) -> None:
    envelopes = contents.release_envelopes(report)
    if not any(is_part_of(sentence, known) for known in sentences_in(envelope.payload for envelope in envelopes)):
        raise Denied(_("This is no sentence of the report. Copy one, and put […] in place of the parts to leave out."))
    if personal_in(sentence) or find_addresses(sentence):
        raise Denied(_("Leave out web and e-mail addresses and telephone numbers."))
