"""Addresses of a partner's tokens, mounted at /cabinet/integrations/."""

from desk.channels.api import pages

app_name = "integrations"

urlpatterns = pages.addresses("cabinet")
