"""A draft tried on past weeks before it is published."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0005_rulings_of_others'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Replay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('content', models.JSONField()),
                ('since_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('people', models.JSONField()),
                ('asked_at', models.DateTimeField()),
                ('slices', models.PositiveIntegerField()),
                ('slices_done', models.PositiveIntegerField(default=0)),
                ('result', models.JSONField(default=dict)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replays', to='oversight.edition')),
                ('held', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='oversight.edition')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('until_at__gt', models.F('since_at'))), name='replay_forward'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('edition',), name='replay_one_at_a_time')],
            },
        ),
    ]
