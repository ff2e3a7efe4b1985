"""A small loaded demonstration: bulk copies are as complete as data created with the normal actions."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone

from analysts.codes import Closing, ReviewStage
from analysts.demonstration.finished_cases import COPIED
from analysts.demonstration.tests.loading import demonstration_to_load
from analysts.demonstration.tests.odd_values import try_odd_values
from analysts.demonstration.until_gone import UntilGone
from analysts.demonstration.year import DAYS, IN_DANGER_HOURS_AGO, LAST_DAYS
from analysts.incidents import sealing_contexts
from analysts.incidents.contents import opening
from analysts.incidents.fingerprints import compute_fingerprint
from analysts.models import (
    Agreement,
    Appeal,
    Assessment,
    BatchItem,
    ChildAlert,
    Draft,
    EnteredAddress,
    FloodSampleItem,
    HistoryRow,
    Hold,
    Incident,
    IncidentFacet,
    NextStep,
    Note,
    Notice,
    NoticeItem,
    NoticeState,
    Question,
    Redaction,
    Referral,
    Reply,
    Report,
    Sighting,
    Skip,
    SystemicCase,
    UrlListEntry,
    UrlListState,
    User,
    WordsRelease,
)
from analysts.operations.health_signs import read_signs
from analysts.states import State
from analysts.takedown.notices.replies import links as reply_links
from audit import chain
from audit.models import AuditEvent
from reports import notice_links
from reports.addresses import find_addresses
from reports.models import Arrival, Message, NoticeAnswer, SourceItem, Submission
from tests.rig.next_steps import incidents_without_next_step

REPORTS = 120
# The budget for actions and copies; one more report created with the normal actions adds about 200.
MOST_STATEMENTS = 12_000
# The number of open illegal incidents without a next step, before and after the automatic steps of each day.
WITHOUT_NEXT_STEP: list[int] = []


@pytest.fixture(scope="module")
def statements(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """Load the demonstration once for the module, yield the number of SQL statements, and roll back."""
    folder: Path = tmp_path_factory.mktemp("demonstration")
    day = UntilGone.day

    def check_day(until_gone: UntilGone, when: datetime) -> None:
        """Run a day, and count the incidents that it leaves without a next step."""
        WITHOUT_NEXT_STEP.append(incidents_without_next_step().count())
        day(until_gone, when)
        WITHOUT_NEXT_STEP.append(incidents_without_next_step().count())

    every_day = patch.object(UntilGone, "day", check_day)
    with django_db_blocker.unblock(), demonstration_to_load(folder), every_day:
        number = 0

        def count(execute: Callable[..., Any], *statement: Any) -> Any:
            nonlocal number
            number += 1
            return execute(*statement)

        with connection.execute_wrapper(count):
            call_command("load_demo", reports=REPORTS, stdout=StringIO())
        yield number


@pytest.fixture(autouse=True)
def _loaded(statements: int) -> None:
    """Make every test of this module use the loaded demonstration."""


def test_year_takes_few_statements(statements: int) -> None:
    assert statements < MOST_STATEMENTS


def test_year_has_all_reports_and_none_waits_to_be_taken_in() -> None:
    assert Report.objects.count() == REPORTS + len(IN_DANGER_HOURS_AGO)
    assert not Arrival.objects.exists()


def test_no_open_illegal_incident_is_without_a_next_step_on_any_day() -> None:
    assert len(WITHOUT_NEXT_STEP) > 2 * LAST_DAYS
    assert not any(WITHOUT_NEXT_STEP)
    assert not incidents_without_next_step().exists()
    assert NextStep.objects.exists()


def test_no_job_of_the_past_is_late() -> None:
    assert read_signs(timezone.now()).oldest_overdue_job is None


def test_most_of_the_year_was_copied() -> None:
    now = timezone.now()
    between = Report.objects.filter(
        received_hour__gt=now - timedelta(days=DAYS - 40), received_hour__lt=now - timedelta(days=LAST_DAYS + 1)
    )
    assert between.count() > REPORTS / 2
    months = Counter(hour.month for hour in between.values_list("received_hour", flat=True))
    assert len(months) > 6


def test_year_shows_every_state_and_every_end_but_a_merge() -> None:
    states = set(Incident.objects.values_list("state", flat=True))
    assert states | {State.ASSESSED} == set(State)
    closings = set(Incident.objects.exclude(closing="").values_list("closing", flat=True))
    assert closings == set(Closing) - {Closing.MERGED}
    assert set(Referral.objects.values_list("kind", flat=True)) == {"takedown", "hotline", "police", "url_list"}
    assert {"first", "again", "clearance"} <= set(Notice.objects.filter(state="sent").values_list("purpose", flat=True))
    assert Reply.objects.exists()


def test_audit_record_is_whole_and_in_the_order_of_time() -> None:
    assert chain.verify_chain().faults == []
    # Recipients and rules are entered before the year begins. An act that lasts minutes may be recorded after a later
    # one.
    at = list(AuditEvent.objects.exclude(actor="").order_by("number").values_list("at", flat=True))
    assert max(before - after for before, after in pairwise(at)) < timedelta(minutes=15)


def test_audit_record_names_what_is_there() -> None:
    for model in (Incident, Notice):
        events = AuditEvent.objects.filter(object_type=model._meta.label_lower)
        assert set(events.values_list("object_id", flat=True)) <= {str(row.pk) for row in model._default_manager.all()}


def test_everything_sealed_opens() -> None:
    addresses = {incident.pk: opening.unseal_address(incident) for incident in Incident.objects.filter(kind="address")}
    assert None not in addresses.values()
    for submission in Submission.objects.all():
        assert opening.unseal_payload(submission)
    for answer in NoticeAnswer.objects.all():
        assert opening.unseal_reply(answer)["kind"]
    copies: list[sealing_contexts.Copy] = [*Redaction.objects.all(), *UrlListEntry.objects.all()]
    copies += NoticeItem.objects.filter(notice__state="sent", dropped="")
    assert len(copies) > 20
    for copy in copies:
        assert opening.unseal_copy(copy)


def test_incident_is_found_by_its_address_and_named_by_its_reports() -> None:
    """Otherwise a second report of the same address would create another incident."""
    for sighting in Sighting.objects.select_related("incident", "report__receipt"):
        incident = sighting.incident
        opened = opening.unseal_address(incident)
        if opened is None:
            assert bytes(incident.fingerprint) == compute_fingerprint("words", str(sighting.report_id))
            continue
        assert bytes(incident.fingerprint) == compute_fingerprint("address", find_addresses(opened.reported)[0].key)
        [report] = sighting.report.receipt.submissions.filter(kind="report")
        named = {address.normalised for address in find_addresses(str(opening.unseal_payload(report)["addresses"]))}
        assert opened.normalised in named


def test_portals_of_an_incident_are_those_of_its_sightings() -> None:
    for incident in Incident.objects.prefetch_related("sightings"):
        assert set(incident.portals) == {sighting.portal_id for sighting in incident.sightings.all()}


def test_link_of_a_notice_follows_from_its_id() -> None:
    for notice in Notice.objects.all():
        assert notice.link_id == notice_links.derive_link_credentials(reply_links.secret_of(notice.pk)).link_id


def test_url_list_has_gone_through_all_its_versions() -> None:
    versions = list(UrlListEntry.objects.order_by("version").values_list("version", flat=True))
    assert UrlListState.objects.get().version == versions[-1]
    changed_on = [entry.removed_on or entry.added_on for entry in UrlListEntry.objects.order_by("version")]
    assert changed_on == sorted(changed_on)


def test_pairs_of_looks_are_counted_once_each() -> None:
    seconds = Assessment.objects.filter(stage=ReviewStage.SECOND).count()
    # Which incidents are reviewed twice is drawn by lot, one in ten.
    assert (Agreement.objects.aggregate(pairs=models.Sum("number"))["pairs"] or 0) == seconds


def test_letters_of_the_past_have_left() -> None:
    unsent = Notice.objects.filter(state=NoticeState.GATHERING)
    assert not unsent.filter(made_at__lt=timezone.now() - timedelta(days=7)).exists()


def test_accounts_have_the_passwords_that_are_written_down(settings: Any) -> None:
    name, _role, password = (settings.DATA_DIR / "demo-accounts.txt").read_text().splitlines()[0].split()
    assert check_password(password, User.objects.get(username=name).password)
    assert not User.objects.filter(password__startswith="!").exists()


def test_model_of_a_case_is_copied_or_known_not_to_be() -> None:
    """A new model that belongs to a case must be listed, either in COPIED or here."""
    # A finished demonstration case has none of these, or they are deleted on intake.
    # It has no next step either, which only open cases have.
    assert not NextStep.objects.filter(incident__state=State.CLOSED).exists()
    # The database writes with each copy the values by which All incidents lists it.
    assert IncidentFacet.objects.filter(incident__state=State.CLOSED).exists()
    left_out = {
        Appeal,
        Arrival,
        BatchItem,
        ChildAlert,
        Draft,
        EnteredAddress,
        FloodSampleItem,
        HistoryRow,
        Hold,
        Message,
        Note,
        Question,
        Skip,
        SourceItem,
        SystemicCase,
        WordsRelease,
    }
    belonging = {
        model
        for model in apps.get_models()
        if any(field.related_model in COPIED for field in model._meta.concrete_fields)
    }
    assert belonging - set(COPIED) == {*left_out, NextStep, IncidentFacet}
    for model in left_out:
        assert not model._default_manager.exists()


def test_every_binary_field_of_copied_models_is_resealed_or_listed_as_kept() -> None:
    """A copy cannot unseal what its original sealed. (Unique fields need no test: the database refuses them.)"""
    anew = {
        *("Receipt.mailbox_key", "Submission.digest", "Submission.sealed"),
        *("Incident.fingerprint", "Incident.sealed_address", "Incident.sealed_mask"),
        *("Sighting.sealed_address", "UrlListEntry.sealed", "HostingTrace.sealed"),
        *("Redaction.sealed", "NoticeLink.sealed", "NoticeItem.sealed", "NoticeAnswer.digest", "NoticeAnswer.sealed"),
    }
    # A copy has the same site, host and portal as its original.
    kept = {f"Incident.{name}" for name in ("site_fingerprint", "host_fingerprint", "shape", "flood")}
    kept.add("Sighting.referrer_fingerprint")
    assert {
        f"{model.__name__}.{field.name}"
        for model in COPIED
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField)
    } == anew | kept


def test_copied_models_come_after_those_that_they_refer_to() -> None:
    # No letter of a finished case answers a reply.
    assert not Notice.objects.filter(answers__isnull=False, items__incident__state=State.CLOSED).exists()
    for place, model in enumerate(COPIED):
        fields = [field for field in model._meta.concrete_fields if (model, field.name) != (Notice, "answers")]
        referred = {field.related_model for field in fields} & set(COPIED) - {model}
        assert referred <= set(COPIED[:place])


def test_odd_values_are_answered() -> None:
    """Each form of each page refuses them with a message, or takes them."""
    tried = try_odd_values()
    assert tried.failed == []
    assert any(view.startswith("report") for _method, view, _fields in tried.forms)
    assert len(tried.forms) > 150
