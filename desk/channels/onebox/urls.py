"""Addresses of partners' boxes in set-up, mounted at /setup/onebox/."""

from django.urls import path

from desk.channels.onebox import views

app_name = "onebox"
one = "<int:connection_id>/"

urlpatterns = [
    path("", views.index, name="index"),
    path("add", views.add, name="add"),
    path(one, views.connection, name="connection"),
    path(f"{one}change", views.change, name="change"),
    path(f"{one}arrange", views.arrange, name="arrange"),
    path(f"{one}test", views.test, name="test"),
    path(f"{one}switch", views.switch, name="switch"),
    path(f"{one}look", views.look, name="look"),
    path(f"{one}rotate", views.rotate, name="rotate"),
    path(f"{one}remove", views.remove, name="remove"),
]
