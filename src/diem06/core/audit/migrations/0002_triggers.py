from django.db import migrations

from diem06.core.audit import triggers


def create(apps, schema_editor):
    triggers.create(schema_editor.connection)


def drop(apps, schema_editor):
    for name in (triggers.CHANGE, triggers.DELETE):
        triggers.drop(schema_editor.connection, name)


class Migration(migrations.Migration):
    """A later migration that alters audit_entry must create the triggers again: SQLite rebuilds the table without them."""

    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
