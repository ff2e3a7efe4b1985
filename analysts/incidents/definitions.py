"""What each option of an assessment means, in a sentence beside it.

In our own words, from what the field publishes: the Sentencing Council's categories for England and Wales, INHOPE's and
the hotlines' glossaries. Clinical and short: whoever reads them reads them often.
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
)

# By list and then by code: options of two lists may have the same code, and then count as equal.
DEFINITIONS: dict[type[TextChoices], dict[TextChoices, Promise]] = {
    Verdict: {
        Verdict.ILLEGAL: _("Child sexual abuse material under the law that this hotline assesses by."),
        Verdict.NOT_ILLEGAL: _("Seen, and not child sexual abuse material under that law."),
        Verdict.NOT_ASSESSED: _("Not seen, or not enough of it to decide. The reason says why."),
        Verdict.OUTSIDE_REMIT: _("Seen, and for others to deal with, not for this hotline."),
    },
    Severity: {
        Severity.A: _("Penetrative sexual activity, sexual activity with an animal, or sadism."),
        Severity.B: _("Sexual activity without penetration."),
        Severity.C: _("Indecent, and neither category A nor B."),
        Severity.PROHIBITED: _(
            "Drawn or computer-made and not like a photograph. In remit only where hosted in the UK."
        ),
    },
    AgeBand: {
        AgeBand.AGE_0_2: _("A baby or toddler."),
        AgeBand.AGE_3_6: _("Of the age of nursery school."),
        AgeBand.AGE_7_10: _("Of the age of primary school, before puberty."),
        AgeBand.AGE_11_13: _("Puberty is beginning."),
        AgeBand.AGE_14_15: _("Puberty is well under way."),
        AgeBand.AGE_16_17: _("Looks nearly adult, but is known or clearly seen to be under 18."),
    },
    Sex: {
        Sex.GIRLS: _("All children in it are girls."),
        Sex.BOYS: _("All children in it are boys."),
        Sex.BOTH: _("Girls and boys are in it."),
        Sex.NOT_IDENTIFIABLE: _("It cannot be told from what is visible."),
    },
    SiteType: {
        SiteType.NOT_DETERMINED: _("Not looked at, or it cannot be told."),
        SiteType.WEBSITE: _("A site with pages of its own that is none of the other types."),
        SiteType.FILE_HOST: _("Files are uploaded, and fetched by whoever has the link."),
        SiteType.IMAGE_STORE: _("Keeps pictures that are shown on other sites, and has no pages for visitors."),
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
        SiteType.HACKED_SITE: _("A site of somebody else, with a folder put there without the owner’s knowledge."),
        SiteType.NOT_APPLICABLE: _("Not on a site, for example words without an address."),
    },
    Commerciality: {
        Commerciality.NOT_DETERMINED: _("Not looked at, or it cannot be told."),
        Commerciality.COMMERCIAL: _("Made to earn money: for payment, for referrals, or by selling access."),
        Commerciality.NON_COMMERCIAL: _("No sign that anybody earns money with it."),
    },
    PaymentKind: {
        PaymentKind.NOT_DETERMINED: _("Commercial, and how it is paid for cannot be told."),
        PaymentKind.CARD: _("The page asks for a bank or credit card, or shows their logos."),
        PaymentKind.CRYPTO: _("A wallet’s address or a coin’s name is given."),
        PaymentKind.TRANSFER: _("A bank account or a money transfer service is named."),
        PaymentKind.MOBILE: _("Paid by mobile money, a text message or the phone bill."),
        PaymentKind.VOUCHER: _("Prepaid codes or gift cards are taken."),
        PaymentKind.SERVICE: _("An account with a payment service on the web is asked for."),
        PaymentKind.POINTS: _("Credits or points that are bought or earned on the site itself."),
    },
    ContentKind: {
        ContentKind.NOT_DETERMINED: _("Not seen, or it cannot be told."),
        ContentKind.IMAGE: _("Still pictures."),
        ContentKind.VIDEO: _("Moving pictures that were recorded."),
        ContentKind.LIVE_STREAM: _("Shown as it happens, or a recording of such a stream."),
        ContentKind.TEXT: _("Words only: a story, a guide, an advertisement, a chat."),
        ContentKind.SEVERAL: _("More than one kind at the same address."),
    },
    FoundOn: {
        FoundOn.NOT_DETERMINED: _("The report does not say, or it cannot be told."),
        FoundOn.WEB_PAGE: _("While reading a page of the open web."),
        FoundOn.SOCIAL_NETWORK: _("In a feed, a profile or a group of a social network."),
        FoundOn.CHAT: _("Sent or shown in a messenger, a game or another app."),
        FoundOn.IMAGE_HOST: _("On a site where people put pictures up."),
        FoundOn.FORUM: _("In a thread of a forum or board."),
        FoundOn.FILE_SHARING: _("On a file host or in a network between users’ own computers."),
        FoundOn.NEWSGROUP: _("In a newsgroup of Usenet."),
        FoundOn.SEARCH_RESULT: _("Among the results of a search engine."),
        FoundOn.EMAIL: _("In an e-mail or its link."),
    },
    Flag: {
        Flag.SELF_GENERATED: _(
            "Made by a child with a phone or webcam, no offender in the room; often tricked or pressed into it."
        ),
        Flag.SEXTORTION: _("A child is or was threatened into it, or blackmailed with it."),
        Flag.AI_GENERATED: _("Made or changed by artificial intelligence, whoever it shows."),
        Flag.SEVERAL_CHILDREN: _("More than one child in the same image or video."),
        Flag.DRAWN: _("Drawing, cartoon or computer graphics rather than a photograph."),
        Flag.CHILD_MODELLING: _("A child posed and offered as a model, often in sets."),
    },
    ContentWarning: {
        ContentWarning.SEVERE: _("Category A is to be expected."),
        ContentWarning.YOUNG: _("Children of six years or younger are to be expected."),
        ContentWarning.VIOLENCE: _("Violence or visible distress is to be expected."),
    },
    Reason: {reason: reason.row.definition for reason in Reason},
}


def definition_of(choice: TextChoices) -> str:
    """The sentence that stands beside the option. KeyError for an option of a list that has none."""
    return str(DEFINITIONS[type(choice)][choice])
