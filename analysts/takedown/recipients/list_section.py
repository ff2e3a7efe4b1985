"""The list of all incidents by the recipients that they were referred to."""

from collections.abc import Sequence

from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from analysts.incidents.list_kit import Choices, ListFilter, facet_choice
from analysts.models import Recipient, RecipientKind

# The rest are not suggested, but can be typed.
MOST_SUGGESTED = 300


def suggest_recipients() -> Choices:
    recipients = Recipient.objects.order_by(Lower("name")).values_list("kind", "name")[:MOST_SUGGESTED]
    return [(name, RecipientKind(kind).label) for kind, name in recipients]


def find_recipients(name: str) -> Sequence[str]:
    """The ids of the recipients of this name, ignoring case: there may be one of each kind."""
    recipients = Recipient.objects.alias(lower_name=Lower("name")).filter(lower_name=name.strip().lower())
    return [str(recipient) for recipient in recipients.values_list("pk", flat=True)[:20]]


FILTERS = (
    ListFilter(
        name="recipient",
        label=_("Recipient"),
        choices=lambda reader: suggest_recipients(),
        facets=facet_choice("recipient"),
        find_ids=find_recipients,
    ),
)
