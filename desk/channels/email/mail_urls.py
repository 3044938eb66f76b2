"""Addresses of mails that became messages, mounted at /mail/."""

from django.urls import path

from desk.channels.email import whole

app_name = "mail"

urlpatterns = [
    path("<int:message_id>/", whole.page, name="message"),
    path("<int:message_id>/html", whole.html, name="html"),
    path("<int:message_id>/pictures/<int:position>", whole.picture, name="picture"),
    path("<int:message_id>/raw", whole.raw, name="raw"),
]
