"""Who gets what at every address of the desk, written out by hand (see test_access_matrix.py)."""

from __future__ import annotations

ROLES = "AOFMWVXLSDPCB"
NEVER = "m mmmmm m mm m m m m"
ALL = "+ +++++ + ++ + + + +"
SIGNED_IN = "s +++++ + ++ + + + +"
MOVED_ON = "s >>>>> > >> > > > >"
KEYED = "k kkkkk k kk k k k k"
OWN_NONE = "s 00000 0 00 0 0 0 0"
OWN_MISSED = "s mmmmm m mm m m m m"
NOT_THERE = "0 00000 0 00 0 0 0 0"
CABINET = "s +++++ + -- - - - -"
TICKET = "s +++0+ 0 -- - - - -"
OWNER_DOES = "s >---- 0 -- - - - -"
OWN = "s +---- + -- - - - -"
OWN_HOOK = "s +---- 0 -- - - - -"
SPECIALIST = "s ----- - ++ - - - -"
SPECIALIST_DOES = "s ----- - >> - - - -"
SPECIALIST_ASKED = "s ----- - ?? - - - -"
STAFF = "s ----- - ++ + + + +"
KNOWS = "s ----- - ++ + + - -"
CONTROL = "s ----- - -- + - - -"
CONTROL_ASKED = "s ----- - -- ? - - -"
ASSIGNS = "s ----- - -- + - - +"
ASSIGNS_ASKED = "s ----- - -- ? - - ?"
PRODUCTION = "s ----- - -- + + - -"
BOOKS = "s ----- - -- - - + +"
BOOKS_ASKED = "s ----- - -- - - ? -"
VENDOR = "s ----- - -- - - - +"
VENDOR_ASKED = "s ----- - -- - - - ?"
VENDOR_DOES = "s ----- - -- - - - >"

# Address, what a GET answers, what a POST answers; fields of the POST beside its key.
#   A OFMWV X LS D P C B    A OFMWV X LS D P C B
TABLE: list[tuple[str, str, str, dict[str, str]]] = [
    ("", MOVED_ON, MOVED_ON, {}),
    ("healthz", ALL, NEVER, {}),
    ("_design", ALL, ALL, {}),
    ("search", SIGNED_IN, NEVER, {}),
    ("settings/language", NEVER, "> >>>>> > >> > > > >", {"language": "en"}),
    ("settings/theme", NEVER, "> >>>>> > >> > > > >", {"theme": "dark"}),
    ("profile/", SIGNED_IN, "s ????? ? ?? ? ? ? ?", {}),
    ("presence/<number>", "s mmmmm m mm m m m m", "s +++0+ 0 ++ + + + +", {}),
    ("files/<token>/<name>", "s +++0+ 0 ++ + + + +", "s mmmmm m mm m m m m", {}),
    # The bell.
    ("notices/", SIGNED_IN, NEVER, {}),
    ("notices/bell", SIGNED_IN, NEVER, {}),
    ("notices/read", NEVER, MOVED_ON, {"up_to": "1"}),
    ("notices/preferences/", SIGNED_IN, MOVED_ON, {}),
    ("notices/preferences/pause", NEVER, MOVED_ON, {}),
    ("notices/preferences/mute", NEVER, "s >>>?> ? >> > > > >", {"number": "OLH-1", "muted": "1"}),
    ("notices/preferences/try", NEVER, MOVED_ON, {}),
    ("notices/unsubscribe/<token>/", ALL, ALL, {}),
    ("notices/<notice_id>/", "s 00>00 0 00 0 0 0 0", NEVER, {}),
    # The cabinet.
    ("cabinet/", CABINET, NEVER, {}),
    ("cabinet/partner", NEVER, "s >>>>> > -- - - - -", {}),
    ("cabinet/tickets/", CABINET, NEVER, {}),
    ("cabinet/tickets/order", NEVER, OWNER_DOES, {"number": "OLH-1"}),
    ("cabinet/tickets/new", "s +-++- + -- - - - -", "s ?-??- ? -- - - - -", {}),
    ("cabinet/tickets/<number>/", TICKET, NEVER, {}),
    ("cabinet/tickets/<number>/clock", TICKET, NEVER, {}),
    ("cabinet/tickets/<number>/follow", NEVER, "s >>>0> 0 -- - - - -", {"follows": "1"}),
    ("cabinet/tickets/<number>/<verb>", NEVER, "s >>>0? 0 -- - - - -", {"text": "So"}),
    ("cabinet/deposit/", "s ++--- + -- - - - -", NEVER, {}),
    ("cabinet/deposit/convert", NEVER, "s >>--- ? -- - - - -", {"quantity": "1"}),
    ("cabinet/team/", "s +---- + -- - - - -", NEVER, {}),
    ("cabinet/team/invite", NEVER, "s ?---- ? -- - - - -", {}),
    ("cabinet/team/<person_id>", NEVER, OWNER_DOES, {"role": "viewer"}),
    ("cabinet/team/<person_id>/end", NEVER, OWNER_DOES, {}),
    ("cabinet/team/invitations/<invitation_id>/withdraw", NEVER, OWNER_DOES, {}),
    ("cabinet/team/invitations/<invitation_id>/resend", NEVER, OWNER_DOES, {}),
    ("cabinet/projects/", CABINET, NEVER, {}),
    ("cabinet/hours/", CABINET, NEVER, {}),
    ("cabinet/work/", CABINET, NEVER, {}),
    ("cabinet/webhooks/", OWN, NEVER, {}),
    ("cabinet/webhooks/add", NEVER, "s ?---- ? -- - - - -", {}),
    ("cabinet/webhooks/<endpoint_id>/", OWN_HOOK, NEVER, {}),
    ("cabinet/webhooks/<endpoint_id>/change", NEVER, "s ?---- 0 -- - - - -", {}),
    ("cabinet/webhooks/<endpoint_id>/rotate", NEVER, OWN_HOOK, {}),
    ("cabinet/webhooks/<endpoint_id>/pause", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/resume", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/remove", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/ping", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/missed", NEVER, OWNER_DOES, {}),
    ("cabinet/webhooks/<endpoint_id>/events/<event_id>/", OWN_HOOK, NEVER, {}),
    ("cabinet/webhooks/<endpoint_id>/events/<event_id>/redeliver", NEVER, OWNER_DOES, {}),
    ("cabinet/integrations/", CABINET, NEVER, {}),
    ("cabinet/integrations/issue", NEVER, "s ????? ? -- - - - -", {}),
    ("cabinet/integrations/<token_id>/revoke", NEVER, "s >0000 0 -- - - - -", {}),
    # The workplace.
    ("work/", SPECIALIST, NEVER, {}),
    ("work/now/stop", NEVER, SPECIALIST_DOES, {}),
    ("work/now/<activity>", NEVER, SPECIALIST_DOES, {}),
    ("work/record/", SPECIALIST, SPECIALIST_ASKED, {}),
    ("work/record/<interval_id>", "s ----- - +0 - - - -", "s ----- - ?0 - - - -", {}),
    ("work/absences/", SPECIALIST, SPECIALIST_ASKED, {}),
    ("work/absences/<absence_id>/withdraw", NEVER, "s ----- - >0 - - - -", {}),
    ("work/partners/", KNOWS, NEVER, {}),
    ("work/projects/<project_id>/", KNOWS, NEVER, {}),
    ("work/projects/<project_id>/dossier", KNOWS, "s ----- - >> > > - -", {}),
    ("work/tickets/", STAFF, NEVER, {}),
    ("work/tickets/new", "s ----- - ++ + - - -", "s ----- - ++ + - - -", {}),
    ("work/tickets/<number>/", STAFF, NEVER, {}),
    ("work/tickets/<number>/clock", STAFF, NEVER, {}),
    ("work/tickets/<number>/follow", NEVER, "s ----- - >> > > > >", {}),
    ("work/tickets/<number>/accept/preview", NEVER, STAFF, {}),
    (
        "work/tickets/<number>/<verb>",
        "s ----- - +? + ? ? ?",
        "s ----- - >? > ? ? ?",
        {"text": "So"},
    ),
    # Production.
    ("production/", PRODUCTION, NEVER, {}),
    ("production/tickets/<number>/", PRODUCTION, NEVER, {}),
    (
        "production/tickets/<number>/<verb>",
        "s ----- - -- - + - -",
        "s ----- - -- - > - -",
        {"text": "So"},
    ),
    # The control room.
    ("control/", CONTROL, NEVER, {}),
    ("control/wall", CONTROL, NEVER, {}),
    ("control/disputes/", CONTROL, NEVER, {}),
    ("control/disputes/<dispute_id>/rule", NEVER, CONTROL_ASKED, {}),
    ("control/breaches/", CONTROL, NEVER, {}),
    ("control/breaches/<clock_id>/excuse", NEVER, CONTROL_ASKED, {}),
    ("control/tickets/<number>/take", NEVER, CONTROL_ASKED, {}),
    ("control/assignments/", ASSIGNS, NEVER, {}),
    ("control/assignments/<project_id>", NEVER, ASSIGNS_ASKED, {}),
    ("control/assignments/partner/<partner_id>", NEVER, ASSIGNS_ASKED, {}),
    ("control/absences/", ASSIGNS, NEVER, {}),
    ("control/absences/note", NEVER, ASSIGNS_ASKED, {}),
    ("control/absences/<absence_id>/withdraw", NEVER, "s ----- - -- > - - >", {}),
    # Accounting.
    ("accounting/", BOOKS, NEVER, {}),
    ("accounting/partners/<partner_id>/", BOOKS, NEVER, {}),
    ("accounting/partners/<partner_id>/buy", NEVER, BOOKS_ASKED, {}),
    ("accounting/partners/<partner_id>/top-up", NEVER, BOOKS_ASKED, {}),
    ("accounting/partners/<partner_id>/convert", NEVER, BOOKS_ASKED, {}),
    ("accounting/partners/<partner_id>/adjust", NEVER, BOOKS_ASKED, {}),
    (
        "accounting/partners/<partner_id>/reverse/<ticket_id>/",
        "s ----- - -- - - + -",
        BOOKS_ASKED,
        {},
    ),
    ("accounting/corrections/<adjustment_id>", NEVER, "s ----- - -- - - > >", {}),
    # Set-up.
    ("setup/", VENDOR, NEVER, {}),
    ("setup/first-run/", NOT_THERE, NOT_THERE, {}),
    ("setup/first-run/<name>/", VENDOR, VENDOR, {}),
    ("setup/channels/", VENDOR, NEVER, {}),
    ("setup/channels/arrivals/<arrival_id>/", VENDOR, NEVER, {}),
    ("setup/channels/arrivals/<arrival_id>/raw", VENDOR, NEVER, {}),
    ("setup/channels/arrivals/<arrival_id>/replay", NEVER, VENDOR_DOES, {}),
    ("setup/channels/arrivals/<arrival_id>/dismiss", NEVER, VENDOR_DOES, {}),
    ("setup/channels/deliveries/<delivery_id>/resend", NEVER, VENDOR_DOES, {}),
    ("setup/mail/", VENDOR, NEVER, {}),
    ("setup/mail/deliveries/<delivery_id>/resend", NEVER, VENDOR_DOES, {}),
    ("setup/mail/entries/<entry_id>/unpark", NEVER, VENDOR_DOES, {}),
    ("setup/mail/mailboxes/add", NEVER, VENDOR_ASKED, {}),
    ("setup/mail/mailboxes/<mailbox_id>/", VENDOR, VENDOR_ASKED, {}),
    ("setup/mail/mailboxes/<mailbox_id>/test", NEVER, VENDOR, {}),
    ("setup/mail/mailboxes/<mailbox_id>/switch", NEVER, VENDOR_DOES, {}),
    ("setup/mail/suppressions/<suppression_id>/lift", NEVER, VENDOR_DOES, {}),
    ("setup/mail/stored/<name>", "s ----- - -- - - - 0", NEVER, {}),
    # A mail that the member sent: who sees its message sees it; its bytes are the member's.
    ("mail/<message_id>/", "s +++0+ 0 ++ + + + +", NEVER, {}),
    ("mail/<message_id>/html", "s +++0+ 0 ++ + + + +", NEVER, {}),
    ("mail/<message_id>/pictures/<position>", "s +++0+ 0 ++ + + + +", NEVER, {}),
    ("mail/<message_id>/raw", "s 00+00 0 ++ + + + +", NEVER, {}),
    ("setup/api/", STAFF, NEVER, {}),
    ("setup/api/issue", NEVER, "s ----- - ?? ? ? ? ?", {}),
    ("setup/api/<token_id>/revoke", NEVER, "s ----- - 00 > 0 0 >", {}),
    # Partners' boxes: events come with the secret of the connection, and by nobody else.
    ("channels/onebox/<connection_id>/events", NEVER, KEYED, {}),
    ("setup/onebox/", VENDOR, NEVER, {}),
    ("setup/onebox/add", NEVER, VENDOR_ASKED, {}),
    ("setup/onebox/<connection_id>/", VENDOR, NEVER, {}),
    ("setup/onebox/<connection_id>/change", NEVER, VENDOR_ASKED, {}),
    ("setup/onebox/<connection_id>/arrange", NEVER, VENDOR_ASKED, {}),
    ("setup/onebox/<connection_id>/test", NEVER, VENDOR, {}),
    ("setup/onebox/<connection_id>/switch", NEVER, VENDOR_DOES, {}),
    ("setup/onebox/<connection_id>/look", NEVER, VENDOR_DOES, {}),
    ("setup/onebox/<connection_id>/rotate", NEVER, VENDOR, {}),
    ("setup/onebox/<connection_id>/remove", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/", VENDOR, NEVER, {}),
    ("setup/webhooks/add", NEVER, VENDOR_ASKED, {}),
    ("setup/webhooks/<endpoint_id>/", VENDOR, NEVER, {}),
    ("setup/webhooks/<endpoint_id>/change", NEVER, VENDOR_ASKED, {}),
    ("setup/webhooks/<endpoint_id>/rotate", NEVER, VENDOR, {}),
    ("setup/webhooks/<endpoint_id>/pause", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/resume", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/remove", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/ping", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/missed", NEVER, VENDOR_DOES, {}),
    ("setup/webhooks/<endpoint_id>/events/<event_id>/", VENDOR, NEVER, {}),
    ("setup/webhooks/<endpoint_id>/events/<event_id>/redeliver", NEVER, VENDOR_DOES, {}),
    ("setup/people/", VENDOR, VENDOR_ASKED, {}),
    ("setup/people/<person_id>/", VENDOR, NEVER, {}),
    ("setup/people/<person_id>/change", NEVER, VENDOR_ASKED, {}),
    ("setup/people/<person_id>/role", NEVER, VENDOR_ASKED, {}),
    ("setup/people/<person_id>/caps", NEVER, VENDOR_ASKED, {}),
    ("setup/people/<person_id>/leave", NEVER, VENDOR_DOES, {}),
    ("setup/people/<person_id>/let-back", NEVER, VENDOR_DOES, {}),
    ("setup/invitations/<invitation_id>/withdraw", NEVER, VENDOR_DOES, {}),
    ("setup/invitations/<invitation_id>/resend", NEVER, VENDOR_DOES, {}),
    ("setup/partners/", VENDOR, NEVER, {}),
    ("setup/partners/new/", VENDOR, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/", VENDOR, NEVER, {}),
    ("setup/partners/<partner_id>/change/", VENDOR, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/projects", NEVER, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/invite", NEVER, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/assign", NEVER, VENDOR_ASKED, {}),
    ("setup/partners/<partner_id>/people/<person_id>", NEVER, VENDOR_DOES, {}),
    ("setup/projects/<project_id>/assign", NEVER, VENDOR_ASKED, {}),
    ("setup/projects/<project_id>/archive", NEVER, VENDOR_DOES, {}),
    ("setup/plans/", VENDOR, NEVER, {}),
    ("setup/plans/new/", VENDOR, VENDOR_ASKED, {}),
    ("setup/plans/<plan_id>/", VENDOR, VENDOR_ASKED, {}),
    ("setup/calendars/new/", VENDOR, VENDOR_ASKED, {}),
    ("setup/calendars/<calendar_id>/", VENDOR, VENDOR_ASKED, {}),
    ("setup/calendars/<calendar_id>/choose", NEVER, VENDOR_DOES, {}),
    ("setup/health/", VENDOR, NEVER, {}),
    ("setup/health/check", NEVER, VENDOR_DOES, {}),
    ("setup/audit/", VENDOR, NEVER, {}),
    # Signing in; the pages of allauth.
    ("account/invitation/<token>/", ALL, "? ????? ? ?? ? ? ? ?", {}),
    # The link in a mail to the member: whoever holds it acts as that person, signed in or not.
    ("answer/<token>/", ALL, "? ????? ? ?? ? ? ? ?", {"move": "message"}),
    ("account/login/", "+ >>>>> > >> > > > >", "+ >>>>> > >> > > > >", {}),
    ("account/login/code/confirm/", "s >>>>> > >> > > > >", "s >>>>> > >> > > > >", {}),
    ("account/logout/", "s +++++ + ++ + + + +", "s sssss s ss s s s s", {}),
    ("account/inactive/", ALL, "m mmmmm m mm m m m m", {}),
    ("account/signup/", "+ >>>>> > >> > > > >", "+ >>>>> > >> > > > >", {}),
    ("account/reauthenticate/", "s +++++ + ++ + + + +", SIGNED_IN, {}),
    ("account/email/", NOT_THERE, NOT_THERE, {}),
    ("account/confirm-email/", NOT_THERE, NOT_THERE, {}),
    ("account/confirm-email/<key>/", NOT_THERE, NOT_THERE, {}),
    ("account/password/change/", SIGNED_IN, SIGNED_IN, {}),
    ("account/password/set/", MOVED_ON, MOVED_ON, {}),
    ("account/password/reset/", ALL, ALL, {}),
    ("account/password/reset/done/", ALL, NEVER, {}),
    ("account/password/reset/key/done/", ALL, NEVER, {}),
    ("account/password/reset/key/<uidb36>-<key>/", ALL, ALL, {}),
    ("account/2fa/", SIGNED_IN, OWN_MISSED, {}),
    ("account/2fa/authenticate/", "s >>>>> > >> > > > >", "s >>>>> > >> > > > >", {}),
    ("account/2fa/reauthenticate/", MOVED_ON, MOVED_ON, {}),
    ("account/2fa/totp/activate/", MOVED_ON, MOVED_ON, {}),
    ("account/2fa/totp/deactivate/", OWN_NONE, OWN_NONE, {}),
    ("account/2fa/recovery-codes/", OWN_NONE, OWN_MISSED, {}),
    ("account/2fa/recovery-codes/generate/", MOVED_ON, MOVED_ON, {}),
    ("account/2fa/recovery-codes/download/", OWN_NONE, OWN_NONE, {}),
    ("account/sessions/", SIGNED_IN, MOVED_ON, {}),
]
