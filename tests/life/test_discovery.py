"""Every verb and job is in the model, or is a step of another or a view."""

from tests.life.discovery import find_jobs, find_verbs
from tests.life.invariants import INVARIANTS
from tests.life.jobs import COMMANDS, JOBS
from tests.life.page import PAGE, build_page
from tests.life.verbs import VERBS

# Steps of verbs, which the model reaches through them; and functions that are no verbs.
PART_OF_VERBS = {
    # The model switches accounts by their rows, and its worker moves what they held.
    "analysts.pages.held_work.switch_off",
    "analysts.pages.held_work.return_work",
    "analysts.assessment.actions.bulk.end_sample",
    "analysts.assessment.actions.claims.pass_on_claim",
    "analysts.handoff.batch_ends.return_batch_of_absent",
    "analysts.takedown.next_steps.actions.pass_on_step",
    "countries.staff.requests.approvals.end_request",
    "analysts.operations.setting_changes.save_change",
    "analysts.takedown.notices.replies.actions.store_reply",
    "analysts.takedown.notices.replies.intake.save_reply",
    "analysts.handoff.batch_ends.end_batch",
    "analysts.handoff.batch_ends.end_imported_batch",
    "analysts.handoff.batch_ends.revoke_batches_of",
    "analysts.incidents.actions.write_note",
    "analysts.incidents.locking.record_act",
    "analysts.models.appeal.mark_appeals_revealed",
    "analysts.models.flood.mark_sample_opened",
    "analysts.takedown.chasing.actions.end_after_removal",
    "analysts.assessment.actions.entering.enter_imported",
    "analysts.imports.recording.record_import",
    "analysts.takedown.notices.actions.plan_notice",
    "analysts.takedown.notices.replies.answer_letters.open_answer",
    "analysts.takedown.notices.replies.answer_letters.open_outcome",
    "analysts.takedown.notices.batching.find_or_open_notice",
    "analysts.takedown.notices.batching.open_letter",
    "analysts.takedown.notices.corrections.correct_letter",
    "analysts.takedown.notices.corrections.update_corrections",
    "analysts.takedown.notices.sending.mark_sent",
    "analysts.takedown.recipients.actions.apply_details",
    "analysts.takedown.recipients.actions.propose_contact",
    "analysts.takedown.routing.catalogue.load_rules",
    "analysts.takedown.routing.police_answers.record_decision",
    "analysts.takedown.routing.police_answers.save_decision",
    "analysts.takedown.routing.police_answers.settle",
    "analysts.takedown.routing.referrals.get_or_create_referral",
    "analysts.takedown.routing.referrals.plan_first_notices",
    "analysts.takedown.routing.referrals.request_clearance",
    "analysts.takedown.url_list.actions.list_waiting",
    "analysts.welfare.meter.pass_door",
    "audit.actions.record_event",
    "audit.actions.record_view",
    "countries.staff.requests.approvals.request_approval",
    "countries.staff.document.row_requests.request_row_change",
    "reports.sealing.unseal_json",
    "reports.sealing.seal_mask",
    "reports.sealing.unseal_mask",
}
# They record that a page was seen, and change nothing else.
VIEWS_ONLY = {
    "analysts.exports.actions.view_exports",
    "analysts.handoff.actions.view_workstations",
    "analysts.handoff.drawing.view_batches",
    "analysts.retention.actions.view_keys",
    "analysts.search.actions.search_incidents",
    "analysts.sources.actions.view_sources",
    "analysts.takedown.notices.manual_actions.view_list",
    "analysts.takedown.notices.manual_actions.view_notice",
    "analysts.takedown.url_list.actions.view_list",
    "analysts.takedown.url_list.members.view_members",
    "analysts.welfare.viewing.record_copy",
    "analysts.welfare.viewing.record_masked_words",
    "analysts.welfare.viewing.record_related",
    "analysts.welfare.viewing.record_words",
    "analysts.welfare.viewing.view_incident_list",
    "analysts.welfare.viewing.view_queue",
    "analysts.welfare.viewing.view_welfare",
    "audit.actions.view_event",
    "audit.actions.view_events",
    "countries.staff.workspace.actions.export_portal",
}


def test_every_verb_is_in_the_model() -> None:
    modelled = {row.name for row in VERBS}
    known = modelled | PART_OF_VERBS | VIEWS_ONLY

    assert sorted(find_verbs() - known) == []
    assert sorted(known - find_verbs()) == []
    assert len(modelled) == len(VERBS)


def test_every_job_is_in_the_model() -> None:
    assert {row.name for row in JOBS} == find_jobs() | COMMANDS


def test_every_invariant_is_a_sentence() -> None:
    assert len(INVARIANTS) >= 12
    assert all(each.__doc__ for each in INVARIANTS)
    assert len(set(INVARIANTS)) == len(INVARIANTS)


def test_page_shows_what_the_model_covers() -> None:
    again = (
        "Run: python manage.py shell --no-imports --command"
        ' "from tests.life.page import PAGE, build_page; PAGE.write_text(build_page())"'
    )
    assert PAGE.read_text(encoding="utf-8") == build_page(), again
