"""Look-ups in the addresses of admin lists: an allow-list for each list."""

from django.http import HttpRequest


class ListedLookups:
    """Base class of every ModelAdmin: refuses (400) look-ups other than those that the list itself offers.

    Django allows any look-up on a model's own fields, and on those of related rows that a filter leads to, so that a
    user could guess letter by letter what no page shows them: a password hash, or the access phrase of a portal.
    """

    allowed_lookups: frozenset[str] = frozenset()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in self.allowed_lookups
