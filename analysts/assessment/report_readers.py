"""Who reads a report in a language that the user does not work in: named on its page, with a key that hands it over."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysts.assessment.forms import hand_over_candidates
from analysts.assessment.reports_section import ReportRow
from analysts.incidents.permissions import check_can_hand_over
from analysts.models import Incident, User
from analysts.welfare.viewing import shows_words_at_once
from audit.permissions import is_allowed
from countries.languages import USUAL_LANGUAGE, is_readable_as, language_in_words

# Others who read it are in the list of the form that hands over.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class ReportReaders:
    """`language`: its English name. `colleagues`: who reads it and can take the incident over, at most MOST_NAMED.

    `to`: the first of them, if the user can hand it over now.
    """

    language: str
    colleagues: list[User]
    to: User | None


def find_report_readers(
    incident: Incident, user: User, reports: Sequence[ReportRow], *, revealed: bool
) -> ReportReaders | None:
    """The readers of the first report with words in a language that the user does not work in; None without one.

    Before a reveal, of an incident whose words are shown at once. One query, none without such a report.
    """
    if not revealed and not shows_words_at_once(incident):
        return None
    foreign = (row for row in reports if not _works_in(user, row.report.language) and (row.characters or not revealed))
    row = next(foreign, None)
    if row is None:
        return None
    readers = User.objects.readers().filter(pk__in=User.objects.analysts_of([row.report.portal_id]).values("pk"))
    candidates = hand_over_candidates(incident, user).filter(pk__in=readers.values("pk"))
    colleagues = [colleague for colleague in candidates if _works_in(colleague, row.report.language)][:MOST_NAMED]
    can_hand_over = bool(colleagues) and is_allowed(check_can_hand_over, user, incident)
    language = language_in_words(row.report.language, USUAL_LANGUAGE)
    return ReportReaders(language, colleagues, colleagues[0] if can_hand_over else None)


def _works_in(user: User, language: str) -> bool:
    return is_readable_as(user.language or USUAL_LANGUAGE, language)
