"""The code lists of the field, in its own terms: the UK's for assessments, ICCAM's for reasons."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes.reasons import Reason as Reason
from analysts.codes.reasons import ReasonGroup
from countries.choices import RowChoices
from reports.places import PlaceKind


class IncidentKind(TextChoices):
    ADDRESS = "address", _("address")
    # A report without any address: its words are assessed.
    WORDS = "words", _("words without an address")


class Role(TextChoices):
    ANALYST = "analyst", _("analyst")
    SENIOR = "senior", _("senior analyst")
    OPERATOR = "operator", _("operator")
    PARTNER = "partner", _("country partner")
    AUDITOR = "auditor", _("auditor")
    WELFARE = "welfare", _("welfare lead")
    ADMINISTRATOR = "administrator", _("administrator")
    # For interface texts, in the languages that two administrators gave the account.
    TRANSLATOR = "translator", _("translator")
    # An officer of a police force or a colleague of another hotline: sees what was referred to that recipient.
    RECIPIENT = "recipient", _("recipient")


class Verdict(TextChoices):
    ILLEGAL = "illegal", _("illegal")
    NOT_ILLEGAL = "not_illegal", _("not illegal")
    NOT_ASSESSED = "not_assessed", _("could not assess")
    OUTSIDE_REMIT = "outside_remit", _("outside remit")


class VerdictBasis(TextChoices):
    """The basis of an illegal verdict. Without a look, the takedown begins with one."""

    SEEN = "seen", _("seen on the isolated workstation")
    WORDS = "words", _("the words of the reports")
    DUPLICATE = "duplicate", _("a known duplicate")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityRow:
    """The properties of a category other than its code and label."""

    # As letters name the content to recipients who do not see its category.
    material: str = "child sexual abuse material"
    # It shows a child, whose age and sex are assessed.
    shows_child: bool = True
    # Its addresses can be on the URL list, which promises members what they block.
    is_listed: bool = True


class Severity(RowChoices):
    row: SeverityRow

    A = "A", SeverityRow(), _("A: penetrative, animal or sadism")
    B = "B", SeverityRow(), _("B: non-penetrative")
    C = "C", SeverityRow(), _("C: other indecent")
    PROHIBITED = "P", SeverityRow(), _("Prohibited: non-photographic")
    INCHOATE = (
        "I",
        SeverityRow(
            material="text or links that assist a child sexual abuse offence", shows_child=False, is_listed=False
        ),
        _("Inchoate: text or links that assist an offence"),
    )


SHOWS_CHILD = [severity for severity in Severity if severity.row.shows_child]
SHOWS_NO_CHILD = [severity for severity in Severity if not severity.row.shows_child]


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

    @property
    def is_free_host(self) -> bool:
        """Whether unrelated people put content there, so that one page says nothing about the next."""
        return self in _FREE_HOSTS


_FREE_HOSTS = frozenset(
    {
        SiteType.FILE_HOST,
        SiteType.IMAGE_STORE,
        SiteType.IMAGE_HOST,
        SiteType.SOCIAL_NETWORK,
        SiteType.REDIRECTOR,
        SiteType.WEB_ARCHIVE,
        SiteType.SEARCH_PROVIDER,
        SiteType.BLOG,
        SiteType.MESSAGING,
    }
)


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
    KNOWN_PERSON = "known_person", _("child or suspect known")


def _reasons_in_groups(*groups: ReasonGroup) -> frozenset[Reason]:
    return frozenset(reason for reason in Reason if reason.row.group in groups)


# The reasons allowed for each verdict. An illegal verdict has none: it is classified instead.
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
    SERVICE = "service", _("online payment service")
    POINTS = "points", _("points or the site’s own currency")


class ContentKind(TextChoices):
    """The kind of content at the reported address."""

    NOT_DETERMINED = "not_determined", _("not determined")
    IMAGE = "image", _("image")
    VIDEO = "video", _("video")
    LIVE_STREAM = "live_stream", _("live stream")
    TEXT = "text", _("text")
    SEVERAL = "several", _("several of these")


class FoundOn(TextChoices):
    """Where the reporter found the content, as the analyst confirms it: the places that the public form suggests."""

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
    """Content warnings before a reveal; also what a user may choose not to see today."""

    SEVERE = "severe", _("category A")
    YOUNG = "young", _("very young children")
    VIOLENCE = "violence", _("violence")


class ReviewStage(TextChoices):
    """Which review of the round an assessment is."""

    FIRST = "first", _("first review")
    SECOND = "second", _("second review")
    # If the two reviews disagree.
    SENIOR = "senior", _("decision by a senior analyst")


class UndoReason(TextChoices):
    """Why a decision was undone. Coded, so that it cannot hold reported content."""

    SLIP = "slip", _("recorded by mistake")
    OTHER_INCIDENT = "other_incident", _("meant for another incident")
    LOOKED_AGAIN = "looked_again", _("reassessed")
    ADVICE = "advice", _("advice from a colleague")


class Closing(TextChoices):
    """How an incident ended."""

    GONE = "gone", _("content confirmed removed")
    NOT_ACTIONED = "not_actioned", _("no action taken")
    EXHAUSTED = "exhausted", _("no further action possible")
    # Its reports now belong to another incident.
    MERGED = "merged", _("merged into another incident")


class HoldReason(TextChoices):
    """Why an incident is under legal hold."""

    POLICE = "police", _("requested by the police")
    COURT = "court", _("ordered by a court or prosecutor")
    COMPLAINT = "complaint", _("a complaint or claim is open")
    OTHER = "other", _("other")


class Fact(TextChoices):
    """Facts from the checkboxes of a report and from intake; codes only, never words."""

    CHILD_IN_DANGER = "child_in_danger", _("says a child is in danger now")
    CHILD_KNOWN = "child_known", _("says the child or the suspect is known")
    LOGIN_NEEDED = "login_needed", _("a login is needed")
    PAYMENT_NEEDED = "payment_needed", _("payment is needed")
    LIVE_STREAM = "live_stream", _("a live stream")
    UNREADABLE = "unreadable", _("an envelope could not be opened")
    MANY_ADDRESSES = "many_addresses", _("names more addresses than can be queued one by one")


class EntryOrigin(TextChoices):
    """How the hotline got an address that no public report named."""

    TELEPHONE = "telephone", _("by telephone")
    LETTER = "letter", _("by e-mail or letter")
    HOTLINE = "hotline", _("from another hotline")
    POLICE = "police", _("from the police")
    PARTNER = "partner", _("from a helpline or another organisation")
    FOUND = "found", _("found by an analyst")
    # Not a choice of the form: an open case of a history import.
    IMPORTED = "imported", _("open in the former system")


class RevealReason(TextChoices):
    """Why a user reveals an incident that they have not claimed. Coded, so that it cannot hold reported content."""

    ACTING = "acting", _("acting on it: referral, notice or check")
    SECOND_REVIEW = "second_review", _("second review on request")
    ADVICE = "advice", _("advice to a colleague")
    QUALITY = "quality", _("quality check")
    COMPLAINT = "complaint", _("complaint or police enquiry")
    ANSWER = "answer", _("a reporter answered our question")
    SAMPLE = "sample", _("sample of similar reports")


class FoldReason(TextChoices):
    """Why an analyst folds similar reports by hand. Coded, so that it cannot hold reported content."""

    INVENTED = "invented", _("the addresses seem invented")
    REPEATED = "repeated", _("the same content under many addresses")
    UNREACHABLE = "unreachable", _("none of the pages checked exists")


class ClosingDeclineReason(TextChoices):
    """Why a second person declines to close similar reports. Coded, so that it cannot hold reported content."""

    DIFFERENT = "different", _("some of them are something else")
    POSSIBLY_ILLEGAL = "illegal", _("some of them may be illegal")
    OTHER_VERDICT = "verdict", _("another verdict or reason applies")
    OPEN_SAMPLE = "open_sample", _("the sample should be opened first")


class Canned(TextChoices):
    """The standard texts to the holder of a receipt, by topic (`analysts.assessment.standard_replies`)."""

    LOGIN = "login", _("sign-in or payment needed?")
    COMPLETE = "complete", _("nothing found: send the address again")
    PART = "part", _("which part of the page?")
    SEEN = "seen", _("when was it seen?")
    FOUND = "found", _("how was it found?")
    THANKS = "thanks", _("thank you for the answer")
    GONE = "gone", _("thank you: content removed")
    CANNOT = "cannot", _("we cannot act: who can help")
    UNDER_18 = "under_18", _("under 18 and affected: where to find help")


class Limit(TextChoices):
    """The limits that stop a user from viewing content."""

    ON_BREAK = "on_break", _("on a break")
    CUT_OFF = "cut_off", _("end of the working day")
    BUDGET = "budget", _("daily exposure limit")
    BREAK = "break", _("a break is due")
