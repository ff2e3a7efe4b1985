"""Messages to reporters on the incident page: the form of a question, its name and its button."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from analysts.assessment.forms import Ask
from analysts.assessment.open_drafts import ASK, OpenDrafts
from analysts.assessment.standard_replies import text_in
from analysts.codes import Canned
from analysts.incidents.page_kit import ActionButton, ActionForm
from analysts.incidents.permissions import check_can_ask
from analysts.models import Incident, Report, User
from audit.permissions import why_not
from countries.public import published


def ask_form(
    report: Report, data: Mapping[str, object] | None = None, *, initial: Mapping[str, object] | None = None
) -> Ask:
    return Ask(data, auto_id=f"{ask_name(report)}_%s", initial=dict(initial or {}))


def with_text(report: Report, data: Mapping[str, object]) -> Ask:
    """The form with the chosen standard text appended to the typed text."""
    chosen = str(data.get("canned", ""))
    # The approved texts of now: a reporter reads what is inserted here.
    published.warm_cache()
    added = text_in(report.language, Canned(chosen)) if chosen in Canned else ""
    typed = str(data.get("question", "")).rstrip()
    return ask_form(report, {"question": f"{typed}\n{added}".strip()})


def ask_button(
    report: Report, incident: Incident, user: User, bound: dict[str, ActionForm], drafts: OpenDrafts
) -> ActionButton:
    name = ask_name(report)
    return ActionButton(
        name="ask",
        label=_("Send to the reporter"),
        url=reverse("admin:ask", args=[incident.pk, report.pk]),
        form=bound.get(name) or ask_form(report, initial=drafts.fields.get(name)),
        why_not=why_not(check_can_ask, user, incident),
        draft_url=reverse("admin:draft", args=[incident.pk, name]),
        saved_at=drafts.saved_at.get(name),
    )


def ask_name(report: Report) -> str:
    """The form's name, which is distinct for each report on the page."""
    return f"{ASK}{report.pk}"
