"""What takes two administrators: a role that opens content or makes accounts, and a way back into an account.

One asks, another confirms. Where a person needs a new password and second factor, each of the two gets one half of a
one-time code and hands it over; only both together let somebody in. So no administrator alone, whether they asked or
confirmed, can use the account of somebody else.

All raise `Denied` with a reason for the person who asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from django.utils.translation import gettext_lazy as _

from analysts.accounts import permissions, sessions
from analysts.codes import Role
from analysts.models import EntryCode, Proposal, ProposalKind, ProposalState, User
from audit.actions import record
from audit.permissions import Denied

# From the moment the second half exists.
VALID = timedelta(hours=1)
# 60 bits a half: no look-alikes, so that it can be read out.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HALF = 12
GROUP = 4


@dataclass(frozen=True, slots=True, repr=False)
class Confirmed:
    """`half` is the second half of the entry code; empty where the person goes on with what they have."""

    proposal: Proposal
    half: str


@transaction.atomic
def propose_role(*, by: User, user: User, role: Role, now: datetime | None = None) -> tuple[Proposal, str]:
    """Ask for a role that takes two; with the first half of the entry code, empty where the person needs none."""
    permissions.check_can_propose_role(by, user, role)
    proposal = _propose(by, user, ProposalKind.ROLE, now, role=role)
    half = _begin_code(user) if _enters_anew(user) else ""
    record(by=by, action="user.propose", on=user, details=_details(proposal))
    return proposal, half


@transaction.atomic
def propose_recovery(*, by: User, user: User, now: datetime | None = None) -> tuple[Proposal, str]:
    """Ask that somebody who lost password or second factor may set new ones; with the first half of the code."""
    permissions.check_can_propose_recovery(by, user)
    proposal = _propose(by, user, ProposalKind.RECOVERY, now)
    half = _begin_code(user)
    record(by=by, action="user.propose", on=user, details=_details(proposal))
    return proposal, half


@transaction.atomic
def confirm(*, by: User, proposal: Proposal, now: datetime | None = None) -> Confirmed:
    """The second administrator agrees: a role takes effect, a code becomes valid for VALID."""
    now = now or timezone.now()
    proposal = _locked(proposal)
    permissions.check_can_confirm(by, proposal)
    user = proposal.user
    half = ""
    if proposal.kind == ProposalKind.RECOVERY:
        half = _complete_code(user, now)
    else:
        if _enters_anew(user):
            # Whoever made this account alone may know its password, or have set up its second factor.
            half = _complete_code(user, now)
            user.set_unusable_password()
            Authenticator.objects.filter(user=user).delete()
        user.role = proposal.role
        # An existing account that was switched off stays so.
        user.is_active = user.is_active or user.unconfirmed
        user.unconfirmed = False
        user.save(update_fields=["role", "password", "is_active", "unconfirmed"])
        sessions.end_all(user)
    _decide(proposal, ProposalState.CONFIRMED, by)
    record(by=by, action="user.confirm", on=user, details=_details(proposal))
    return Confirmed(proposal, half)


@transaction.atomic
def refuse(*, by: User, proposal: Proposal) -> Proposal:
    """Not confirmed, or taken back by whoever asked. A half that was handed out opens nothing."""
    proposal = _locked(proposal)
    permissions.check_can_refuse(by, proposal)
    EntryCode.objects.filter(user=proposal.user, second_half="").delete()
    _decide(proposal, ProposalState.REFUSED, by)
    record(by=by, action="user.refuse", on=proposal.user, details=_details(proposal))
    return proposal


def whole_code(user: User, *, now: datetime | None = None) -> tuple[str, str]:
    """Both halves for one administrator: for a new account whose role neither opens content nor makes accounts."""
    first = _begin_code(user)
    return first, _complete_code(user, now or timezone.now())


def code_holder(username: str, first: str, second: str, *, now: datetime | None = None) -> User | None:
    """Whose code this is, if both halves are right and it is still valid."""
    now = now or timezone.now()
    code = (
        EntryCode.objects.select_related("user")
        .filter(user__username__iexact=User.normalize_username(username.strip()), user__is_active=True, until__gt=now)
        .first()
    )
    halves = (_hashed(first), _hashed(second))
    kept = (code.first_half, code.second_half) if code else ("", "")
    right = [constant_time_compare(half, known) for half, known in zip(halves, kept, strict=True)]
    return code.user if code and all(right) else None


@transaction.atomic
def enter(*, user: User, first: str, second: str, password: str) -> None:
    """Use the code up: a new password, no second factor until a new one is set up, and no session of before."""
    halves = {"first_half": _hashed(first), "second_half": _hashed(second)}
    # This very code, and not one that took its place meanwhile.
    used, _of = EntryCode.objects.filter(user=user, until__gt=timezone.now(), **halves).delete()
    if not used:
        raise Denied(_("This code was used already."))
    user.set_password(password)
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    record(by=None, action="user.enter", on=user, details={"account": user.username})


# --------------------------------------------------------------------------------------------------


def _propose(by: User, user: User, kind: ProposalKind, now: datetime | None, role: str = "") -> Proposal:
    try:
        with transaction.atomic():
            return Proposal.objects.create(kind=kind, user=user, role=role, asked_by=by, asked_at=now or timezone.now())
    except IntegrityError:
        raise Denied(
            _("Something about this account waits for another administrator already. Decide that first.")
        ) from None


def _locked(proposal: Proposal) -> Proposal:
    return (
        Proposal.objects.select_for_update(of=("self", "user")).select_related("user", "asked_by").get(pk=proposal.pk)
    )


def _decide(proposal: Proposal, state: ProposalState, by: User) -> None:
    proposal.state, proposal.decided_by = state, by
    proposal.save(update_fields=["state", "decided_by"])


def _details(proposal: Proposal) -> dict[str, str]:
    return {"account": proposal.user.username, "kind": proposal.kind, "role": proposal.role}


def _enters_anew(user: User) -> bool:
    """Whether the role would be the first of the account that takes two: one person alone may hold its keys."""
    return user.unconfirmed or not permissions.needs_two(user.role)


def _begin_code(user: User) -> str:
    half = get_random_string(HALF, ALPHABET)
    EntryCode.objects.update_or_create(
        user=user, defaults={"first_half": _hashed(half), "second_half": "", "until": None}
    )
    return _grouped(half)


def _complete_code(user: User, now: datetime) -> str:
    """Only for a half that was just begun: whoever has one of an earlier code must not get the other here."""
    half = get_random_string(HALF, ALPHABET)
    begun = EntryCode.objects.filter(user=user, second_half="")
    if not begun.update(second_half=_hashed(half), until=now + VALID):
        raise Denied(_("The account has changed since. Refuse this, and let it be asked for again."))
    return _grouped(half)


def _grouped(half: str) -> str:
    return "-".join(half[at : at + GROUP] for at in range(0, len(half), GROUP))


def _hashed(half: str) -> str:
    """Keyed, and without regard to case, spaces, dashes and what looks alike."""
    plain = "".join(sign for sign in half.upper().translate(str.maketrans("OIL", "011")) if sign in ALPHABET)
    return salted_hmac("analysts.accounts.actions.code", plain, algorithm="sha256").hexdigest()
