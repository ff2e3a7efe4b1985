"""The sentences of a receipt about a reported address: a closed set of sentences, each with what must be true of it.

A sentence is shown only where rows of the staff's tables say that it happened to an address of that very report
(`AddressFacts`). The words are the same whether an address was known before or not, and several addresses are shown as
counts, never which: a receipt cannot be used to find out whether a site is known. No sentence is about the police, and
none says more than that the assessment has begun before the first notice has left: no receipt warns an offender.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from countries.choices import RowChoices
from countries.languages import in_digits


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFacts:
    """The outcome of one reported address or account since its report. Each is backed by a row, else false."""

    # Its reporter asked for another look at it.
    asked_again: bool = False
    # An analyst holds a claim on it, or has assessed it.
    assessment_begun: bool = False
    # A notice to its hosting provider or platform was sent.
    notice_left: bool = False
    # A referral to another hotline was sent.
    referral_left: bool = False
    # It is on the URL list now.
    is_listed: bool = False
    # Enough checks in a row found the content removed.
    found_removed: bool = False
    # Why an assessment closed it, as a value of ClosedReason; "" if none did.
    closed_reason: str = ""

    @property
    def has_left(self) -> bool:
        """Whether a recipient that can have the content removed was notified."""
        return self.notice_left or self.referral_left


@dataclass(frozen=True, slots=True)
class StateRow:
    """A sentence about an address, and when it is true.

    `alone`: for a report of one address, which may be words in which no address was found. `counted`: for several.
    """

    alone: Promise
    # A plural with the key "count".
    counted: Promise
    is_true: Callable[[AddressFacts], bool]


class PublicState(RowChoices):
    """The public states. An address is in the last one whose sentence is true (`public_state`)."""

    row: StateRow

    RECEIVED = (
        "received",
        StateRow(
            _("Your report has been received. It is waiting for an analyst."),
            ngettext_lazy(
                "%(count)d of the web addresses and accounts you reported has been received. It is waiting for an "
                "analyst.",
                "%(count)d of the web addresses and accounts you reported have been received. They are waiting for an "
                "analyst.",
                "count",
            ),
            lambda facts: not facts.assessment_begun and not facts.closed_reason,
        ),
        _("received"),
    )
    AGAIN = (
        "again",
        StateRow(
            _("You asked for another look. What you reported will be looked at again."),
            ngettext_lazy(
                "You asked for another look. %(count)d of the web addresses and accounts you reported will be looked "
                "at again.",
                "You asked for another look. %(count)d of the web addresses and accounts you reported will be looked "
                "at again.",
                "count",
            ),
            lambda facts: facts.asked_again and not facts.assessment_begun and not facts.closed_reason,
        ),
        _("to be looked at again"),
    )
    BEING_ASSESSED = (
        "being_assessed",
        StateRow(
            _("An analyst has begun to assess what you reported."),
            ngettext_lazy(
                "An analyst has begun to assess %(count)d of the web addresses and accounts you reported.",
                "An analyst has begun to assess %(count)d of the web addresses and accounts you reported.",
                "count",
            ),
            lambda facts: facts.assessment_begun,
        ),
        _("being assessed"),
    )
    PASSED_ON = (
        "passed_on",
        StateRow(
            _("The hotline has passed on what you reported to another hotline, which can act on it."),
            ngettext_lazy(
                "The hotline has passed on %(count)d of the web addresses and accounts you reported to another "
                "hotline, which can act on it.",
                "The hotline has passed on %(count)d of the web addresses and accounts you reported to another "
                "hotline, which can act on them.",
                "count",
            ),
            lambda facts: facts.referral_left,
        ),
        _("passed on"),
    )
    NOTICE_SENT = (
        "notice_sent",
        StateRow(
            _("The hotline has asked for what you reported to be taken down."),
            ngettext_lazy(
                "The hotline has asked for %(count)d of the web addresses and accounts you reported to be taken down.",
                "The hotline has asked for %(count)d of the web addresses and accounts you reported to be taken down.",
                "count",
            ),
            lambda facts: facts.notice_left,
        ),
        _("removal requested"),
    )
    # No account is ever on the list.
    LISTED = (
        "listed",
        StateRow(
            _(
                "The hotline has asked for what you reported to be taken down, and has put it on a list that companies "
                "use to block it."
            ),
            ngettext_lazy(
                "The hotline has asked for the removal of %(count)d of the web addresses you reported, and put it on "
                "a blocking list that companies use.",
                "The hotline has asked for the removal of %(count)d of the web addresses you reported, and put them "
                "on a blocking list that companies use.",
                "count",
            ),
            lambda facts: facts.is_listed and facts.notice_left,
        ),
        _("removal requested, and blocked"),
    )
    GONE = (
        "gone",
        StateRow(
            _("What you reported was checked several times and was no longer there."),
            ngettext_lazy(
                "%(count)d of the web addresses and accounts you reported was checked several times and was no longer "
                "there.",
                "%(count)d of the web addresses and accounts you reported were checked several times and were no "
                "longer there.",
                "count",
            ),
            lambda facts: facts.found_removed and facts.has_left,
        ),
        _("gone"),
    )
    # Shown with a ClosedReason.
    CLOSED = (
        "closed",
        StateRow(
            _("The hotline has finished its work on your report."),
            ngettext_lazy(
                "The hotline has finished its work on %(count)d of the web addresses and accounts you reported.",
                "The hotline has finished its work on %(count)d of the web addresses and accounts you reported.",
                "count",
            ),
            lambda facts: bool(facts.closed_reason),
        ),
        _("finished"),
    )


@dataclass(frozen=True, slots=True)
class ClosedReasonRow:
    """`sentence` fits one address and several. `may_look_again`: its reporter may ask for another look, once."""

    sentence: Promise
    may_look_again: bool = False


class ClosedReason(RowChoices):
    """Why the work ended without a takedown: what an analyst found on looking, not what is there now."""

    row: ClosedReasonRow

    NOT_FOUND = (
        "not_found",
        ClosedReasonRow(_("It was no longer there when an analyst looked."), may_look_again=True),
        _("not found"),
    )
    NOT_REACHABLE = (
        "not_reachable",
        ClosedReasonRow(_("An analyst could not see it, because of a password, a payment or a block.")),
        _("not reachable"),
    )
    NOT_ILLEGAL = (
        "not_illegal",
        ClosedReasonRow(
            _("When an analyst looked, nothing there broke the law that the hotline works under."),
            may_look_again=True,
        ),
        _("not illegal"),
    )
    OUTSIDE_REMIT = (
        "outside_remit",
        ClosedReasonRow(_("When an analyst looked, it was not child sexual abuse material. Other services can help.")),
        _("outside remit"),
    )
    NOT_ASSESSABLE = (
        "not_assessable",
        ClosedReasonRow(_("An analyst looked, but could not reach a decision.")),
        _("could not be assessed"),
    )
    # Closed together with others after a sample: it may not have been looked at itself.
    SIMILAR = (
        "similar",
        ClosedReasonRow(
            _(
                "It was one of many similar reports. An analyst looked at some of them and found nothing to act on. If "
                "yours was about something else, please report it again."
            )
        ),
        _("closed together with similar reports"),
    )


type Outcome = tuple[str, str, int]


def public_state(facts: AddressFacts) -> tuple[PublicState, ClosedReason | None]:
    """The last state whose sentence is true of the address, and the reason where it is CLOSED."""
    state = [state for state in PublicState if state.row.is_true(facts)][-1]
    if state is not PublicState.CLOSED:
        return state, None
    return state, ClosedReason(facts.closed_reason)


def describe_outcomes(outcomes: Sequence[Outcome]) -> list[str]:
    """One or two sentences for each (public state, closed reason or "", how many addresses), in the same order
    and in the active language. No outcome at all means received.

    Raises ValueError for a state or a reason outside the two sets above.
    """
    rows = outcomes or [(PublicState.RECEIVED.value, "", 1)]
    alone = sum(count for _state, _reason, count in rows) == 1
    return [
        " ".join([_outcome_sentence(PublicState(state), count, alone=alone), *_reason_sentences(reason)])
        for state, reason, count in rows
    ]


def may_look_again(outcomes: Iterable[Outcome]) -> bool:
    """Whether the reporter of a receipt with these outcomes may ask for another look."""
    return any(reason and ClosedReason(reason).row.may_look_again for _state, reason, _count in outcomes)


def is_published_daily() -> bool:
    """Whether receipts change once a day, and so never on the day of the report."""
    return settings.PUBLISH_EVERY == "day"


def _outcome_sentence(state: PublicState, count: int, *, alone: bool) -> str:
    if alone:
        return str(state.row.alone)
    return in_digits(str(state.row.counted % {"count": count}), get_language() or "en")


def _reason_sentences(reason: str) -> list[str]:
    return [str(ClosedReason(reason).row.sentence)] if reason else []
