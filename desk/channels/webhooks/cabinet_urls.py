"""Addresses of a partner's own endpoints, mounted at /cabinet/webhooks/."""

from desk.channels.webhooks import views

app_name = "own_webhooks"

urlpatterns = views.addresses("cabinet")
