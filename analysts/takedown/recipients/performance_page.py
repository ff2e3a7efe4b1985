"""The provider performance page, and the dashboard card for unverified recipients."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isinf

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents import durations
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import User
from analysts.takedown.recipients import performance, permissions
from analysts.takedown.recipients.performance import recipients_to_verify
from analysts.takedown.recipients.permissions import check_may_verify
from audit.permissions import is_allowed
from countries.disclosure import FEWEST_NOTIFIED
from countries.languages import country_in_words
from countries.staff.requests.staff_pages import staff_page

ROWS_PER_PAGE = 50
# With fewer providers, a tenth would be less than one.
LEAST_FOR_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Provider:
    """A ranked provider. `half`: empty if more than half is still online. `tenth`: `best`, `slowest` or empty."""

    place: int
    id: str
    name: str
    country: str
    notified: int
    removed: int
    still_there: int
    quick_percent: int
    half: str
    tenth: str


@require_safe
def ranking_page(request: StaffRequest) -> HttpResponse:
    permissions.check_can_see(request.user)
    slowest_first = request.GET.get("order") == "slowest"
    # As a list: to count them, the database would rank them a second time.
    ranked = list(performance.rank_providers(now=timezone.now(), slowest_first=slowest_first))
    page = Paginator(ranked, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Provider performance"),
        "page": page,
        "providers": provider_rows(page, slowest_first=slowest_first),
        "slowest_first": slowest_first,
        "days": performance.DAYS,
        "least_notified": FEWEST_NOTIFIED,
        "quick_hours": performance.QUICK_HOURS,
    }
    return staff_page(request, "analysts/takedown/recipients/performance.html", context)


def provider_rows(page: "Page[performance.ProviderFigures]", *, slowest_first: bool) -> list[Provider]:
    all_of_them = page.paginator.count
    tenth = all_of_them // 10 if all_of_them >= LEAST_FOR_TENTHS else 0
    rows = []
    for number, row in enumerate(page, start=page.start_index()):
        place = all_of_them + 1 - number if slowest_first else number
        rows.append(
            Provider(
                place=place,
                id=str(row["to"]),
                name=row["to__name"],
                country=country_in_words(row["to__country"]),
                notified=row["notified"],
                removed=row["removed"],
                still_there=row["still_there"],
                quick_percent=round(100 * row["quick"] / row["notified"]),
                half="" if isinf(row["half"]) else durations.in_words(timedelta(hours=row["half"])),
                tenth="best" if place <= tenth else "slowest" if place > all_of_them - tenth else "",
            )
        )
    return rows


def count_unverified(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    return {"recipients_to_verify": recipients_to_verify()} if is_allowed(check_may_verify, user) else {}


def show_unverified(user: User, now: datetime, counts: Counts) -> PageSection | None:
    number = counts.get("recipients_to_verify", 0)
    return PageSection("analysts/takedown/recipients/_dashboard.html", number) if number else None
