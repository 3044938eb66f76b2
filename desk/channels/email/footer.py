"""What stands under a mail: where its reader chooses what comes, and switches such mails off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from desk.channels import addresses, themes, unsubscribing
from desk.channels.models import Delivery
from desk.channels.recipients import RULES

ONE_CLICK = "List-Unsubscribe=One-Click"


@dataclass(frozen=True, slots=True)
class Footer:
    """Whole addresses, "" where there is none: `manage` of the preferences, `stop` of the page that
    switches mails of these themes off. What the service has to tell has no `stop`."""

    manage: str = ""
    stop: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a mail program shows as its own button (RFC 2369, RFC 8058)."""
        if not self.stop:
            return {}
        return {"List-Unsubscribe": f"<{self.stop}>", "List-Unsubscribe-Post": ONE_CLICK}


def of(deliveries: Sequence[Delivery]) -> Footer:
    """The footer of a mail that tells of these deliveries to one person."""
    person_id = deliveries[0].person_id
    chosen = [row for row in deliveries if is_chosen(row)]
    if person_id is None or not chosen:
        return Footer()
    manage = addresses.whole(addresses.preferences())
    path = unsubscribing.path(person_id, _themes(chosen))
    return Footer(manage, addresses.whole(path) if path else "")


def is_chosen(delivery: Delivery) -> bool:
    """Whether the person's choices decide on it: not on an invitation or a new password."""
    return any(rule.who == delivery.why for rule in RULES.get(delivery.entry.verb, ()))


def _themes(deliveries: Iterable[Delivery]) -> set[themes.Theme]:
    return {themes.of_delivery(row.entry, row.why) for row in deliveries}
