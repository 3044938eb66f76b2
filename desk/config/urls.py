"""Every address of the desk: each area that has pages is mounted here."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from desk.channels.cabinet import profile
from desk.config import pages, palette

# Order matters only where one address could match twice; none should.
MOUNTS = {
    "": "desk.web.urls",
    "cabinet/pay/": "desk.channels.payments.urls",
    "cabinet/": "desk.channels.cabinet.urls",
    "notices/": "desk.channels.notices.urls",
    "notices/push/": "desk.channels.notices.push.urls",
    "notices/telegram/": "desk.channels.notices.telegram.urls",
    "work/": "desk.staff.workplace.urls",
    "control/violations/": "desk.staff.rulings.urls",
    "control/complaints/": "desk.staff.rulings.complaint_urls",
    "control/outages/": "desk.staff.rulings.outage_urls",
    "work/violations/": "desk.staff.rulings.own_urls",
    "control/audits/": "desk.staff.audits.urls",
    "work/audits/": "desk.staff.audits.own_urls",
    "control/capacity/": "desk.staff.capacity.urls",
    "work/capacity/": "desk.staff.capacity.own_urls",
    "control/": "desk.staff.control.urls",
    "production/": "desk.staff.production.urls",
    "accounting/": "desk.staff.accounting.urls",
    "api/v1/": "desk.channels.api.urls",
    "channels/onebox/": "desk.channels.onebox.intake_urls",
    "channels/payments/": "desk.channels.payments.intake_urls",
    "channels/phone/": "desk.channels.phone.intake_urls",
    "work/calls/": "desk.channels.phone.call_urls",
    "setup/api/": "desk.channels.api.setup_urls",
    "setup/channels/": "desk.channels.urls",
    "setup/mail/": "desk.channels.email.urls",
    "setup/notices/": "desk.channels.notices.telegram.setup_urls",
    "setup/onebox/": "desk.channels.onebox.urls",
    "setup/payments/": "desk.channels.payments.setup_urls",
    "setup/phone/": "desk.channels.phone.urls",
    "setup/webhooks/": "desk.channels.webhooks.urls",
    "cabinet/integrations/": "desk.channels.api.cabinet_urls",
    "cabinet/webhooks/": "desk.channels.webhooks.cabinet_urls",
    "setup/standard/": "desk.staff.standard.setup_urls",
    "work/standard/": "desk.staff.standard.urls",
    "setup/": "desk.staff.setup.urls",
    "account/invitation/": "desk.staff.setup.joining_urls",
    "answer/": "desk.channels.email.answer_urls",
    "mail/": "desk.channels.email.mail_urls",
}

# Of allauth's pages those by which people would change their own address, unproved and unrecorded:
# an address is the desk owner's to change.
CLOSED = ("email/", "confirm-email/", "confirm-email/<str:key>/")

urlpatterns: list[URLPattern | URLResolver] = [
    path(prefix, include(module)) for prefix, module in MOUNTS.items() if find_spec(module)
]
urlpatterns += [
    path("", pages.first_page, name="first_page"),
    path("search", palette.search, name="search"),
    path("profile/", profile.profile, name="profile"),
    *(path(f"account/{address}", pages.nowhere) for address in CLOSED),
    path("account/", include("allauth.urls")),
]

handler400 = "desk.web.views.bad_request"
handler403 = "desk.web.views.forbidden"
handler404 = "desk.web.views.not_found"
handler500 = "desk.web.views.server_error"
