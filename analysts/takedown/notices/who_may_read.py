"""Of which portals a letter tells: whoever reads it, or what was answered to it, works for them all."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from analysts.models import NoticeItem
from countries.models import Portal


def readers_of(notices: Collection[UUID]) -> dict[UUID, str]:
    """By letter: the names of all portals that it tells of."""
    if not notices:
        return {}
    items = NoticeItem.objects.filter(notice__in=notices, dropped="")
    portals: dict[UUID, set[int]] = defaultdict(set)
    for notice, of_incident in items.values_list("notice", "incident__portals"):
        portals[notice].update(of_incident)
    names = dict(Portal.objects.filter(pk__in=set().union(*portals.values())).values_list("pk", "name"))
    return {
        notice: get_text_list(sorted(names[pk] for pk in known if pk in names), _("and"))
        for notice, known in portals.items()
    }
