"""Definitions of the options of an assessment, shown beside each option.

Paraphrased from the Sentencing Council's categories for England and Wales and from the glossaries of INHOPE and of
hotlines. They are short and clinical because analysts read them many times a day.
"""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.codes import (
    AgeBand,
    Commerciality,
    ContentKind,
    ContentWarning,
    Flag,
    FoundOn,
    PaymentKind,
    Reason,
    Severity,
    Sex,
    SiteType,
    Verdict,
    VerdictBasis,
)

# Keyed by list first: options of different lists can have the same code, and then compare equal.
DEFINITIONS: dict[type[TextChoices], dict[TextChoices, Promise]] = {
    Verdict: {
        Verdict.ILLEGAL: _("Child sexual abuse material under the law that this hotline assesses by."),
        Verdict.NOT_ILLEGAL: _("Seen, and not child sexual abuse material under that law."),
        Verdict.NOT_ASSESSED: _("Not seen, or not enough of it to decide. The reason says why."),
        Verdict.OUTSIDE_REMIT: _("Seen, but outside this hotline’s remit."),
    },
    VerdictBasis: {
        VerdictBasis.SEEN: _("You saw the content there, for this incident."),
        VerdictBasis.WORDS: _("Not seen. What the reports say suffices for the verdict; a look follows."),
        VerdictBasis.DUPLICATE: _("Not seen here. The same content was seen at another address; a look follows."),
    },
    Severity: {
        Severity.A: _("Penetrative sexual activity, sexual activity with an animal, or sadism."),
        Severity.B: _("Sexual activity without penetration."),
        Severity.C: _("Indecent, and neither category A nor B."),
        Severity.PROHIBITED: _(
            "Drawn or computer-made and not like a photograph. In remit only where hosted in the UK."
        ),
        Severity.INCHOATE: _("Shows no child, but helps others to find such material or to commit an offence."),
    },
    AgeBand: {
        AgeBand.AGE_0_2: _("A baby or toddler."),
        AgeBand.AGE_3_6: _("Nursery-school age."),
        AgeBand.AGE_7_10: _("Primary-school age, before puberty."),
        AgeBand.AGE_11_13: _("Puberty is beginning."),
        AgeBand.AGE_14_15: _("Puberty is well under way."),
        AgeBand.AGE_16_17: _("Looks nearly adult, but is known or clearly seen to be under 18."),
    },
    Sex: {
        Sex.GIRLS: _("All children shown are girls."),
        Sex.BOYS: _("All children shown are boys."),
        Sex.BOTH: _("Both girls and boys are shown."),
        Sex.NOT_IDENTIFIABLE: _("Cannot be determined from what is visible."),
    },
    SiteType: {
        SiteType.NOT_DETERMINED: _("Not examined, or cannot be determined."),
        SiteType.WEBSITE: _("A site with pages of its own that is none of the other types."),
        SiteType.FILE_HOST: _("Users upload files, and anyone with the link can download them."),
        SiteType.IMAGE_STORE: _("Stores pictures that are embedded in other sites, and has no pages for visitors."),
        SiteType.IMAGE_HOST: _("Visitors upload pictures and get a page or link to share."),
        SiteType.IMAGE_BOARD: _("Threads of pictures, mostly posted without an account."),
        SiteType.FORUM: _("Discussion in threads, by members or openly."),
        SiteType.BANNER_SITE: _("Banners or previews that lead to other sites."),
        SiteType.LINK_SITE: _("Little else than links to other sites."),
        SiteType.SOCIAL_NETWORK: _("Profiles, followers and posts."),
        SiteType.REDIRECTOR: _("Sends the visitor on to another address, such as a link shortener."),
        SiteType.WEB_ARCHIVE: _("A stored copy of a page that is or was elsewhere."),
        SiteType.SEARCH_PROVIDER: _("Results or previews of a search engine."),
        SiteType.BLOG: _("Dated entries by one author or a few."),
        SiteType.MESSAGING: _("A chat, channel or group of a messenger."),
        SiteType.HACKED_SITE: _("A legitimate site on which a folder was placed without the owner’s knowledge."),
        SiteType.NOT_APPLICABLE: _("Not on a site, for example words without an address."),
    },
    Commerciality: {
        Commerciality.NOT_DETERMINED: _("Not examined, or cannot be determined."),
        Commerciality.COMMERCIAL: _("Made to earn money: for payment, for referrals, or by selling access."),
        Commerciality.NON_COMMERCIAL: _("No sign that anyone earns money from it."),
    },
    PaymentKind: {
        PaymentKind.NOT_DETERMINED: _("Commercial, but the means of payment cannot be determined."),
        PaymentKind.CARD: _("The page asks for a bank or credit card, or shows their logos."),
        PaymentKind.CRYPTO: _("A wallet’s address or a coin’s name is given."),
        PaymentKind.TRANSFER: _("A bank account or a money transfer service is named."),
        PaymentKind.MOBILE: _("Paid by mobile money, a text message or the phone bill."),
        PaymentKind.VOUCHER: _("Prepaid codes or gift cards are accepted."),
        PaymentKind.SERVICE: _("An account with an online payment service is requested."),
        PaymentKind.POINTS: _("Credits or points that are bought or earned on the site itself."),
    },
    ContentKind: {
        ContentKind.NOT_DETERMINED: _("Not seen, or cannot be determined."),
        ContentKind.IMAGE: _("Still pictures."),
        ContentKind.VIDEO: _("Moving pictures that were recorded."),
        ContentKind.LIVE_STREAM: _("Shown as it happens, or a recording of such a stream."),
        ContentKind.TEXT: _("Words only: a story, a guide, an advertisement, a chat."),
        ContentKind.SEVERAL: _("More than one kind at the same address."),
    },
    FoundOn: {
        FoundOn.NOT_DETERMINED: _("Not stated in the report, or cannot be determined."),
        FoundOn.WEB_PAGE: _("While reading a page of the open web."),
        FoundOn.SOCIAL_NETWORK: _("In a feed, a profile or a group of a social network."),
        FoundOn.CHAT: _("Sent or shown in a messenger, a game or another app."),
        FoundOn.IMAGE_HOST: _("On a site where users upload pictures."),
        FoundOn.FORUM: _("In a thread of a forum or board."),
        FoundOn.FILE_SHARING: _("On a file host or in a network between users’ own computers."),
        FoundOn.NEWSGROUP: _("In a newsgroup of Usenet."),
        FoundOn.SEARCH_RESULT: _("Among the results of a search engine."),
        FoundOn.EMAIL: _("In an e-mail or through a link in one."),
    },
    Flag: {
        Flag.SELF_GENERATED: _(
            "Made by a child with a phone or webcam, no offender in the room; often tricked or pressed into it."
        ),
        Flag.SEXTORTION: _("A child is or was threatened into it, or blackmailed with it."),
        Flag.AI_GENERATED: _("Generated or altered by artificial intelligence, regardless of who is depicted."),
        Flag.SEVERAL_CHILDREN: _("More than one child in the same image or video."),
        Flag.DRAWN: _("Drawing, cartoon or computer graphics rather than a photograph."),
        Flag.CHILD_MODELLING: _("A child posed and offered as a model, often in sets."),
        Flag.KNOWN_PERSON: _("The child or a suspect is known, for example to the police. The police learn of it."),
    },
    ContentWarning: {
        ContentWarning.SEVERE: _("Expect category A material."),
        ContentWarning.YOUNG: _("Expect children aged six or younger."),
        ContentWarning.VIOLENCE: _("Expect violence or visible distress."),
    },
    Reason: {reason: reason.row.definition for reason in Reason},
}


def definition_of(choice: TextChoices) -> str:
    """The definition shown beside the option. Raises KeyError if its list has no definitions."""
    return str(DEFINITIONS[type(choice)][choice])
