"""Kinds of recipient and referral, and the route steps that lead to them.

`RecipientKind.row` holds everything that the code needs to know about a kind of recipient. Step by step: "A referral or
recipient kind" in CONTRIBUTING.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.choices import RowChoices

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class ReferralKind(TextChoices):
    """How a referral is counted, and mapped to other code lists. An entry on the URL list has no recipient."""

    TAKEDOWN = "takedown", _("takedown requested")
    HOTLINE = "hotline", _("referred to a hotline")
    POLICE = "police", _("referred to the police")
    URL_LIST = "url_list", _("added to the URL list")


class RouteStep(TextChoices):
    """The steps that a route can contain; a route may have several."""

    POLICE_HOLD = "police_hold", _("police clearance, before anything is sent")
    NOTICE_HOST = "notice_host", _("notice to the hosting provider")
    NOTICE_HOST_LATER = "notice_host_later", _("notice to the hosting provider after a set time")
    NOTICE_OWNER = "notice_owner", _("notice to the site owner")
    NOTICE_PLATFORM = "notice_platform", _("notice to the platform")
    HOTLINE = "hotline", _("referral to the country’s hotline")
    POLICE = "police", _("referral to the national police")
    URL_LIST = "url_list", _("entry on the URL list")

    @property
    def recipient_kind(self) -> "RecipientKind | None":
        """The kind of recipient that the step notifies; None for the URL list."""
        return next((kind for kind in RecipientKind if self in kind.row.steps), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientKindRow:
    """One kind of recipient. Its notices are in `notices/shipped`, its label is the member's."""

    # For sentences that list all kinds.
    plural: Promise
    # None: it is only alerted to a child in danger, and nothing is referred to it.
    referred_as: ReferralKind | None
    # The route steps that notify it. Without steps, it is only added by hand.
    steps: tuple[RouteStep, ...] = ()
    # The route form's question for choosing the recipient; None if no step needs one.
    question: "StrPromise | None" = None
    # Identified by the hosting traces: routes take it from there, and escalations offer no other one.
    is_traced: bool = False
    # Specific to a country: routes find it by the country.
    is_national: bool = False
    # Recipients of this kind are offered when a user adds one by hand.
    is_offered: bool = False
    # The number of intervals between its reminders; None if staff contact it in person instead.
    reminded_every: Callable[[], int] | None = None
    # Receives clearance requests, for which there is a notice text.
    is_asked_for_clearance: bool = False
    # Its notices include the classification; those to others only say that the content is illegal.
    sees_classification: bool = False
    # Its letters say when the content was reported and last seen; others could pass that on to the offender.
    sees_times: bool = True
    # Ranked in provider performance by removal times.
    is_ranked: bool = False
    # A hosting service in the sense of the EU's Digital Services Act: named in the yearly report and in sheets.
    is_provider: bool = False
    # Hears complaints about a decision for six months (Digital Services Act, Art. 20).
    hears_complaints: bool = False
    # A receipt may say that its notice was sent.
    is_on_receipts: bool = False
    # Other code lists have a code for its referrals (`referred_as`).
    is_in_code_lists: bool = True
    # Can be written to before any verdict, where a report says that a child is in danger.
    is_alerted: bool = False


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
            is_provider=True,
            is_on_receipts=True,
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
            sees_times=False,
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
            sees_times=False,
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
            is_provider=True,
            hears_complaints=True,
            is_on_receipts=True,
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
            is_alerted=True,
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
            is_on_receipts=True,
        ),
        _("hotline"),
    )
    PROTECTION = (
        "protection",
        RecipientKindRow(
            plural=_("child protection bodies and helplines"),
            referred_as=None,
            sees_times=False,
            is_in_code_lists=False,
            is_alerted=True,
        ),
        _("child protection body or helpline"),
    )


def kinds_that_are(quality: Callable[[RecipientKindRow], bool]) -> list[RecipientKind]:
    """The kinds of recipient whose row has the quality, in the order of definition."""
    return [kind for kind in RecipientKind if quality(kind.row)]


# Every kind that an incident can be referred to.
REFERRED = kinds_that_are(lambda kind: kind.referred_as is not None)
