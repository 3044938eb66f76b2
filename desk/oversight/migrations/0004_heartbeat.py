"""When the pages were last known to be usable."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('oversight', '0003_audits_taken')]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('real_at', models.DateTimeField()),
            ],
        ),
    ]
