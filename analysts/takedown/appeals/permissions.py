"""Permission checks on appeals."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.codes import Role
from analysts.codes.appeals import Appellant
from analysts.incidents.permissions import check_sees_content
from analysts.models import Appeal, Assessment, Incident, Notice, NoticeItem, NoticeState, User
from audit.permissions import Denied


def check_can_file(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if not incident.known_chases:
        raise Denied(_("Only an illegal verdict can be appealed."))


def letters_about(incident: Incident) -> QuerySet[Notice]:
    """The letters about the incident that may name the holder of an account: sent steps of its takedown."""
    items = NoticeItem.objects.filter(incident=incident, dropped="", corrects=None, interval__isnull=False)
    notices = Notice.objects.filter(pk__in=items.values("notice"), state=NoticeState.SENT)
    return notices.select_related("recipient").order_by("-sent_at", "pk")


def check_names_letter(appellant: Appellant, letter: Notice | None, incident: Incident) -> None:
    """An account holder has no mailbox here: the recipient of the letter that names the account learns the outcome."""
    letters = letters_about(incident)
    if letter is None:
        if appellant == Appellant.HOLDER and letters.exists():
            raise Denied(_("Choose the letter that names the account. Its recipient learns the outcome."))
    elif appellant != Appellant.HOLDER:
        raise Denied(_("Only the appeal of an account holder needs a letter."))
    elif not letters.filter(pk=letter.pk).exists():
        raise Denied(_("This letter is not about this incident."))


def check_reviews_appeals(user: User) -> None:
    check_sees_content(user)
    if user.role != Role.SENIOR:
        raise Denied(_("A senior analyst decides appeals."))


def check_can_decide(user: User, incident: Incident) -> None:
    """The reviewer of an appeal is a senior analyst who has assessed neither the incident nor one merged into it."""
    check_reviews_appeals(user)
    # By ids: with a subquery in an OR, PostgreSQL reads all assessments.
    reviewed = [incident.pk, *incident.merged.values_list("pk", flat=True)]
    if Assessment.objects.filter(incident__in=reviewed, by=user).exists():
        raise Denied(_("You have assessed this incident. Another senior analyst decides the appeal."))


def has_read(user: User, appeal: Appeal) -> bool:
    """Whether the user has revealed the incident since the appeal came, and its reply, if it came by one, is read."""
    return user.pk in appeal.revealed_to and (appeal.reply is None or appeal.reply.read_at is not None)


def check_has_read(user: User, appeal: Appeal, unseen_reason: str) -> None:
    if not has_read(user, appeal) and not unseen_reason:
        raise Denied(_("Reveal the incident and read the grounds first, or say why you decide without."))


def check_is_waiting(appeal: Appeal) -> None:
    if appeal.outcome:
        raise Denied(_("This appeal has been decided already."))


REVIEWERS = Who(frozenset({Role.SENIOR}), check_reviews_appeals)
