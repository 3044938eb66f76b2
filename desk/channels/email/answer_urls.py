"""Addresses of the pages behind links in mails, mounted at /answer/."""

from django.urls import path

from desk.channels.email import answers

app_name = "answer"

urlpatterns = [path("<str:token>/", answers.answer, name="answer")]
