"""The acts on an incident as its page shows them: a button, its fields, and the reason why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts import permissions
from analysts.canned import text_in
from analysts.codes import Canned
from analysts.forms import Act, Ask, Assess, Close, HandOver, Held, PlaceHold, Refer
from analysts.models import Incident, Report, User
from analysts.permissions import check_can_ask
from audit.permissions import why_not

type Check = Callable[[User, Incident], None]

ACTS: tuple[tuple[str, Any, Check], ...] = (
    ("claim", gettext_lazy("Claim"), permissions.check_can_claim),
    ("assess", gettext_lazy("Assess"), permissions.check_can_assess),
    ("refer", gettext_lazy("Refer"), permissions.check_can_refer),
    ("close", gettext_lazy("Close"), permissions.check_can_close),
    ("release", gettext_lazy("Release"), permissions.check_can_release),
    ("hand_over", gettext_lazy("Hand over"), permissions.check_can_hand_over),
    ("reopen", gettext_lazy("Reopen"), permissions.check_can_reopen),
    ("hold", gettext_lazy("Put under legal hold"), permissions.check_can_hold),
    ("release_hold", gettext_lazy("Release the legal hold"), permissions.check_can_release_hold),
)


@dataclass(frozen=True, slots=True)
class Button:
    """An act as the page shows it. Its fields are there while it is possible, or to keep what was typed."""

    name: str
    label: str
    url: str
    form: Act
    why_not: str

    @property
    def shows_fields(self) -> bool:
        return not self.why_not or self.form.is_bound


def act_form(name: str, incident: Incident, user: User, data: Any = None) -> Act:
    """The form of an act. Several stand on one page: the name keeps their ids apart."""
    auto_id = f"{name}_%s"
    fence = {"fence": incident.fence}
    match name:
        case "assess":
            return Assess(data, auto_id=auto_id, initial=fence)
        case "refer":
            return Refer(data, auto_id=auto_id)
        case "close":
            return Close(data, auto_id=auto_id)
        case "hold":
            return PlaceHold(data, auto_id=auto_id)
        case "release":
            return Held(data, auto_id=auto_id, initial=fence)
        case "hand_over":
            return HandOver(data, auto_id=auto_id, initial=fence, incident=incident, by=user)
        case _:
            return Act(data, auto_id=auto_id)


def ask_form(report: Report, data: Any = None) -> Ask:
    return Ask(data, auto_id=f"{ask_name(report)}_%s")


def with_text(report: Report, data: Mapping[str, Any]) -> Ask:
    """The form with the chosen standard text behind what was typed."""
    chosen = data.get("canned", "")
    added = text_in(report.language, Canned(chosen)) if chosen in Canned else ""
    typed = str(data.get("question", "")).rstrip()
    return ask_form(report, {"question": f"{typed}\n{added}".strip()})


def buttons(incident: Incident, user: User, bound: dict[str, Act]) -> list[Button]:
    # Of the two only the one that could ever pass.
    pointless = "hold" if incident.open_hold else "release_hold"
    return [
        Button(
            name=name,
            label=str(label),
            url=reverse(f"admin:{name}", args=[incident.pk]),
            form=bound.get(name) or act_form(name, incident, user),
            why_not=why_not(check, user, incident),
        )
        for name, label, check in ACTS
        if name != pointless or name in bound
    ]


def ask_button(report: Report, incident: Incident, user: User, bound: dict[str, Act]) -> Button:
    return Button(
        name="ask",
        label=_("Send to the reporter"),
        url=reverse("admin:ask", args=[incident.pk, report.pk]),
        form=bound.get(ask_name(report)) or ask_form(report),
        why_not=why_not(check_can_ask, user, incident),
    )


def ask_name(report: Report) -> str:
    """What tells the question to one report from the question to another on the same page."""
    return f"ask_{report.pk}"
