"""Why a word on somebody's work is not taken; screens translate."""

from __future__ import annotations


class NotToSay(Exception):
    """This person, or now, is not the one for it.

    `why` is one of: "own" (nobody rules on an own case), "involved" (who stepped into the ticket
    does not), "not_administrator", "not_yours" (only whom it is about explains),
    "not_complainant" (only the partner's people complain, viewers do not), "by_itself" (a
    rule excused it already), "said" (another one was first: `by_id` is who).
    """

    def __init__(self, why: str, by_id: int | None = None) -> None:
        super().__init__(why)
        self.why, self.by_id = why, by_id
