"""Offers to the cover, briefs, returns, requests for another manager."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT
NUMBER = ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0001_standard'),
        ('partners', '0001_initial'),
        ('tickets', '0002_lists'),
        ('workdays', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BriefNote',
            fields=[
                NUMBER,
                ('subject', models.CharField(max_length=80)),
                ('text', models.TextField()),
                ('written_at', models.DateTimeField()),
                ('absence', models.ForeignKey(on_delete=PROTECT, related_name='brief_notes', to='workdays.absence')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('absence', 'subject'), name='brief_note_once')],
            },
        ),
        migrations.CreateModel(
            name='ManagerRequest',
            fields=[
                NUMBER,
                ('reason', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('agreed', models.BooleanField(null=True)),
                ('answer', models.TextField(blank=True)),
                ('asked_by', models.ForeignKey(on_delete=PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(null=True, on_delete=PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(on_delete=PROTECT, related_name='manager_requests', to='partners.partner')),
                ('project', models.ForeignKey(null=True, on_delete=PROTECT, related_name='+', to='partners.project')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(models.F('partner'), django.db.models.functions.comparison.Coalesce('project_id', 0), condition=models.Q(('decided_at', None)), name='manager_request_open_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('agreed', None), ('decided_at', None), ('decided_by', None)), models.Q(('agreed__isnull', False), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='manager_request_decided'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                NUMBER,
                ('kind', models.CharField(choices=[('acceptance', 'Acceptance'), ('deadline', 'Deadline')], max_length=10)),
                ('cycle', models.PositiveIntegerField()),
                ('reason', models.CharField(max_length=10)),
                ('limit_at', models.DateTimeField()),
                ('offered_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('taken', 'Taken'), ('withdrawn', 'Withdrawn')], max_length=10)),
                ('cover', models.ForeignKey(on_delete=PROTECT, related_name='offers', to=settings.AUTH_USER_MODEL)),
                ('lead', models.ForeignKey(on_delete=PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=PROTECT, related_name='offers', to='tickets.ticket')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['cover'], name='offer_open')],
                'constraints': [
                    models.UniqueConstraint(fields=('ticket', 'kind', 'cycle', 'lead'), name='offer_once_an_episode'),
                    models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('outcome', '')), models.Q(('ended_at__isnull', False), ('outcome__in', ['taken', 'withdrawn'])), _connector='OR'), name='offer_ended'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Return',
            fields=[
                ('absence', models.OneToOneField(on_delete=PROTECT, primary_key=True, related_name='back', serialize=False, to='workdays.absence')),
                ('at', models.DateTimeField()),
            ],
        ),
    ]
