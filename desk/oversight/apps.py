"""Django application of the area."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """The Standard, machine control, violations, audits, complaints, day plans."""

    name = "desk.oversight"
    label = "oversight"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = (
        "oversight_acknowledgement",
        "oversight_violation",
        "oversight_explanation",
        "oversight_ruling",
        "oversight_auditanswer",
    )
    never_deleted = ("oversight_complaint",)
