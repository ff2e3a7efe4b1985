"""Every verb and job is in the model, or has a reason not to be yet."""

from tests.life.discovery import find_jobs, find_verbs
from tests.life.invariants import INVARIANTS
from tests.life.jobs import JOBS
from tests.life.verbs import VERBS

# Steps of verbs, which the model reaches through them; and functions that are no verbs.
PART_OF_VERBS = {
    "analysts.incidents.actions.write_note",
    "analysts.incidents.locking.record_act",
    "analysts.models.flood.mark_sample_opened",
    "analysts.takedown.chasing.actions.end_after_removal",
    "analysts.takedown.notices.actions.plan_notice",
    "analysts.takedown.notices.batching.find_or_open_notice",
    "analysts.takedown.notices.sending.mark_sent",
    "analysts.takedown.recipients.actions.apply_details",
    "analysts.takedown.routing.referrals.get_or_create_referral",
    "analysts.takedown.routing.referrals.plan_first_notices",
    "analysts.takedown.routing.referrals.request_clearance",
    "analysts.takedown.url_list.actions.list_waiting",
    "audit.actions.record_event",
    "reports.sealing.unseal_json",
}
# They record that a page was seen, and change nothing else.
VIEWS_ONLY = {
    "analysts.handoff.actions.view_handoff",
    "analysts.handoff.actions.view_workstations",
    "analysts.retention.actions.view_keys",
    "analysts.takedown.notices.manual_actions.view_list",
    "analysts.takedown.notices.manual_actions.view_notice",
    "analysts.takedown.url_list.actions.view_list",
    "analysts.takedown.url_list.members.view_members",
    "analysts.welfare.viewing.record_copy",
    "analysts.welfare.viewing.record_masked_words",
    "analysts.welfare.viewing.view_queue",
    "analysts.welfare.viewing.view_welfare",
    "audit.actions.view_event",
    "audit.actions.view_events",
    "audit.exports.export_events",
    "countries.staff.actions.export_portal",
}
# Verbs that the model does not drive yet, by what they need.
NOT_YET = {
    "a workstation that signs": {
        "analysts.handoff.actions.close_workstation",
        "analysts.handoff.actions.export_questions",
        "analysts.handoff.actions.register_workstation",
        "analysts.handoff.actions.take_in",
    },
    "a second administrator or operator": {
        "analysts.accounts.approvals.request_recovery",
        "analysts.accounts.approvals.request_role",
        "countries.staff.approvals.approve_request",
        "countries.staff.approvals.decline_request",
        "countries.staff.approvals.request_approval",
        "countries.staff.portal_approvals.request_state",
        "countries.staff.portal_approvals.request_words",
    },
    "a document of a portal": {
        "countries.staff.actions.replace_portal",
        "countries.staff.language_reviews.review_language",
        "countries.staff.starting.start_portal",
    },
    "a form that is begun": {
        "analysts.assessment.drafts.delete_draft",
        "analysts.assessment.drafts.load_drafts",
        "analysts.assessment.drafts.save_draft",
        "analysts.welfare.actions.avoid_warnings",
        "analysts.welfare.actions.save_display_preferences",
    },
    "a recipient's reply, or a letter sent by hand": {
        "analysts.takedown.notices.manual_actions.leave_out",
        "analysts.takedown.notices.manual_actions.read_letter",
        "analysts.takedown.notices.manual_actions.record_sent",
        "analysts.takedown.notices.manual_actions.send_by_hand",
        "analysts.takedown.notices.reply_actions.read_replies",
    },
    "tables that staff maintain": {
        "analysts.assessment.mappings.correct_mapping",
        "analysts.takedown.notices.texts.save_text",
        "analysts.takedown.recipients.actions.add_recipient",
        "analysts.takedown.recipients.actions.change_recipient",
        "analysts.takedown.recipients.actions.close_down",
        "analysts.takedown.recipients.actions.reopen",
        "analysts.takedown.recipients.actions.verify",
        "analysts.takedown.recipients.importing.take_in",
        "analysts.takedown.routing.catalogue.load_rules",
        "analysts.takedown.routing.table.load_usual",
        "analysts.takedown.routing.table.move_rule",
        "analysts.takedown.routing.table.remove_example",
        "analysts.takedown.routing.table.write_example",
        "analysts.takedown.routing.table.write_rule",
        "analysts.takedown.url_list.members.close_key",
        "analysts.takedown.url_list.members.make_key",
    },
}
JOBS_NOT_YET = {"a file outside the database, or accounts": {"keep_anchor"}} | {
    "sessions": {"delete_old_sessions", "record_failed_sign_ins"}
}


def test_every_verb_is_in_the_model() -> None:
    modelled = {row.name for row in VERBS}
    known = modelled | PART_OF_VERBS | VIEWS_ONLY | set().union(*NOT_YET.values())

    assert sorted(find_verbs() - known) == []
    assert sorted(known - find_verbs()) == []
    assert len(modelled) == len(VERBS)
    assert not modelled & set().union(*NOT_YET.values())


def test_every_job_is_in_the_model() -> None:
    known = {row.name for row in JOBS if row.name} | set().union(*JOBS_NOT_YET.values())

    assert known == find_jobs()


def test_every_invariant_is_a_sentence() -> None:
    assert len(INVARIANTS) >= 12
    assert all(each.__doc__ for each in INVARIANTS)
