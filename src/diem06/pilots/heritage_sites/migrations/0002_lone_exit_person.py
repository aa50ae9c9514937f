from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Exits of a person are found by the person alone: SQLite took the unique index of `visit` for «visit IS NULL» and read all of them."""

    dependencies = [("heritage_sites", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="loneexit", name="heritage_lone_exit_person"),
        migrations.AddIndex(
            model_name="loneexit",
            index=models.Index(fields=["digest", "at"], condition=~Q(digest=""), name="heritage_lone_exit_person"),
        ),
    ]
