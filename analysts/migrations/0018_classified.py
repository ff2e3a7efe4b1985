from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    # Pages go on reading and writing assessments meanwhile.
    atomic = False
    dependencies = [("analysts", "0017_inchoate")]
    operations = [ValidateConstraint("assessment", "assessment_classified_or_reasoned")]
