from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def take_over(apps, schema_editor):
    """Budgets of projects become rows, and every entry counts when its order was reserved."""
    project = apps.get_model("projects", "Project")
    budget = apps.get_model("spend", "Budget")
    entry = apps.get_model("spend", "LedgerEntry")
    budget.objects.bulk_create(
        budget(project_id=key, period="total", limit_micro_usd=limit)
        for key, limit in project.objects.exclude(budget_micro_usd=None).values_list("pk", "budget_micro_usd")
    )
    reserved = entry.objects.filter(generation=OuterRef("generation"), kind="reserve").values("at")[:1]
    entry.objects.update(ordered_at=Coalesce(Subquery(reserved), "at"))


class Migration(migrations.Migration):

    dependencies = [
        ('spend', '0002_budgets'),
    ]

    operations = [
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
