"""Who took an audit and when, by whom it is owed, and one draw of a ticket in each week."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("oversight", "0002_capacity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="audit", name="audit_ticket_once"),
        migrations.AddField(
            model_name="audit",
            name="owed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="audit",
            name="taken_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("first", None)),
                fields=("ticket", "week_on"),
                name="audit_ticket_once",
            ),
        ),
    ]
