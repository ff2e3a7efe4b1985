"""Views that propose a sentence for release and that decide about one; both on a page that shows the words."""

import uuid

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.words_release import actions
from analysts.assessment.words_release.forms import DecideRelease, ProposeRelease, ReleaseOutcome
from analysts.assessment.words_release.page_section import DECIDE, propose_name
from analysts.incidents.page_kit import Outcome, Redraw, perform_action
from analysts.models import Incident, Report, WordsRelease
from analysts.welfare.reveal_views import check_are_words_shown


def propose_words_release(request: StaffRequest, incident: Incident, report_id: uuid.UUID) -> Outcome:
    check_are_words_shown(request, incident)
    report = get_object_or_404(
        Report.objects.visible_to(request.user).select_related("portal"), pk=report_id, sightings__incident=incident
    )
    name = propose_name(report)
    if "sentence" not in request.POST:
        # Nothing is proposed yet: the page is shown again with the fields.
        return Redraw({name: ProposeRelease(auto_id=f"{name}_%s", incident=incident)})
    return perform_action(
        request,
        incident,
        name,
        ProposeRelease(request.POST, auto_id=f"{name}_%s", incident=incident),
        lambda **words: actions.propose_words_release(by=request.user, incident=incident, report=report, **words),
        _("Proposed. Another person has to release the sentence."),
    )


def decide_words_release(request: StaffRequest, incident: Incident) -> Outcome:
    check_are_words_shown(request, incident)

    def decide(*, release: WordsRelease, outcome: ReleaseOutcome) -> None:
        releases = outcome == ReleaseOutcome.RELEASED
        actions.decide_words_release(by=request.user, incident=incident, release=release, releases=releases)

    form = DecideRelease(request.POST, auto_id=f"{DECIDE}_%s", incident=incident)
    message = _("Decision recorded. A released sentence is in their inbox: ring them, no mail is sent about it.")
    return perform_action(request, incident, DECIDE, form, decide, message)
