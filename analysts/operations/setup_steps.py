"""The steps of a first start, each with its check. Nothing is stored: a step is done when the installation shows it, so
the page can be left and resumed.
"""

from dataclasses import dataclass

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.codes import Role
from analysts.models import ReadingKind, User
from analysts.operations.host_readings import read_newest
from analysts.operations.jobs import TEST_MESSAGE_TASK
from audit.models import AuditEvent
from countries.decided_settings import text_in_force
from countries.models import Portal, PortalState

ACCOUNTS = "admin:analysts_user_changelist"


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step. `url` and `link`: the page where it is done; "" where it is done on the server, as `todo` says."""

    name: str
    label: str | Promise
    todo: str | Promise
    is_done: bool
    url: str = ""
    link: str | Promise = ""


def build_steps(user: User) -> list[SetupStep]:
    """In the order in which to do them. A query each, however much the installation holds."""
    return [*_own_steps(user), *_machine_steps(), *_people_steps()]


def _own_steps(user: User) -> list[SetupStep]:
    return [
        SetupStep(
            "second_factor",
            _("Your second factor"),
            _("Add a passkey or an authenticator app, and keep the recovery codes apart from it."),
            not settings.REQUIRE_MFA or bool(is_mfa_enabled(user)),
            reverse("mfa_index"),
            _("Second factor"),
        ),
        SetupStep(
            "second_administrator",
            _("A second administrator"),
            _("Accounts and recoveries need two administrators. Create the other one on the server, as the first was."),
            _people().filter(role=Role.ADMINISTRATOR).count() > 1,
        ),
        SetupStep(
            "vouching",
            _("Accounts vouched for"),
            _("Two administrators vouch, once, for accounts that were made on the server or by an earlier version."),
            not User.objects.to_vouch_for().exists(),
            reverse("admin:vouching"),
            _("Vouch for accounts"),
        ),
    ]


def _machine_steps() -> list[SetupStep]:
    return [
        SetupStep(
            "hotline",
            _("The hotline’s name and mark"),
            _("Set HOTLINE_NAME and HOTLINE_MARK in public.env and staff.env, and restart both surfaces."),
            bool(settings.HOTLINE_NAME and settings.HOTLINE_MARK),
        ),
        SetupStep(
            "time_zone",
            _("Time zone and end of the working day"),
            _(
                "The limits that protect analysts are counted by them. Set WORK_TIME_ZONE and CUT_OFF in staff.env, or "
                "decide them on the page of settings, where a second administrator confirms them."
            ),
            settings.DEMO or text_in_force("WORK_TIME_ZONE") != "UTC",
            reverse("admin:settings_in_force"),
            _("Settings"),
        ),
        SetupStep(
            "mail",
            _("Mail"),
            _("Set the mail server in worker.env, give your account an address, and send yourself a test message."),
            AuditEvent.objects.filter(action="mail.test").exists()
            # Finished jobs are deleted: none waits, runs or has failed.
            and not ProcrastinateJob.objects.filter(task_name=TEST_MESSAGE_TASK).exclude(status="succeeded").exists(),
            reverse("admin:operations"),
            _("Operations"),
        ),
        SetupStep(
            "backups",
            _("Backups"),
            _("Two people each make a key pair, and the server gets the public halves: see the guide for one machine."),
            settings.DEMO or _are_backups_made(),
        ),
    ]


def _people_steps() -> list[SetupStep]:
    return [
        SetupStep(
            "operators",
            _("Two operators"),
            _("One opens a portal, the other approves it."),
            _people().filter(role=Role.OPERATOR).count() > 1,
            reverse(ACCOUNTS),
            _("Accounts"),
        ),
        SetupStep(
            "analysts",
            _("An analyst"),
            _("A portal is launched only when analysts who signed in cover it."),
            User.objects.readers().exists(),
            reverse(ACCOUNTS),
            _("Accounts"),
        ),
        SetupStep(
            "portal",
            _("The first portal"),
            _("An operator starts it from the catalogue and follows the steps of its workspace."),
            Portal.objects.filter(state=PortalState.LIVE).exists(),
        ),
    ]


def _are_backups_made() -> bool:
    """Whether there is one of everything that is named to be backed up."""
    backups = read_newest()[ReadingKind.BACKUP]
    return bool(backups) and all(reading.moment for reading in backups)


def _people() -> QuerySet[User]:
    return User.objects.filter(is_active=True)
