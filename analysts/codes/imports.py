"""Codes of history imports: the code lists of a former system, and what becomes of its rows."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CodeList(TextChoices):
    """The lists of codes of a former system. Each code is mapped to one of ours, or left empty."""

    VERDICT = "verdict", _("verdict")
    SEVERITY = "severity", _("severity")
    AGE_BAND = "age_band", _("age of the youngest child")
    SEX = "sex", _("sex")
    SITE_TYPE = "site_type", _("site type")
    STATE = "state", _("state")
    # A column of forms that the former hotline designed: `question: value`.
    ANSWER = "answer", _("answer in the classification form")


class OldState(TextChoices):
    """Whether a case was open in the former system."""

    OPEN = "open", _("open: waits in the queue")
    CLOSED = "closed", _("closed: history only")


class RowOutcome(TextChoices):
    """The outcomes of a row that can be taken."""

    KEPT = "kept", _("address and classification kept")
    CLASSIFIED = "classified", _("older than the retention period: only the classification kept")
    ANONYMISED = "anonymised", _("anonymised in the former system: only the classification kept")
    QUEUED = "queued", _("open: waits in the queue")
    HINTED = "hinted", _("open, but the address has an incident here: a hint on its page")
    REPEATED = "repeated", _("imported before: nothing changes")


# The rows whose address can be read.
WITH_ADDRESS = (RowOutcome.KEPT, RowOutcome.CLASSIFIED, RowOutcome.QUEUED, RowOutcome.HINTED)


class RowRefusal(TextChoices):
    """Why a row cannot be taken. Coded, so that it never repeats what the row says."""

    DELETED = "deleted", _("deleted in the former system")
    NO_REFERENCE = "no_reference", _("no reference")
    BAD_REFERENCE = "bad_reference", _("the reference is not at most 64 letters, digits or . _ / # -")
    SAME_REFERENCE = "same_reference", _("an earlier row has the same reference")
    NO_ADDRESS = "no_address", _("no web address")
    SEVERAL_ADDRESSES = "addresses", _("more than one web address")
    CUT_ADDRESS = "cut_address", _("an address of 512 characters, which the former system has cut off")
    NO_DATE = "no_date", _("no date, so that no retention period can begin")
    BAD_DATE = "bad_date", _("a date that does not exist, or is not written as chosen")
    FUTURE_DATE = "future_date", _("a date later than today")
    BAD_CODE = "bad_code", _("a code of more than 80 characters, or with signs that codes do not have")
