"""The acts on an incident as its page shows them: a button, its fields, and the reason why not."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.assessment.decision_forms import Assess
from analysts.assessment.forms import Act, Ask, HandOver, Held, PlaceHold
from analysts.assessment.open_drafts import Begun
from analysts.assessment.standard_replies import text_in
from analysts.codes import Canned
from analysts.incidents import permissions
from analysts.incidents.permissions import check_can_ask
from analysts.models import Incident, Report, User
from audit.permissions import why_not

# What the name of a question's form begins with.
ASK = "ask_"
# Acts whose begun forms are kept.
DRAFTED = ("assess",)
# The forms beside them that are kept as well: a note, and the question to a report.
_ALSO_KEPT = re.compile(rf"note|{ASK}[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


def is_drafted(act: str) -> bool:
    """Whether a page has a form of that name whose draft is kept: no other name fits the column for sure."""
    return act in DRAFTED or _ALSO_KEPT.fullmatch(act) is not None


type Check = Callable[[User, Incident], None]

ACTS: tuple[tuple[str, Any, Check], ...] = (
    ("claim", gettext_lazy("Claim"), permissions.check_can_claim),
    ("assess", gettext_lazy("Record"), permissions.check_can_assess),
    ("skip", gettext_lazy("Skip"), permissions.check_can_skip),
    ("renew", gettext_lazy("Keep it longer"), permissions.check_can_renew),
    ("close", gettext_lazy("Close: all that can be done was done"), permissions.check_can_close),
    ("release", gettext_lazy("Release"), permissions.check_can_release),
    ("hand_over", gettext_lazy("Hand over"), permissions.check_can_hand_over),
    ("reopen", gettext_lazy("Reopen"), permissions.check_can_reopen),
    ("hold", gettext_lazy("Put under legal hold"), permissions.check_can_hold),
    ("release_hold", gettext_lazy("Release the legal hold"), permissions.check_can_release_hold),
)


# The key that presses the button; `static/staff/keys.js`. Letters from a to h choose within a group of a decision,
# except where there is none: claim has c.
KEYS = {"claim": "c", "skip": "s", "renew": "y"}


@dataclass(frozen=True, slots=True)
class Button:
    """An act as the page shows it. Its fields are there while it is possible, or to keep what was typed."""

    name: str
    label: str
    url: str
    form: Act
    why_not: str
    # Where what is begun is kept, and when it was; "" and None for what has nothing to keep.
    draft_url: str = ""
    kept_at: datetime | None = None

    @property
    def key(self) -> str:
        return KEYS.get(self.name, "")

    @property
    def shows_fields(self) -> bool:
        return not self.why_not or self.form.is_bound


def act_form(
    name: str, incident: Incident, user: User, data: Any = None, *, begun: Mapping[str, Any] | None = None
) -> Act:
    """The form of an act. Several stand on one page: the name keeps their ids apart.

    `begun`: what its fields hold to begin with.
    """
    auto_id = f"{name}_%s"
    fence = {**(begun or {}), "fence": incident.fence}
    match name:
        case "assess":
            return Assess(data, auto_id=auto_id, initial=fence)
        case "hold":
            return PlaceHold(data, auto_id=auto_id)
        case "release" | "skip" | "renew":
            return Held(data, auto_id=auto_id, initial=fence)
        case "hand_over":
            return HandOver(data, auto_id=auto_id, initial=fence, incident=incident, by=user)
        case _:
            return Act(data, auto_id=auto_id)


def ask_form(report: Report, data: Any = None, *, begun: Mapping[str, Any] | None = None) -> Ask:
    return Ask(data, auto_id=f"{ask_name(report)}_%s", initial=dict(begun or {}))


def with_text(report: Report, data: Mapping[str, Any]) -> Ask:
    """The form with the chosen standard text behind what was typed."""
    chosen = data.get("canned", "")
    added = text_in(report.language, Canned(chosen)) if chosen in Canned else ""
    typed = str(data.get("question", "")).rstrip()
    return ask_form(report, {"question": f"{typed}\n{added}".strip()})


def buttons(incident: Incident, user: User, bound: dict[str, Act], started: Begun) -> list[Button]:
    """Every act; `bound` holds, by name, a refused form."""
    # Of the two only the one that could ever pass.
    pointless = "hold" if incident.open_hold else "release_hold"
    return [
        Button(
            name=name,
            label=str(label),
            url=reverse(f"admin:{name}", args=[incident.pk]),
            form=bound.get(name) or act_form(name, incident, user, begun=started.fields.get(name)),
            why_not=why_not(check, user, incident),
            draft_url=reverse("admin:draft", args=[incident.pk, name]) if name in DRAFTED else "",
            kept_at=started.kept_at.get(name),
        )
        for name, label, check in ACTS
        if name != pointless or name in bound
    ]


def ask_button(report: Report, incident: Incident, user: User, bound: dict[str, Act], started: Begun) -> Button:
    name = ask_name(report)
    return Button(
        name="ask",
        label=_("Send to the reporter"),
        url=reverse("admin:ask", args=[incident.pk, report.pk]),
        form=bound.get(name) or ask_form(report, begun=started.fields.get(name)),
        why_not=why_not(check_can_ask, user, incident),
        draft_url=reverse("admin:draft", args=[incident.pk, name]),
        kept_at=started.kept_at.get(name),
    )


def ask_name(report: Report) -> str:
    """What tells the question to one report from the question to another on the same page."""
    return f"{ASK}{report.pk}"
