from django.db import migrations, models

Q = models.Q
CHANNEL = models.CharField(
    "channel",
    max_length=8,
    choices=[
        ("email", "e-mail"),
        ("xarf", "e-mail with machine-readable reports (XARF)"),
        ("link", "their own web form"),
        ("by_hand", "manual: telephone, letter or their own system"),
    ],
    default="email",
)
KNOWN = models.CheckConstraint(
    condition=Q(
        kind__in=["host", "owner", "registrar", "platform", "police", "hotline"],
        channel__in=["email", "xarf", "link", "by_hand"],
    ),
    name="recipient_codes_known",
)
REACHABLE = models.CheckConstraint(
    condition=Q(verified_on__isnull=True)
    | (Q(channel__in=["email", "xarf"]) & ~Q(email=""))
    | (Q(channel="link") & ~Q(form_address=""))
    | Q(channel="by_hand"),
    name="recipient_verified_is_reachable",
    violation_error_message="Enter contact details before verifying the recipient.",
)
OF_PROVIDER = models.CheckConstraint(
    condition=~Q(channel="xarf") | Q(kind__in=["host", "platform"]),
    name="recipient_xarf_of_provider",
    violation_error_message="Only hosting providers and platforms take machine-readable reports.",
)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0024_child_alerts")]
    operations = [
        migrations.AlterField("recipient", "channel", CHANNEL),
        migrations.RemoveConstraint("recipient", KNOWN.name),
        migrations.AddConstraint("recipient", KNOWN),
        migrations.RemoveConstraint("recipient", REACHABLE.name),
        migrations.AddConstraint("recipient", REACHABLE),
        migrations.AddConstraint("recipient", OF_PROVIDER),
    ]
