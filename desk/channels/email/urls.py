"""Addresses of set-up's page of mail, mounted at /setup/mail/."""

from django.urls import path

from desk.channels.email import mailboxes, own_pages, views
from desk.channels.email.triage import views as triage

app_name = "email"

urlpatterns = [
    path("", views.index, name="index"),
    path("entries/<int:entry_id>/unpark", views.unpark, name="unpark"),
    path("stored/<str:name>", views.stored, name="stored"),
    path("arrivals/", triage.index, name="arrivals"),
    path("arrivals/<int:arrival_id>/", triage.arrival, name="arrival"),
    path("arrivals/<int:arrival_id>/replay", triage.replay, name="replay"),
    path("arrivals/<int:arrival_id>/dismiss", triage.dismiss, name="dismiss"),
    path("arrivals/<int:arrival_id>/sender", triage.attribute, name="attribute"),
    path("arrivals/<int:arrival_id>/vouch", triage.vouch, name="vouch"),
    path("arrivals/<int:arrival_id>/follow", triage.follow, name="let_follow"),
    path("arrivals/<int:arrival_id>/block", triage.block, name="block"),
    path("addresses/", own_pages.addresses, name="addresses"),
    path("addresses/add", own_pages.add, name="add_address"),
    path("addresses/<int:address_id>/remove", own_pages.remove, name="remove_address"),
    path("aliases/<int:alias_id>/remove", own_pages.remove_alias, name="remove_alias"),
    path("blocked/<int:blocked_id>/lift", own_pages.unblock, name="unblock"),
    path("mailboxes/add", mailboxes.add, name="add_mailbox"),
    path("mailboxes/<int:mailbox_id>/", mailboxes.mailbox, name="mailbox"),
    path("mailboxes/<int:mailbox_id>/test", mailboxes.test, name="test_mailbox"),
    path("mailboxes/<int:mailbox_id>/switch", mailboxes.switch, name="switch_mailbox"),
    path("suppressions/<int:suppression_id>/lift", mailboxes.lift, name="lift"),
]
