"""What people of the demonstration make of what control found: explanations, rulings, audits, a
complaint that was answered and one that waits."""

from __future__ import annotations

from datetime import timedelta

from desk.oversight.actions import audits, complaints, rulings, scores
from desk.oversight.actions.audits import Answers, AuditRefused, Given
from desk.oversight.actions.complaints import Answering, Complaining
from desk.oversight.actions.refusals import NotToSay
from desk.oversight.models import Audit, Verdict, Violation
from desk.partners.models import Person
from desk.tickets.models import Ticket
from simulation.people import Company, cause_of
from simulation.world import World

NIGHT = timedelta(hours=10)
EXPLAINED = "Був на зв'язку з клієнтом телефоном і не встиг записати вчасно."
RULED = {
    Verdict.UPHELD: "Так, за записами саме так і було. Прошу надалі дотримуватися.",
    Verdict.EXCUSED: "Причина поважна, пояснення підтверджене записами.",
    Verdict.RULE_WRONG: "У цьому випадку правило не мало спрацювати; змінимо в наступній редакції.",
}
TURNS = (Verdict.UPHELD, Verdict.EXCUSED, Verdict.UPHELD, Verdict.UPHELD, Verdict.RULE_WRONG)


def follow(world: World) -> None:
    """What was found the day before is explained and ruled on; the newest waits. Audits are drawn
    when a week is over, and done but for the last ones."""
    for row in Violation.objects.filter(excuse="", ruling=None).order_by("pk"):
        if row.pk % 2 == 0 and not row.explanations.exists():
            _tries(world, row.person, rulings.explain, row.pk, EXPLAINED)
        if row.found_at < world.now - NIGHT:
            verdict = TURNS[row.pk % len(TURNS)]
            for administrator in world.cast.administrators:
                judged = (row.pk, verdict, RULED[verdict])
                if _tries(world, administrator, rulings.rule_violation, *judged):
                    break
    audits.draw_audits(world.now)
    waiting = list(Audit.objects.filter(done_at=None).order_by("pk"))
    for audit in waiting[: len(waiting) // 2]:
        _audit(world, audit)
    scores.count_week(world.now)


def _audit(world: World, row: Audit) -> None:
    names = audits.questions(row.edition)
    given = {name: Given("yes") for name in names}
    if row.pk % 3 == 0 and names:
        given[names[-1]] = Given("no", "Досьє доповнено лише частково.")
    for administrator in world.cast.administrators:
        if _tries(world, administrator, audits.take_audit, row.pk):
            _tries(world, administrator, audits.answer_audit, row.pk, Answers(given))
            return


def complain(world: World, company: Company, *, answered: bool) -> None:
    """A partner complains now of the latest ticket; the other administrator answers at once."""
    tickets = Ticket.objects.filter(partner=company.partner, executor__isnull=False)
    ticket = tickets.order_by("-pk").first()
    if ticket is None:
        return
    words = "Рішення довелося перевіряти двічі, ми очікували на ясніше пояснення."
    asked = Complaining(company.partner.pk, words, ticket.pk)
    made = world.do(company.owner, "cabinet", complaints.complain, asked)
    if answered:
        answer = "Перевірили записи: пояснення справді було неповним, спеціаліст його доповнив."
        said = Answering(upheld=True, answer=answer, clause="2.2")
        for administrator in reversed(world.cast.administrators):
            if _tries(world, administrator, complaints.answer_complaint, made.pk, said):
                return


def _tries(world: World, person: Person, verb: object, *what: object) -> bool:
    """Act, unless the person has a part in the matter and is refused."""
    assert callable(verb), "a verb is a function"
    try:
        verb(cause_of(person, world.now, "control"), *what)
    except (NotToSay, AuditRefused):
        return False
    world.moves += 1
    return True
