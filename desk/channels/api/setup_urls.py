"""Addresses of tokens in set-up, mounted at /setup/api/."""

from desk.channels.api import pages

app_name = "api_setup"

urlpatterns = pages.addresses("setup")
