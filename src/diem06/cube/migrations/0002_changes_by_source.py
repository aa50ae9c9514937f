"""Counters by source: what was counted before stays, in rows without a source, so that no state gets a number again."""

from django.db import migrations, models
from django.db.models import Sum


def keep_what_was_counted(apps, schema_editor):
    before, now = apps.get_model("cube", "ChangesBefore"), apps.get_model("cube", "ChangedFacts")
    now.objects.bulk_create(
        [now(source="", first_day=row.first_day, changes=row.changes) for row in before.objects.all()], batch_size=400
    )


def add_up_again(apps, schema_editor):
    before, now = apps.get_model("cube", "ChangesBefore"), apps.get_model("cube", "ChangedFacts")
    sums = now.objects.order_by().values_list("first_day").annotate(Sum("changes"))
    before.objects.bulk_create(
        [before(first_day=first_day, changes=changes) for first_day, changes in sums], batch_size=400
    )


class Migration(migrations.Migration):
    dependencies = [("cube", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("ChangedFacts", "leaf_begins_on_1_or_15"),
        migrations.RenameModel("ChangedFacts", "ChangesBefore"),
        migrations.CreateModel(
            name="ChangedFacts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(blank=True, max_length=32)),
                ("first_day", models.DateField()),
                ("changes", models.PositiveBigIntegerField(default=0)),
                ("stamp", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source", "first_day"), name="changes_once_per_source_and_leaf"),
                    models.CheckConstraint(
                        condition=models.Q(("first_day__day__in", [1, 15])), name="changes_leaf_begins_on_1_or_15"
                    ),
                ],
            },
        ),
        migrations.RunPython(keep_what_was_counted, add_up_again),
        migrations.DeleteModel("ChangesBefore"),
    ]
