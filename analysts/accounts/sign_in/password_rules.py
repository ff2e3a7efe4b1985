"""Refuses passwords that a guesser tries first: common ones that were only lengthened, and words of this place."""

from functools import cached_property

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from analysts.models import User

# Words of the product and its users; the hotline's name adds its own (OWASP ASVS 6.1.2).
PLACE_WORDS = frozenset(
    [
        "administrator",
        "analyst",
        "auditor",
        "hotline",
        "incident",
        "operator",
        "partner",
        "portal",
        "portals",
        "receipt",
        "report",
        "reporting",
        "reports",
        "reporter",
        "senior",
        "staff",
        "takedown",
        "welfare",
    ]
)
SHORTEST_PART = 4
MOST_PARTS = 2
# A longer one is no lengthened common password, and the work is bounded.
LONGEST_LOOKED_AT = 64


class LengthenedPasswordValidator(CommonPasswordValidator):
    """Refuses what consists of at most MOST_PARTS common passwords or words of this place.

    Between and around them may stand anything but new letters: digits, marks, and letters that only repeat the one
    before. The common passwords are the 19,640 that Django ships, of which only 190 have the 12 characters that every
    password must have here; lengthened by two parts and digits they cover the usual long ones.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) <= LONGEST_LOOKED_AT and self._is_lengthened(password.casefold()):
            raise ValidationError(
                _("This password is a common one, lengthened. Use three or more unrelated words."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be one or two common passwords or words of this site, with digits or marks.")

    @cached_property
    def _parts(self) -> frozenset[str]:
        hotline_words = {word.casefold() for word in settings.HOTLINE_NAME.split()}
        return frozenset(part for part in {*self.passwords, *PLACE_WORDS, *hotline_words} if len(part) >= SHORTEST_PART)

    def _is_lengthened(self, text: str) -> bool:
        """Whether so few parts account for all of its letters."""
        longest = max(map(len, self._parts))
        too_many = MOST_PARTS + 1
        # fewest[n]: the fewest parts that account for the first n characters.
        fewest = [0] + [too_many] * len(text)
        for end in range(1, len(text) + 1):
            last = text[end - 1]
            if not last.isalpha() or text[end - 2 : end - 1] == last:
                fewest[end] = fewest[end - 1]
            for start in range(max(0, end - longest), end - SHORTEST_PART + 1):
                if fewest[start] < MOST_PARTS and text[start:end] in self._parts:
                    fewest[end] = min(fewest[end], fewest[start] + 1)
        return fewest[-1] <= MOST_PARTS
