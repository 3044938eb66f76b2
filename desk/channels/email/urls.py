"""Addresses of set-up's page of mail, mounted at /setup/mail/."""

from django.urls import path

from desk.channels.email import mailboxes, views

app_name = "email"

urlpatterns = [
    path("", views.index, name="index"),
    path("deliveries/<int:delivery_id>/resend", views.resend, name="resend"),
    path("entries/<int:entry_id>/unpark", views.unpark, name="unpark"),
    path("stored/<str:name>", views.stored, name="stored"),
    path("mailboxes/add", mailboxes.add, name="add_mailbox"),
    path("mailboxes/<int:mailbox_id>/", mailboxes.mailbox, name="mailbox"),
    path("mailboxes/<int:mailbox_id>/test", mailboxes.test, name="test_mailbox"),
    path("mailboxes/<int:mailbox_id>/switch", mailboxes.switch, name="switch_mailbox"),
    path("suppressions/<int:suppression_id>/lift", mailboxes.lift, name="lift"),
]
