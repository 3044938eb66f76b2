"""Django application of the area."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Dossiers, articles, similar tickets."""

    name = "desk.knowledge"
    label = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"
