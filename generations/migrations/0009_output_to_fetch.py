"""What is waited for at providers is found without reading every picture that ever came from one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generations", "0008_attempt_hooked")]

    operations = [
        migrations.AddIndex(
            model_name="output",
            index=models.Index(
                condition=models.Q(("arrived_at__isnull", True), ("attempt__isnull", False)),
                fields=["source_expires_at", "id"],
                name="output_to_fetch",
            ),
        ),
    ]
