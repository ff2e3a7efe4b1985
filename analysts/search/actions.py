"""Searching: limited, and on record as a fingerprint that is erased with the key of its month."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analysts.incidents.fingerprints import compute_monthly_fingerprint
from analysts.incidents.permissions import check_sees_content
from analysts.models import User
from analysts.search.limits import count_search
from analysts.search.lookups import SearchResults, find_results
from analysts.search.terms import SearchTerms
from audit.actions import JSON, record_event
from audit.permissions import Denied
from reports import keys


@transaction.atomic
def search_incidents(*, by: User, terms: SearchTerms, now: datetime | None = None) -> SearchResults | None:
    """Look the terms up and record that; None if the user has reached the limit of the hour.

    Raises Denied for other roles, and if this month's key is missing: then the search could not be put on record.
    """
    now = now or timezone.now()
    check_sees_content(by)
    try:
        key_id, fingerprint = compute_monthly_fingerprint(terms.canonical, now=now)
    except (keys.NoOpenKey, keys.KeyMissing):
        raise Denied(_("The key of this month is missing, so searches are not possible.")) from None
    if not count_search(by, now=now):
        return None
    results = find_results(terms, by)
    details: dict[str, JSON] = {
        "kinds": terms.kinds,
        "key": key_id,
        "fingerprint": fingerprint.hex(),
        "count": results.number,
    }
    record_event(by=by, action="search.make", details=details, at=now)
    return results
