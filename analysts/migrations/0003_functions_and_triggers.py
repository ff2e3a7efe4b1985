from pathlib import Path

from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    replaces = [
        ("analysts", "0003_rules"),
        ("analysts", "0004_portals_of_exports"),
        ("analysts", "0005_meter_of_content"),
        ("analysts", "0006_second_persons"),
        ("analysts", "0007_verified_digest"),
        ("analysts", "0008_keyring_reading"),
        ("analysts", "0009_facets_of_hosts"),
        ("analysts", "0010_facets_of_stored_hosts"),
        ("analysts", "0011_gaps_by_language"),
        ("analysts", "0012_alarm_of_settings"),
        ("analysts", "0013_accounts_on_apps"),
        ("analysts", "0014_sealed_masks"),
        ("analysts", "0015_unmasked_addresses"),
        ("analysts", "0016_compared_addresses"),
        ("analysts", "0017_inchoate"),
        ("analysts", "0018_classified"),
        ("analysts", "0019_host_addresses"),
        ("analysts", "0020_readable_traces"),
        ("analysts", "0021_words_release"),
        ("analysts", "0022_known_person"),
        ("analysts", "0023_known_codes"),
        ("analysts", "0024_child_alerts"),
        ("analysts", "0025_machine_readable"),
        ("analysts", "0026_legal_texts"),
        ("analysts", "0028_called_back"),
        ("analysts", "0029_inboxes"),
        ("analysts", "0030_looks_and_corrections"),
        ("analysts", "0031_indexes_of_letters"),
        ("analysts", "0032_minutes_of_replies"),
        ("analysts", "0033_steps_after_replies"),
        ("analysts", "0034_letters_of_referrals"),
        ("analysts", "0035_steps_by_whom_they_wait_for"),
        ("analysts", "0036_letter_values_and_refusals"),
        ("analysts", "0037_answers_of_police"),
        ("analysts", "0038_alerts_by_letter"),
        ("analysts", "0039_organisation_limits"),
        ("analysts", "0040_alarm_of_returns"),
        ("analysts", "0041_warnings_of_hosts"),
        ("analysts", "0042_weekly_note"),
        ("analysts", "0043_support_contacts"),
        ("analysts", "0044_counselling"),
        ("analysts", "0045_characters_read"),
        ("analysts", "0046_gauge_of_notified"),
        ("analysts", "0047_systemic_cases"),
        ("analysts", "0048_heartbeat_of_intake"),
        ("analysts", "0049_kinds_of_items"),
        ("analysts", "0050_proposed_contacts"),
        ("analysts", "0051_spellings_of_incidents"),
        ("analysts", "0052_parts_of_first_count"),
        ("analysts", "0053_sources"),
        ("analysts", "0054_history"),
        ("analysts", "0055_surface_reading"),
        ("analysts", "0056_second_person_of_imports"),
        ("analysts", "0057_desk_names"),
        ("analysts", "0058_takedowns_to_escalate"),
    ]
    dependencies = [
        ("analysts", "0002_tables"),
        ("reports", "0002_functions_and_triggers"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    # A list: not split into statements, which would break the functions' bodies.
    operations = [migrations.RunSQL([RULES])]
