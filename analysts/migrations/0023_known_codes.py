from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    # Pages go on reading and writing assessments meanwhile.
    atomic = False
    dependencies = [("analysts", "0022_known_person")]
    operations = [ValidateConstraint("assessment", "assessment_codes_known")]
