from django.db import migrations

NAME = "desk_event_no_change"
SQLITE = f"""
    CREATE TRIGGER {NAME} BEFORE UPDATE ON desk_event
    BEGIN SELECT RAISE(ABORT, 'desk: an event is never changed'); END
"""
POSTGRESQL = f"""
    CREATE OR REPLACE FUNCTION desk_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'desk: an event is never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$;
    CREATE TRIGGER {NAME} BEFORE UPDATE ON desk_event FOR EACH ROW EXECUTE FUNCTION desk_event_refuse();
"""


def create(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def drop(apps, schema_editor):
    where = "" if schema_editor.connection.vendor == "sqlite" else " ON desk_event"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {NAME}{where}")


class Migration(migrations.Migration):
    """An event is append-only. A later migration that alters desk_event must create the trigger again: SQLite rebuilds the table without it."""

    dependencies = [("desk", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
