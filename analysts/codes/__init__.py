"""The field's code lists, in its own terms: the UK's for assessment, ICCAM's for reasons."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes.reasons import Reason as Reason
from analysts.codes.reasons import ReasonGroup
from reports.places import PlaceKind


class Role(TextChoices):
    ANALYST = "analyst", _("analyst")
    SENIOR = "senior", _("senior analyst")
    OPERATOR = "operator", _("operator")
    PARTNER = "partner", _("country partner")
    AUDITOR = "auditor", _("auditor")
    WELFARE = "welfare", _("welfare lead")
    ADMINISTRATOR = "administrator", _("administrator")


class Verdict(TextChoices):
    ILLEGAL = "illegal", _("illegal")
    NOT_ILLEGAL = "not_illegal", _("not illegal")
    NOT_ASSESSED = "not_assessed", _("could not assess")
    OUTSIDE_REMIT = "outside_remit", _("outside remit")


class Severity(TextChoices):
    A = "A", _("A: penetrative, animal or sadism")
    B = "B", _("B: non-penetrative")
    C = "C", _("C: other indecent")
    PROHIBITED = "P", _("Prohibited: non-photographic")


class AgeBand(TextChoices):
    AGE_0_2 = "0-2", "0–2"
    AGE_3_6 = "3-6", "3–6"
    AGE_7_10 = "7-10", "7–10"
    AGE_11_13 = "11-13", "11–13"
    AGE_14_15 = "14-15", "14–15"
    AGE_16_17 = "16-17", "16–17"


class Sex(TextChoices):
    GIRLS = "girls", _("girls")
    BOYS = "boys", _("boys")
    BOTH = "both", _("both")
    NOT_IDENTIFIABLE = "not_identifiable", _("not identifiable")


class SiteType(TextChoices):
    NOT_DETERMINED = "not_determined", _("not determined")
    WEBSITE = "website", _("website")
    FILE_HOST = "file_host", _("file host (cyberlocker)")
    IMAGE_STORE = "image_store", _("image store")
    IMAGE_HOST = "image_host", _("image host")
    IMAGE_BOARD = "image_board", _("image board")
    FORUM = "forum", _("forum")
    BANNER_SITE = "banner_site", _("banner site")
    LINK_SITE = "link_site", _("link site")
    SOCIAL_NETWORK = "social_network", _("social network")
    REDIRECTOR = "redirector", _("redirector")
    WEB_ARCHIVE = "web_archive", _("web archive")
    SEARCH_PROVIDER = "search_provider", _("search provider")
    BLOG = "blog", _("blog")
    MESSAGING = "messaging", _("messaging")
    HACKED_SITE = "hacked_site", _("hacked site")
    NOT_APPLICABLE = "not_applicable", _("not applicable")


class Commerciality(TextChoices):
    NOT_DETERMINED = "not_determined", _("not determined")
    COMMERCIAL = "commercial", _("commercial")
    NON_COMMERCIAL = "non_commercial", _("non-commercial")


class Flag(TextChoices):
    SELF_GENERATED = "self_generated", _("self-generated")
    SEXTORTION = "sextortion", _("sexually coerced extortion")
    AI_GENERATED = "ai_generated", _("AI-generated")
    SEVERAL_CHILDREN = "several_children", _("several children")
    DRAWN = "drawn", _("virtual or drawn")
    CHILD_MODELLING = "child_modelling", _("child modelling")


def _reasons_in_groups(*groups: ReasonGroup) -> frozenset[Reason]:
    return frozenset(reason for reason in Reason if reason.row.group in groups)


# Which reasons a verdict can have. Illegal has none: it is classified instead.
REASONS: dict[Verdict, frozenset[Reason]] = {
    Verdict.ILLEGAL: frozenset(),
    Verdict.NOT_ILLEGAL: _reasons_in_groups(ReasonGroup.SEEN, ReasonGroup.UNCLEAR, ReasonGroup.ANY),
    Verdict.NOT_ASSESSED: _reasons_in_groups(ReasonGroup.NOTHING_SEEN, ReasonGroup.UNCLEAR, ReasonGroup.ANY),
    Verdict.OUTSIDE_REMIT: _reasons_in_groups(ReasonGroup.SEEN, ReasonGroup.ANY),
}


class PaymentKind(TextChoices):
    """How a commercial site takes money."""

    NOT_DETERMINED = "not_determined", _("not determined")
    CARD = "card", _("bank or credit card")
    CRYPTO = "crypto", _("cryptocurrency")
    TRANSFER = "transfer", _("bank transfer")
    MOBILE = "mobile", _("mobile money or phone bill")
    VOUCHER = "voucher", _("voucher or gift card")
    SERVICE = "service", _("payment service on the web")
    POINTS = "points", _("points or a currency of the site’s own")


class ContentKind(TextChoices):
    """What the reported address shows."""

    NOT_DETERMINED = "not_determined", _("not determined")
    IMAGE = "image", _("image")
    VIDEO = "video", _("video")
    LIVE_STREAM = "live_stream", _("live stream")
    TEXT = "text", _("text")
    SEVERAL = "several", _("several of these")


class FoundOn(TextChoices):
    """Where the reporter came upon it, as the analyst confirms or corrects it: the places their form suggests."""

    NOT_DETERMINED = "not_determined", _("not determined")
    WEB_PAGE = PlaceKind.WEB_PAGE.value, PlaceKind.WEB_PAGE.label
    SOCIAL_NETWORK = PlaceKind.SOCIAL_NETWORK.value, PlaceKind.SOCIAL_NETWORK.label
    CHAT = PlaceKind.CHAT.value, PlaceKind.CHAT.label
    IMAGE_HOST = PlaceKind.IMAGE_HOST.value, PlaceKind.IMAGE_HOST.label
    FORUM = PlaceKind.FORUM.value, PlaceKind.FORUM.label
    FILE_SHARING = PlaceKind.FILE_SHARING.value, PlaceKind.FILE_SHARING.label
    NEWSGROUP = PlaceKind.NEWSGROUP.value, PlaceKind.NEWSGROUP.label
    SEARCH_RESULT = PlaceKind.SEARCH_RESULT.value, PlaceKind.SEARCH_RESULT.label
    EMAIL = PlaceKind.EMAIL.value, PlaceKind.EMAIL.label


class ContentWarning(TextChoices):
    """What the next person is warned of before anything is revealed; also what somebody may not want to see today."""

    SEVERE = "severe", _("category A")
    YOUNG = "young", _("very young children")
    VIOLENCE = "violence", _("violence")


class ReviewStage(TextChoices):
    """Whose assessment of a round it is."""

    FIRST = "first", _("first look")
    SECOND = "second", _("second look")
    # Where the two disagree.
    SENIOR = "senior", _("senior’s decision")


class UndoReason(TextChoices):
    """Why a decision was taken back. Codes, so that no word of it can hold content."""

    SLIP = "slip", _("a slip of the hand")
    OTHER_INCIDENT = "other_incident", _("meant for another incident")
    LOOKED_AGAIN = "looked_again", _("looked at it again")
    ADVICE = "advice", _("on a colleague’s advice")


class Closing(TextChoices):
    """How an incident ended."""

    GONE = "gone", _("content confirmed gone")
    NOT_ACTIONED = "not_actioned", _("nothing to act on")
    EXHAUSTED = "exhausted", _("all that can be done was done")
    # Its reports are those of another incident now.
    MERGED = "merged", _("merged into another incident")


class HoldReason(TextChoices):
    """Who or what asks that an incident be kept."""

    POLICE = "police", _("asked for by the police")
    COURT = "court", _("ordered by a court or prosecutor")
    COMPLAINT = "complaint", _("a complaint or claim is open")
    OTHER = "other", _("other")


class Fact(TextChoices):
    """What intake learned from a reporter's ticks; codes only, never words."""

    CHILD_IN_DANGER = "child_in_danger", _("says a child is in danger now")
    CHILD_KNOWN = "child_known", _("says the child or the suspect is known")
    LOGIN_NEEDED = "login_needed", _("a login is needed")
    PAYMENT_NEEDED = "payment_needed", _("payment is needed")
    LIVE_STREAM = "live_stream", _("a live stream")
    UNREADABLE = "unreadable", _("an envelope could not be opened")
    MANY_ADDRESSES = "many_addresses", _("names more addresses than can be queued one by one")


class RevealReason(TextChoices):
    """Why somebody looks at an incident that they do not hold. Codes, so that no word of it can hold content."""

    ACTING = "acting", _("acting on it: referral, notice or check")
    SECOND_LOOK = "second_look", _("second look on request")
    ADVICE = "advice", _("advice to a colleague")
    QUALITY = "quality", _("quality check")
    COMPLAINT = "complaint", _("complaint or question of the police")
    ANSWER = "answer", _("a reporter answered our question")


class Canned(TextChoices):
    """The standard texts to the holder of a receipt, by topic (`analysts.assessment.standard_replies`)."""

    LOGIN = "login", _("sign-in or payment needed?")
    COMPLETE = "complete", _("nothing found: send the address again")
    PART = "part", _("which part of the page?")
    SEEN = "seen", _("when was it seen?")
    FOUND = "found", _("how was it found?")
    THANKS = "thanks", _("thank you for the answer")
    GONE = "gone", _("thank you, it is gone")
    CANNOT = "cannot", _("we cannot act: who can")
    UNDER_18 = "under_18", _("under 18 and it is about you: help")


class Limit(TextChoices):
    """What says that it is time to stop."""

    ON_BREAK = "on_break", _("on a break")
    CUT_OFF = "cut_off", _("end of the day")
    BUDGET = "budget", _("minutes of the day")
    BREAK = "break", _("a break is due")
