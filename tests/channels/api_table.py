"""Who may do what with which token, written out by hand (see test_api_resources.py)."""

from __future__ import annotations

ROLES = "AROFMWVIXJLSDPCB"
ANY = ""
READ, WRITE, APPROVE = "tickets:read", "tickets:write", "tickets:approve"
PROJECTS, PEOPLE, TEAM = "projects:read", "people:read", "people:write"
DEPOSIT, CONVERT, WORK = "deposit:read", "deposit:write", "work"
NOTICES, WEBHOOKS = "notices", "webhooks"
HOOK = ' {"url": "https://hooks.olh.example/desk"}'
OLH = "?partner_id={partner_id}"
TEXT = '{"text": "So"}'
OFFER = (
    '{"hours_max": 2, "working_seconds": 3600, "includes": "So",'
    ' "valid_until": "2026-12-20T10:00:00Z"}'
)

EVERYBODY = "!! ++++++ ++ ++ + + + +"
SEES = "!! +++0++ 00 ++ + + + +"
NOT_NOW = "!! ------ -- ?? ? ? ? ?"
NOT_YET = "!! ???0?? 00 ?? ? ? ? ?"
OWNER = "!! +----- 00 -- - - - -"
OWNERS = "!! +----- 00 -- - - - +"
PAYS = "!! ++---- 00 -- - - + +"
OWN = "!! ++++++ 00 -- - - - -"
KNOWN = "!! ++++++ 00 ++ + + + +"
SPECIALIST = "!! ------ -- ++ - - - -"
STAFF = "!! ------ -- ++ + + + +"

# The call, its scope, who may, and the query and body it is sent with.
#   AR OFMWVI XJ LS D P C B
TABLE: list[tuple[str, str, str, str]] = [
    ("GET /me", ANY, EVERYBODY, ""),
    (
        "POST /tickets/batch",
        WRITE,
        EVERYBODY,
        '{"tickets": [{"project_id": {project_id}, "subject": "A", "text": "B"}]}',
    ),
    ("GET /tickets", READ, EVERYBODY, ""),
    (
        "POST /tickets",
        WRITE,
        "!! +-++-+ ?? ++ + - - -",
        '{"project_id": {project_id}, "subject": "A", "text": "B"}',
    ),
    ("GET /tickets/search", READ, EVERYBODY, "?q=OLH-1"),
    ("GET /tickets/{number}", READ, SEES, ""),
    ("GET /tickets/{number}/messages", READ, SEES, ""),
    ("GET /tickets/{number}/history", READ, SEES, ""),
    ("GET /tickets/{number}/parts", READ, SEES, ""),
    ("GET /tickets/{number}/files", READ, SEES, ""),
    ("GET /tickets/{number}/clock", READ, SEES, ""),
    ("POST /tickets/{number}/message", WRITE, "!! +++0-+ 00 +- + - - -", TEXT),
    ("POST /tickets/{number}/approve", APPROVE, "!! ??-0-- 00 -- - - - -", "{}"),
    ("POST /tickets/{number}/refuse", APPROVE, "!! ??-0-- 00 -- - - - -", "{}"),
    ("POST /tickets/{number}/expire", WRITE, NOT_YET, "{}"),
    ("POST /tickets/{number}/confirm", WRITE, NOT_YET, '{"rating": 5}'),
    ("POST /tickets/{number}/return", WRITE, NOT_YET, TEXT),
    ("POST /tickets/{number}/reopen", WRITE, NOT_YET, TEXT),
    ("POST /tickets/{number}/cancel", WRITE, "!! +-+0-- 00 -- - - - -", TEXT),
    ("POST /tickets/{number}/agree", WRITE, "!! ---0-- 00 -- - - - -", "{}"),
    ("POST /tickets/{number}/disagree", WRITE, "!! ---0-- 00 -- - - - -", "{}"),
    (
        "POST /tickets/{number}/contest",
        WRITE,
        "!! ???0-- 00 -- - - - -",
        '{"about": "pause", "text": "So", "pause_id": {pause_id}}',
    ),
    ("POST /tickets/{number}/doubt", WRITE, "!! ???0-? 00 -- - - - -", TEXT),
    ("POST /tickets/{number}/order", WRITE, "!! +--0-- 00 -- - - - -", '{"up": true}'),
    ("POST /tickets/{number}/accept", WORK, NOT_NOW, '{"type": "simple", "message": "So"}'),
    ("POST /tickets/{number}/decline", WORK, NOT_NOW, '{"reason": "duplicate", "text": "So"}'),
    ("POST /tickets/{number}/start", WORK, NOT_NOW, "{}"),
    ("POST /tickets/{number}/step", WORK, NOT_NOW, '{"step": "solving"}'),
    ("POST /tickets/{number}/ask", WORK, NOT_NOW, TEXT),
    ("POST /tickets/{number}/resume", WORK, "!! ------ -- +- - - - -", TEXT),
    ("POST /tickets/{number}/consult", WORK, NOT_NOW, TEXT),
    (
        "POST /tickets/{number}/escalate",
        WORK,
        "!! ------ -- -- - - - -",
        '{"level": "production", "text": "So"}',
    ),
    ("POST /tickets/{number}/finish_part", WORK, NOT_NOW, '{"part": 1, "result": "So"}'),
    ("POST /tickets/{number}/split", WORK, NOT_NOW, '{"title": "So"}'),
    ("POST /tickets/{number}/absorb", WORK, NOT_NOW, "{}"),
    (
        "POST /tickets/{number}/deliver",
        WORK,
        NOT_NOW,
        '{"solution": "So", "changes": "So", "checking": "So"}',
    ),
    ("POST /tickets/{number}/recall", WORK, NOT_NOW, TEXT),
    (
        "POST /tickets/{number}/re_promise",
        WORK,
        NOT_NOW,
        '{"due_at": "2026-12-01T10:00:00Z", "reason": "So"}',
    ),
    ("POST /tickets/{number}/reclassify", WORK, NOT_NOW, '{"type": "bug", "reason": "So"}'),
    (
        "POST /tickets/{number}/hand_over",
        WORK,
        "!! ------ -- +- + - - -",
        '{"executor_id": {executor_id}, "text": "So"}',
    ),
    ("POST /tickets/{number}/merge", WORK, "!! ------ -- ?- - - - -", '{"into": "AGR-1"}'),
    ("POST /tickets/{number}/note", WORK, "!! ------ -- ++ + + - -", TEXT),
    ("POST /tickets/{number}/work_start", WORK, NOT_NOW, "{}"),
    ("POST /tickets/{number}/work_stop", WORK, STAFF, "{}"),
    ("POST /tickets/{number}/reply", WORK, "!! ------ -- -- - ? - -", TEXT),
    ("POST /tickets/{number}/estimate", WORK, NOT_NOW, OFFER),
    ("POST /tickets/{number}/supplement", WORK, NOT_NOW, OFFER),
    ("POST /tickets/{number}/log", WORK, NOT_NOW, '{"minutes": 30, "worked_on": "2026-11-27"}'),
    ("POST /tickets/{number}/build", WORK, NOT_NOW, TEXT),
    ("POST /tickets/{number}/confirm_defect", WORK, "!! ------ -- -- - + - -", TEXT),
    (
        "POST /tickets/{number}/rule",
        WORK,
        "!! ------ -- -- ? - - -",
        '{"dispute_id": {dispute_id}, "upheld": true, "text": "So"}',
    ),
    (
        "POST /tickets/{number}/excuse",
        WORK,
        "!! ------ -- -- + - - -",
        '{"clock_id": {clock_id}, "text": "So"}',
    ),
    ("GET /tickets/{number}/preview", WORK, STAFF, "?type=simple&parts=1"),
    ("PUT /tickets/{number}/following", WRITE, SEES, ""),
    ("DELETE /tickets/{number}/following", WRITE, SEES, ""),
    ("POST /files", WRITE, EVERYBODY, ""),
    ("GET /files/{token}", READ, SEES, ""),
    ("GET /home", READ, OWN, OLH),
    ("GET /work", READ, OWN, OLH),
    ("GET /projects", PROJECTS, EVERYBODY, OLH),
    ("GET /projects/{project_id}", PROJECTS, KNOWN, ""),
    ("GET /team", PEOPLE, OWNER, OLH),
    ("PUT /team/{person_id}", TEAM, OWNER, OLH + ' {"role": "viewer"}'),
    ("DELETE /team/{person_id}", TEAM, OWNER, OLH),
    ("GET /team/invitations", PEOPLE, OWNER, OLH),
    ("POST /team/invitations", TEAM, OWNER, OLH + ' {"email": "so@olh.example", "role": "viewer"}'),
    ("POST /team/invitations/{invitation_id}/resend", TEAM, OWNER, OLH),
    ("DELETE /team/invitations/{invitation_id}", TEAM, OWNER, OLH),
    ("GET /deposit", DEPOSIT, PAYS, OLH),
    ("GET /deposit/lots", DEPOSIT, PAYS, OLH),
    ("GET /deposit/movements", DEPOSIT, PAYS, OLH),
    ("POST /deposit/conversions", CONVERT, "!! ++---- 00 -- - - - -", OLH + ' {"quantity": 1}'),
    (
        "GET /deposit/statement",
        DEPOSIT,
        PAYS,
        OLH + "&from_on=2026-11-01&until_on=2026-11-30",
    ),
    ("GET /packs", DEPOSIT, PAYS, OLH),
    ("GET /invoices", DEPOSIT, PAYS, OLH),
    ("POST /invoices", CONVERT, "!! ++---- 00 -- - - - -", OLH + ' {"quantity": 1}'),
    ("GET /invoices/{invoice_id}", DEPOSIT, PAYS, OLH),
    ("GET /papers", DEPOSIT, PAYS, OLH),
    ("GET /papers/{paper_id}.{form}", DEPOSIT, PAYS, OLH),
    ("GET /calendar", PROJECTS, KNOWN, OLH),
    ("GET /plan", PROJECTS, KNOWN, OLH),
    ("GET /complaints", READ, "!! ++++-+ 00 -- - - - -", OLH),
    ("POST /complaints", WRITE, "!! ++++-+ 00 -- - - - -", OLH + ' {"text": "So"}'),
    ("GET /complaints/{complaint_id}", READ, "!! +0+000 00 -- - - - -", ""),
    ("GET /queue", WORK, SPECIALIST, ""),
    ("GET /pool", WORK, STAFF, ""),
    ("GET /board", WORK, "!! ------ -- -- + - - -", ""),
    ("GET /production", WORK, "!! ------ -- -- + + - -", ""),
    ("GET /timer", WORK, SPECIALIST, ""),
    ("PUT /timer", WORK, SPECIALIST, '{"activity": "break"}'),
    ("DELETE /timer", WORK, SPECIALIST, ""),
    ("GET /notices", NOTICES, EVERYBODY, ""),
    ("POST /notices/read", NOTICES, EVERYBODY, '{"up_to": 1}'),
    ("GET /webhooks", WEBHOOKS, OWNERS, OLH),
    ("POST /webhooks", WEBHOOKS, OWNERS, OLH + HOOK),
    ("GET /webhooks/{webhook_id}", WEBHOOKS, OWNERS, OLH),
    ("PUT /webhooks/{webhook_id}", WEBHOOKS, OWNERS, OLH + HOOK),
    ("DELETE /webhooks/{webhook_id}", WEBHOOKS, OWNERS, OLH),
    ("POST /webhooks/{webhook_id}/rotate", WEBHOOKS, OWNERS, OLH + " {}"),
    ("POST /webhooks/{webhook_id}/pause", WEBHOOKS, OWNERS, OLH),
    ("POST /webhooks/{webhook_id}/resume", WEBHOOKS, OWNERS, OLH),
    ("POST /webhooks/{webhook_id}/ping", WEBHOOKS, OWNERS, OLH),
    ("POST /webhooks/{webhook_id}/send_missed", WEBHOOKS, OWNERS, OLH),
    ("GET /webhooks/{webhook_id}/events", WEBHOOKS, OWNERS, OLH),
    # It is on its way already.
    (
        "POST /webhooks/{webhook_id}/events/{event_id}/redeliver",
        WEBHOOKS,
        "!! ?----- 00 -- - - - ?",
        OLH,
    ),
]
