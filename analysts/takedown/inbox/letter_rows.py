"""The letters about a referral, as its inbox shows them: a correction and an answer in words, which no mail brings."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analysts.codes import Severity
from analysts.models import Notice, NoticeItem, Purpose
from analysts.takedown.notices.corrections import WITHDRAWING
from analysts.takedown.notices.placeholders import Placeholder

_WITHDRAWN = _(
    "Withdrawn: we do not consider it illegal, or should not have written to you. Please correct your records, and tell"
    " everybody to whom you passed it."
)


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A sent letter about the referral."""

    item: NoticeItem

    @property
    def notice(self) -> Notice:
        return self.item.notice

    @property
    def is_withdrawal(self) -> bool:
        if self.item.corrects_id:
            return not self.item.category
        return self.notice.purpose == Purpose.OUTCOME and self.notice.topic in WITHDRAWING

    @property
    def names_content(self) -> bool:
        """Whether it says that the content is illegal, or that it is not."""
        return self.is_withdrawal or not Purpose(self.notice.purpose).row.answers_reply

    @property
    def words(self) -> str | Promise:
        """The words of an answer, or of a correction; "" for a letter that refers an address. No address is in them."""
        if message := self.notice.letter_values.get(Placeholder.MESSAGE):
            return str(message)
        if not self.item.corrects_id:
            return ""
        if self.is_withdrawal:
            return _WITHDRAWN
        return format_lazy("{} {}", _("Corrected. The category is now:"), Severity(self.item.category).label)
