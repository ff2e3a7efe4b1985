"""The closed sets of who is told of illegal material: kinds of recipient and referral, and the steps that lead to them.

`RecipientKind.row` holds everything the code has to know of a kind of recipient. Step by step: "A referral or recipient
kind" in CONTRIBUTING.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.choices import RowChoices


class ReferralKind(TextChoices):
    """What a referral is counted and translated as. The entry on the URL list goes to no recipient."""

    TAKEDOWN = "takedown", _("takedown requested")
    HOTLINE = "hotline", _("referred to a hotline")
    POLICE = "police", _("referred to the police")
    URL_LIST = "url_list", _("put on the URL list")


class RouteStep(TextChoices):
    """What can be done about an incident; several can be true at once."""

    POLICE_HOLD = "police_hold", _("ask the police for clearance; nothing goes out before")
    NOTICE_HOST = "notice_host", _("notice to the hosting provider")
    NOTICE_HOST_LATER = "notice_host_later", _("notice to the hosting provider after a set time")
    NOTICE_OWNER = "notice_owner", _("notice to the site owner")
    NOTICE_PLATFORM = "notice_platform", _("notice to the platform")
    HOTLINE = "hotline", _("referral to the country’s hotline")
    POLICE = "police", _("referral to the national police")
    URL_LIST = "url_list", _("entry on the URL list")

    @property
    def tells(self) -> "RecipientKind | None":
        """The kind of recipient that the step tells; None for the URL list."""
        return next((kind for kind in RecipientKind if self in kind.row.steps), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientKindRow:
    """One kind of recipient. Its notices are in `notices/shipped`, its label is the member's."""

    # In a sentence that lists all kinds.
    plural: Promise
    referred_as: ReferralKind
    # The steps of a route that tell it. Without one, only a person adds it to those told.
    steps: tuple[RouteStep, ...] = ()
    # What the form of a route asks, to have one named or chosen; None where none of its steps needs an answer.
    question: Promise | None = None
    # The hosting traces name it: a route finds it there, and another one is not offered to escalate to.
    is_traced: bool = False
    # Every country has its own: a route finds it by the country.
    is_national: bool = False
    # Names of this kind are offered where a person adds one to those told.
    is_offered: bool = False
    # The number of intervals after which it is reminded again and again; None where a person talks to it instead.
    reminded_every: Callable[[], int] | None = None
    # It is asked for clearance, and has a text of notices for that.
    is_asked_for_clearance: bool = False
    # Its notices say how an address was classified; all others need to know that it is illegal.
    sees_classification: bool = False
    # It is ranked by how fast it removes.
    is_ranked: bool = False
    # Others' code lists have the code of `referred_as` for it.
    is_in_code_lists: bool = True


class RecipientKind(RowChoices):
    row: RecipientKindRow

    HOST = (
        "host",
        RecipientKindRow(
            plural=_("hosting providers"),
            referred_as=ReferralKind.TAKEDOWN,
            steps=(RouteStep.NOTICE_HOST, RouteStep.NOTICE_HOST_LATER),
            is_traced=True,
            reminded_every=lambda: 1,
            is_ranked=True,
        ),
        _("hosting provider"),
    )
    OWNER = (
        "owner",
        RecipientKindRow(
            plural=_("owners"),
            referred_as=ReferralKind.TAKEDOWN,
            steps=(RouteStep.NOTICE_OWNER,),
            question=_("Who is the site owner?"),
            is_offered=True,
            reminded_every=lambda: settings.CHASE_OWNER_EVERY,
            is_in_code_lists=False,
        ),
        _("site owner"),
    )
    REGISTRAR = (
        "registrar",
        RecipientKindRow(
            plural=_("registrars"),
            referred_as=ReferralKind.TAKEDOWN,
            is_offered=True,
            reminded_every=lambda: settings.CHASE_REGISTRAR_EVERY,
            is_in_code_lists=False,
        ),
        _("registrar"),
    )
    PLATFORM = (
        "platform",
        RecipientKindRow(
            plural=_("platforms"),
            referred_as=ReferralKind.TAKEDOWN,
            steps=(RouteStep.NOTICE_PLATFORM,),
            question=_("Which platform?"),
            is_offered=True,
            reminded_every=lambda: 1,
        ),
        _("platform’s trust and safety team"),
    )
    POLICE = (
        "police",
        RecipientKindRow(
            plural=_("police"),
            referred_as=ReferralKind.POLICE,
            steps=(RouteStep.POLICE_HOLD, RouteStep.POLICE),
            question=_("Which police force?"),
            is_national=True,
            is_asked_for_clearance=True,
            sees_classification=True,
        ),
        _("police"),
    )
    HOTLINE = (
        "hotline",
        RecipientKindRow(
            plural=_("hotlines"),
            referred_as=ReferralKind.HOTLINE,
            steps=(RouteStep.HOTLINE,),
            question=_("Which hotline?"),
            is_national=True,
            is_offered=True,
            sees_classification=True,
        ),
        _("hotline"),
    )


def kinds_that_are(quality: Callable[[RecipientKindRow], bool]) -> list[RecipientKind]:
    """The kinds of recipient whose row has the quality, in their order."""
    return [kind for kind in RecipientKind if quality(kind.row)]
