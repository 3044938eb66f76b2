"""Where providers tell what became of an order: signed, or refused."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from desk.channels.payments import settling
from desk.channels.payments.providers import Forged, Unread
from desk.deposits.actions.online import WrongOrder
from desk.web import edge

BODY_BYTES_MAX = 64 * 1024
log = logging.getLogger("desk.payments")


@csrf_exempt
@require_POST
def told(request: HttpRequest, provider: str, company_id: int) -> HttpResponse:
    """One message: 200 once it is in the ledger, also when it was there; 403 for what is not
    signed with our key; 404 for an account or an order that is none of ours."""
    if len(request.body) > BODY_BYTES_MAX:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        settling.take(company_id, provider, request.POST.dict(), edge.now())
    except Forged:
        log.warning("A message of %s to company %s is forged.", provider, company_id)
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    except Unread as error:
        log.warning("A message of %s cannot be read: %s.", provider, error)
        return HttpResponse(status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except (settling.Unknown, WrongOrder):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    return HttpResponse("ok", content_type="text/plain")
