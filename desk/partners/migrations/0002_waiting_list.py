"""A project that waits for a specialist says since when."""

from django.db import migrations, models

WAITS = "UPDATE partners_project SET waits_since_at = created_at WHERE state = 'waiting'"
# What the update leaves to be checked is checked before the table is altered again.
CHECKED = "SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='project',
            name='waits_since_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL([WAITS, CHECKED], migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'waiting'), ('waits_since_at', None), _connector='XOR'), name='project_waits'),
        ),
    ]
