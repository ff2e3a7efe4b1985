from django.db import migrations

# As `NextStepKind` says for each kind; the function that lists incidents has them by name.
CHANGES = (
    ("('verify', 'colleague')", "('appeal', 'verify', 'colleague')"),
    ("('notice', 'recipient')", "('notice', 'recipient', 'receipt', 'decision')"),
)
CHANGE = """
DO $change$
DECLARE definition text;
BEGIN
    SELECT pg_get_functiondef(oid) INTO STRICT definition FROM pg_proc
    WHERE prosrc LIKE '%''waits_for''%' AND prosrc LIKE '%' || {old} || '%';
    EXECUTE replace(definition, {old}, {new});
END $change$
"""


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def change(old: str, new: str) -> str:
    return CHANGE.format(old=quote(old), new=quote(new))


class Migration(migrations.Migration):
    dependencies = [("analysts", "0034_letters_of_referrals")]
    operations = [migrations.RunSQL(change(old, new), change(new, old)) for old, new in CHANGES]
