"""What a receipt shows about a report: a few public states, in plain words.

The words are the same whether an address was known before or not, and several addresses are shown as counts,
never which: a receipt cannot be used to find out whether a site is known.
"""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from countries.languages import in_digits


class PublicState(TextChoices):
    RECEIVED = "received", _("received")
    BEING_ASSESSED = "being_assessed", _("being assessed")
    ACTION_TAKEN = "action_taken", _("action taken")
    GONE = "gone", _("gone")
    CLOSED = "closed", _("closed without action")


class ClosedReason(TextChoices):
    """Why no action was taken. Each label is a whole sentence that fits one address and several."""

    NOT_FOUND = "not_found", _("Nothing was there any more when an analyst looked.")
    NOT_REACHABLE = "not_reachable", _("A password, a payment or a block was in the way of an analyst.")
    NOT_ILLEGAL = "not_illegal", _("What is there is not against the law the hotline works under.")
    OUTSIDE_REMIT = "outside_remit", _("What is there is not child sexual abuse material. Other services can help.")
    NOT_ASSESSABLE = "not_assessable", _("An analyst could not decide what is there.")


type Outcome = tuple[str, str, int]

# A report of one address has no count: its text may be words in which no address was found.
ALONE = {
    PublicState.RECEIVED: _("Your report has been received. It waits for an analyst."),
    PublicState.BEING_ASSESSED: _("An analyst is assessing what you reported."),
    PublicState.ACTION_TAKEN: _("The hotline has acted to have what you reported taken down."),
    PublicState.GONE: _("What you reported is gone: it was checked several times and is no longer there."),
    PublicState.CLOSED: _("Your report was closed without action."),
}

COUNTED = {
    PublicState.RECEIVED: ngettext_lazy(
        "%(count)d of the addresses you reported has been received. It waits for an analyst.",
        "%(count)d of the addresses you reported have been received. They wait for an analyst.",
        "count",
    ),
    PublicState.BEING_ASSESSED: ngettext_lazy(
        "%(count)d of the addresses you reported is being assessed by an analyst.",
        "%(count)d of the addresses you reported are being assessed by an analyst.",
        "count",
    ),
    PublicState.ACTION_TAKEN: ngettext_lazy(
        "%(count)d of the addresses you reported: the hotline has acted to have it taken down.",
        "%(count)d of the addresses you reported: the hotline has acted to have them taken down.",
        "count",
    ),
    PublicState.GONE: ngettext_lazy(
        "%(count)d of the addresses you reported is gone: it was checked several times.",
        "%(count)d of the addresses you reported are gone: they were checked several times.",
        "count",
    ),
    PublicState.CLOSED: ngettext_lazy(
        "%(count)d of the addresses you reported was closed without action.",
        "%(count)d of the addresses you reported were closed without action.",
        "count",
    ),
}


def describe_outcomes(outcomes: Sequence[Outcome]) -> list[str]:
    """One or two sentences for each (public state, closed reason or "", how many addresses), in the same order
    and in the active language. No outcome at all means received.

    Raises ValueError for a state or a reason outside the two sets above.
    """
    shown = outcomes or [(PublicState.RECEIVED.value, "", 1)]
    alone = sum(count for _state, _reason, count in shown) == 1
    return [
        " ".join([_outcome_sentence(PublicState(state), count, alone=alone), *_reason_sentences(reason)])
        for state, reason, count in shown
    ]


def is_published_daily() -> bool:
    """Whether receipts change once a day, and so never on the day of the report."""
    return settings.PUBLISH_EVERY == "day"


def _outcome_sentence(state: PublicState, count: int, *, alone: bool) -> str:
    if alone:
        return str(ALONE[state])
    return in_digits(COUNTED[state] % {"count": count}, get_language() or "en")


def _reason_sentences(reason: str) -> list[str]:
    return [str(ClosedReason(reason).label)] if reason else []
