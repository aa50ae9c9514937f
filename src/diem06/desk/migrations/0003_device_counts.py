from django.db import migrations, models

COUNT = """
UPDATE desk_device SET
    event_count = (SELECT count(*) FROM desk_event WHERE desk_event.device_id = desk_device.id),
    last_sequence = coalesce((SELECT max(sequence) FROM desk_event WHERE desk_event.device_id = desk_device.id), 0)
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_triggers")]

    operations = [
        migrations.AddField(
            model_name="device",
            name="event_count",
            field=models.PositiveBigIntegerField(default=0, help_text="events that came"),
        ),
        migrations.AddField(
            model_name="device",
            name="last_sequence",
            field=models.PositiveBigIntegerField(default=0, help_text="the highest number of an event that came"),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
