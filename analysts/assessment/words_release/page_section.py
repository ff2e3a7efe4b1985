"""Release of words on the page of a revealed incident, below the report that they are from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from analysts.assessment.words_release.forms import DecideRelease
from analysts.incidents import contents
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.display.visible_text import Legible, make_legible
from analysts.incidents.page_kit import ActionButton, ActionForm
from analysts.incidents.page_urls import incident_url
from analysts.models import Incident, Report, WordsRelease
from analysts.welfare.masked_words import Blanks

# No action of the incident has a name that begins with the first, under which each report has a form.
PROPOSE, DECIDE = "sentence_", "decide_words_release"


@dataclass(frozen=True, slots=True, repr=False)
class ReleaseRow:
    """A proposed sentence. `words`: None once it is erased. `decide`: None once it is decided."""

    release: WordsRelease
    words: Legible | None
    decide: ActionButton | None

    @property
    def recipient(self) -> str:
        return defang_text(self.release.to.name)


@dataclass(frozen=True, slots=True, repr=False)
class ReportReleases:
    """The sentences of one report that were proposed, and the button that proposes another one."""

    rows: list[ReleaseRow]
    propose: ActionButton

    @property
    def is_open(self) -> bool:
        """Whether one waits for a decision, or the form was asked for or refused."""
        return bool(self.propose.form.fields) or any(row.decide for row in self.rows)


def read_releases(incident: Incident, reports: Sequence[Report]) -> dict[UUID, list[WordsRelease]]:
    """By report; one query."""
    releases = WordsRelease.objects.filter(incident=incident, report__in=reports)
    ordered = releases.select_related("to", "by", "decided_by").order_by("report", "at", "pk")
    return {report: list(group) for report, group in groupby(ordered, key=lambda release: release.report_id)}


def show_releases(
    report: Report,
    incident: Incident,
    bound: Mapping[str, ActionForm],
    releases: Sequence[WordsRelease],
    blanks: Blanks,
) -> ReportReleases:
    """`bound`: the form of the report if it was asked for: the page draws its fields only then."""
    name = propose_name(report)
    propose = ActionButton(
        name=name,
        label=_("Propose the sentence") if name in bound else _("Propose a sentence"),
        url=reverse("admin:propose_words_release", args=[incident.pk, report.pk]),
        form=bound.get(name) or ActionForm(),
        why_not="",
    )
    return ReportReleases([_release_row(release, incident, bound, blanks) for release in releases], propose)


def propose_name(report: Report) -> str:
    """The form's name, which is distinct for each report on the page."""
    return f"{PROPOSE}{report.pk}"


def _release_row(
    release: WordsRelease, incident: Incident, bound: Mapping[str, ActionForm], blanks: Blanks
) -> ReleaseRow:
    text = contents.reveal_release(release)
    decide = None
    if release.decided_at is None:
        refused = bound.get(DECIDE)
        is_refused = refused is not None and refused.data.get("release") == str(release.pk)
        form = DecideRelease(auto_id=f"{DECIDE}_{release.pk}_%s", incident=incident, initial={"release": release.pk})
        decide = ActionButton(
            name=f"{DECIDE}_{release.pk}",
            label=_("Record the decision"),
            url=incident_url(incident.pk, f"admin:{DECIDE}"),
            form=refused if refused is not None and is_refused else form,
            why_not="",
        )
    return ReleaseRow(release, blanks.legible(make_legible(text)) if text else None, decide)
