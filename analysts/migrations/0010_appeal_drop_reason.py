from typing import ClassVar

from django.db import migrations, models

REASONS = [
    ("moved", "the content is now hosted elsewhere"),
    ("gone", "the content has been removed"),
    ("ended", "work on the incident has ended"),
    ("held", "police clearance is missing"),
    ("unconfirmed", "the redaction of its address is not confirmed"),
    ("taken_back", "cancelled"),
    ("appeal", "an appeal is being reviewed"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0009_appeals")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="noticeitem", name="notice_item_drop_known"),
        migrations.AlterField(
            model_name="noticeitem",
            name="dropped",
            field=models.CharField(
                blank=True, choices=REASONS, max_length=12, verbose_name="reason for leaving it out"
            ),
        ),
        migrations.AddConstraint(
            model_name="noticeitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("dropped__in", ["", *(code for code, _label in REASONS)])),
                name="notice_item_drop_known",
            ),
        ),
    ]
