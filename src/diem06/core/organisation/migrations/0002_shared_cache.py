from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    """The cache that all workers share (rate limits of sign-in). Does nothing where the table is there already."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("organisation", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
