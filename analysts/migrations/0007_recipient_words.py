from typing import ClassVar

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0006_search_alarm")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="recipient",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("name", config="simple"), name="recipient_words"
            ),
        ),
    ]
