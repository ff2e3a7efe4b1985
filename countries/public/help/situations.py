"""The situations of the help pages: one row each, with all its texts, contacts and services."""

from dataclasses import dataclass
from enum import Enum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.choices import RowChoices
from countries.models import ContactKind, ServiceKind

# Above any age that a service names.
OLDEST = 200


class Audience(Enum):
    """The readers whom a part of a help page addresses, by the portal's legal age."""

    EVERYONE = "everyone"
    MINORS = "minors"
    ADULTS = "adults"

    def age_range(self, legal_age: int) -> tuple[int, int]:
        """The youngest and the oldest age, in years."""
        return legal_age if self is Audience.ADULTS else 0, legal_age - 1 if self is Audience.MINORS else OLDEST


class SituationGroup(TextChoices):
    """The doors to the situations: a child or a parent, an adult in distress, a person with another matter."""

    CHILD = "child", _("It is about me or a child I know")
    FEELINGS = "feelings", _("I am upset or worried")
    OTHER = "other", _("Another problem online")

    def situations(self) -> "list[Situation]":
        return [situation for situation in Situation if situation.row.group is self]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPart:
    """A part of a help page. All texts may contain %(age)s, the portal's legal age."""

    # None for the first part, which the page's own heading introduces.
    heading: Promise | None = None
    paragraphs: tuple[Promise, ...] = ()
    # Short advice, one item each.
    steps: tuple[Promise, ...] = ()
    # Introduces the contacts and services, which follow it; `without_list` replaces it where the portal has none.
    introduction: Promise | None = None
    without_list: Promise | None = None
    contacts: tuple[ContactKind, ...] = ()
    services: tuple[ServiceKind, ...] = ()
    audience: Audience = Audience.EVERYONE
    # Whether readers choose between this part and others: it opens on demand.
    is_answer: bool = False
    # Whether it ends with the way to the report form.
    leads_to_report: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationRow:
    """All properties of a situation except its slug and title."""

    group: SituationGroup
    parts: tuple[HelpPart, ...]
    # Slugs of situations that may fit as well.
    see_also: tuple[str, ...] = ()


class Situation(RowChoices):
    """Situations in the order in which pages list them: slug in the address, row, title."""

    row: SituationRow

    ABOUT_ME = (
        "me",
        SituationRow(
            group=SituationGroup.CHILD,
            parts=(
                HelpPart(
                    paragraphs=(_("It is not your fault. It does not matter what happened before."),),
                    introduction=_("Tell an adult you trust, or call a helpline for children."),
                    without_list=_("Tell an adult you trust."),
                    contacts=(ContactKind.CHILD_HELPLINE,),
                    services=(ServiceKind.PICTURES, ServiceKind.CHILD_HELPLINES),
                    audience=Audience.MINORS,
                ),
                HelpPart(
                    steps=(
                        _("Do not send the pictures to anyone. Do not send them to us."),
                        _("Do you know the link, or the app and the user name? You can send it here."),
                        _("You can tick that it is about you, and we read it sooner. You do not have to."),
                    ),
                    leads_to_report=True,
                ),
            ),
            see_also=("threats",),
        ),
        _("It is about me, and I am under %(age)s"),
    )
    THREATS = (
        "threats",
        SituationRow(
            group=SituationGroup.CHILD,
            parts=(
                HelpPart(
                    paragraphs=(_("You are not to blame. This happens to many people, and there is help."),),
                    steps=(
                        _("Do not pay. Do not send more pictures. The threats do not stop if you do."),
                        _("Write down the app and the user name. Keep the messages."),
                        _("Then block the person. Do not answer any more."),
                    ),
                ),
                HelpPart(
                    heading=_("I am under %(age)s"),
                    paragraphs=(_("Tell an adult you trust today. You do not have to do this alone."),),
                    contacts=(ContactKind.CHILD_HELPLINE, ContactKind.POLICE),
                    services=(ServiceKind.PICTURES, ServiceKind.CHILD_HELPLINES),
                    audience=Audience.MINORS,
                ),
                HelpPart(
                    heading=_("Is it all too much?"),
                    paragraphs=(
                        _("Are you thinking about hurting yourself? There is a way out, even if you cannot see it."),
                    ),
                    introduction=_("You matter. Talk to someone now:"),
                    without_list=_(
                        "You matter. Go to someone you trust now, or call the emergency number where you are."
                    ),
                    contacts=(ContactKind.EMERGENCY,),
                    services=(ServiceKind.LISTENING,),
                ),
                HelpPart(
                    heading=_("You can send the user name here"),
                    paragraphs=(
                        _(
                            "Write the app, and the name of the account that is threatening you. We do not ask who you "
                            "are."
                        ),
                    ),
                    leads_to_report=True,
                ),
                HelpPart(
                    heading=_("I am an adult"),
                    paragraphs=(_("Tell the police. Report the account to the app or site."),),
                    contacts=(ContactKind.POLICE, ContactKind.CYBERCRIME),
                    services=(ServiceKind.PICTURES, ServiceKind.LISTENING),
                    audience=Audience.ADULTS,
                    is_answer=True,
                ),
            ),
            see_also=("me",),
        ),
        _("Someone is threatening me with pictures"),
    )
    DANGER = (
        "danger",
        SituationRow(
            group=SituationGroup.CHILD,
            parts=(
                HelpPart(
                    introduction=_("Call now. Do not wait for an answer from this portal."),
                    without_list=_(
                        "Do not wait for this portal. Call the emergency number or the police where you are, at once."
                    ),
                    contacts=(ContactKind.EMERGENCY, ContactKind.POLICE, ContactKind.CHILD_HELPLINE),
                ),
                HelpPart(
                    heading=_("When you call"),
                    steps=(
                        _("Say where the child is, and what you saw or heard."),
                        _("Say if you know the child, the adult or the account."),
                        _("Do not put yourself in danger."),
                    ),
                    leads_to_report=True,
                ),
            ),
        ),
        _("A child is in danger now"),
    )
    CHAT = (
        "chat",
        SituationRow(
            group=SituationGroup.CHILD,
            parts=(
                HelpPart(
                    paragraphs=(
                        _("You can report a profile, a channel, a group or an invitation here."),
                        _("No web address (link)? Write the name of the app, and the user name, number or group."),
                    ),
                    leads_to_report=True,
                ),
                HelpPart(
                    steps=(
                        _("Do not join a group to find out more. Do not write to anyone in it."),
                        _("Do not send the pictures to anyone. Ask the police first what to do with them."),
                        _("Report the message or the account in the app, too."),
                    ),
                    contacts=(ContactKind.POLICE,),
                ),
            ),
        ),
        _("It is in a private chat or an app"),
    )
    THOUGHTS = (
        "thoughts",
        SituationRow(
            group=SituationGroup.FEELINGS,
            parts=(
                HelpPart(
                    paragraphs=(
                        _("Some people have sexual thoughts about children and do not want them. Help works."),
                    ),
                    introduction=_("Talk to a doctor or to one of these services."),
                    without_list=_("Talk to a doctor."),
                    contacts=(ContactKind.OTHER,),
                    services=(ServiceKind.THOUGHTS, ServiceKind.LISTENING),
                ),
                HelpPart(
                    steps=(
                        _("Stay away from pages and people that make it harder."),
                        _("Are you afraid you might harm a child? Move away from the child and get help now."),
                    ),
                    contacts=(ContactKind.EMERGENCY,),
                ),
            ),
            see_also=("danger",),
        ),
        _("I am worried about my own thoughts"),
    )
    UPSET = (
        "upset",
        SituationRow(
            group=SituationGroup.FEELINGS,
            parts=(
                HelpPart(
                    paragraphs=(
                        _("Many people feel shocked, angry or sad after they see it. That is normal."),
                        _("Talk to someone you trust, a doctor or a helpline. You do not have to describe it."),
                    ),
                    contacts=(ContactKind.CHILD_HELPLINE,),
                    services=(ServiceKind.LISTENING, ServiceKind.CHILD_HELPLINES),
                ),
                HelpPart(
                    paragraphs=(_("Close the page. Take a break, and do something that calms you."),),
                    introduction=_("Are you thinking about hurting yourself? Call for help now. You matter."),
                    without_list=_(
                        "Are you thinking about hurting yourself? Call the emergency number where you are now."
                    ),
                    contacts=(ContactKind.EMERGENCY,),
                ),
            ),
            see_also=("thoughts",),
        ),
        _("I am upset by what I saw"),
    )
    ADULTS = (
        "adults",
        SituationRow(
            group=SituationGroup.OTHER,
            parts=(
                HelpPart(
                    paragraphs=(
                        _("This portal cannot help with this. Report it to the site or app itself."),
                        _("Not sure that they are all adults? Then report it here."),
                    ),
                    leads_to_report=True,
                ),
                HelpPart(contacts=(ContactKind.REGULATOR,)),
                HelpPart(
                    heading=_("It is about me, and I am an adult"),
                    paragraphs=(_("Did someone share pictures of you without asking? You can get help."),),
                    without_list=_("The police where you live can tell you who can help."),
                    contacts=(ContactKind.POLICE,),
                    services=(ServiceKind.PICTURES,),
                    audience=Audience.ADULTS,
                ),
            ),
            see_also=("threats",),
        ),
        _("It shows adults only"),
    )
    HATE = (
        "hate",
        SituationRow(
            group=SituationGroup.OTHER,
            parts=(
                HelpPart(
                    paragraphs=(
                        _("This portal cannot help with this. Report it to the site or app itself."),
                        _("Is someone in danger? Tell the police."),
                    ),
                    contacts=(ContactKind.POLICE, ContactKind.REGULATOR),
                ),
            ),
        ),
        _("Hate, threats or violence"),
    )
    SCAM = (
        "scam",
        SituationRow(
            group=SituationGroup.OTHER,
            parts=(
                HelpPart(
                    paragraphs=(_("Do not pay, and keep the messages. The police can help you."),),
                    contacts=(ContactKind.CYBERCRIME, ContactKind.POLICE),
                ),
            ),
            see_also=("threats",),
        ),
        _("A scam, blackmail or a stolen account"),
    )
    OTHER = (
        "other",
        SituationRow(
            group=SituationGroup.OTHER,
            parts=(
                HelpPart(
                    paragraphs=(
                        _("This portal can only act on child sexual abuse. The police can tell you who can help."),
                    ),
                    contacts=(ContactKind.OTHER, ContactKind.POLICE),
                ),
            ),
        ),
        _("Something else"),
    )
