"""Nobody rules on an own case, and what was answered stays: kept by the database."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0004_heartbeat'),
        ('partners', '0002_waiting_list'),
        ('tickets', '0002_lists'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='on_record', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF OLD.answered_at IS NOT NULL\n        OR (OLD.partner_id, OLD.ticket_id, OLD.about_id, OLD.raised_by_id, OLD.text, OLD.at,\n            OLD.due_at)\n        IS DISTINCT FROM\n        (NEW.partner_id, NEW.ticket_id, NEW.about_id, NEW.raised_by_id, NEW.text, NEW.at,\n            NEW.due_at)\n    THEN\n        RAISE EXCEPTION 'complaint % is on record', OLD.id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'complaint_on_record';\n    END IF;\n    RETURN NEW;\n", hash='360c29350abb574468d0a1db1da38bbb97a428ed', operation='UPDATE', pgid='pgtrigger_on_record_4c767', table='oversight_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='742761680dd4598889406c911736d6a841132a41', operation='DELETE', pgid='pgtrigger_kept_0d143', table='oversight_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='explanation',
            trigger=pgtrigger.compiler.Trigger(name='own_words', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (\n        SELECT 1 FROM oversight_violation\n        WHERE id = NEW.violation_id AND person_id = NEW.by_id\n    ) THEN\n        RAISE EXCEPTION 'person % explains what is not theirs', NEW.by_id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'own_words';\n    END IF;\n    RETURN NEW;\n", hash='3e0a851ede92cfee37567a3250d3592d8688c401', operation='INSERT', pgid='pgtrigger_own_words_2ba71', table='oversight_explanation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruling',
            trigger=pgtrigger.compiler.Trigger(name='not_own_case', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM oversight_violation\n        WHERE id = NEW.violation_id AND person_id = NEW.by_id\n    ) THEN\n        RAISE EXCEPTION 'person % rules on an own case', NEW.by_id\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'not_own_case';\n    END IF;\n    RETURN NEW;\n", hash='a10b5dad3acdf9ef12bcc9c66785b66bf9e567a9', operation='INSERT', pgid='pgtrigger_not_own_case_4d9f5', table='oversight_ruling', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('answered_by', None), models.Q(('about', None), models.Q(('answered_by', models.F('raised_by')), _negated=True)), models.Q(models.Q(('answered_by', models.F('about')), _negated=True), models.Q(('answered_by', models.F('raised_by')), _negated=True)), _connector='OR'), name='complaint_not_own'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('redone', False), models.Q(('ticket__isnull', False), ('upheld', True)), _connector='OR'), name='complaint_redone'),
        ),
    ]
