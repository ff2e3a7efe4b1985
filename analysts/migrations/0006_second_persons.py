from pathlib import Path

from django.db import migrations, models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
REVERSE = """
    DROP TRIGGER user_vouching_decided ON analysts_user;
    DROP TRIGGER second_person_vouched_for ON analysts_addressallowance;
    DROP TRIGGER second_person_vouched_for ON analysts_bulkclosing;
    DROP TRIGGER second_person_vouched_for ON analysts_periodclose;
    DROP TRIGGER second_person_vouched_for ON analysts_recipient;
    DROP TRIGGER second_person_vouched_for ON countries_approvalrequest;
    DROP TRIGGER second_person_vouched_for ON countries_emergencysuspension;
    DROP TRIGGER second_person_vouched_for ON countries_installationmode;
    DROP TRIGGER second_person_vouched_for ON countries_interfacetranslation;
    DROP TRIGGER second_person_vouched_for ON countries_settingchange;
    DROP TRIGGER second_person_vouched_for ON countries_withdrawal;
    DROP FUNCTION analysts_refuse_second_person();
    DROP FUNCTION analysts_keep_vouching();
"""
KINDS = ["danger", "volume", "anchor", "coverage", "suspend", "contacts", "approval", "search", "reading", "account"]


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0005_meter_of_content"),
        ("countries", "0004_withdrawals"),
    ]
    operations = [
        migrations.AddField(
            model_name="user",
            name="is_vouched_for",
            field=models.BooleanField(
                editable=False, null=True, verbose_name="made or vouched for by two administrators"
            ),
        ),
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(
                choices=[
                    ("danger", "child in danger"),
                    ("volume", "unusually many reports"),
                    ("anchor", "audit log"),
                    ("coverage", "portal without analysts"),
                    ("suspend", "portal suspended by one operator"),
                    ("contacts", "contacts to check"),
                    ("approval", "approval request"),
                    ("search", "search limit"),
                    ("reading", "unusually many addresses revealed"),
                    ("account", "new account of staff"),
                ],
                max_length=8,
                primary_key=True,
                serialize=False,
                verbose_name="kind",
            ),
        ),
        migrations.RemoveConstraint(model_name="alarm", name="alarm_kind_known"),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="alarm_kind_known"),
        ),
        # A list: not split into statements, which would break the functions' bodies.
        migrations.RunSQL([RULES], [REVERSE]),
    ]
