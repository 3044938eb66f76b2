"""Every cell of the matrix verb × state × role, written out by hand from specification 2.

The table below is read from the specification's "Moves", not printed from the code: a table that
is tested against itself proves nothing. Under "verb by roles" each line says what these may do in
each state, and where it leads. Cells:

    .     refused                    =     the ticket stays in its state
    <     back to where it was before waiting
    sub dep est app acc wrk prt prd del res dcl can mrg     the state it goes to

`when` names all that must hold ("-": nothing); of several lines the first that fits decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations

import pytest

from desk.rules import lifecycle
from desk.rules.lifecycle import Acceptance, Actor, Condition, Money, NotAllowed, State, Verb

STATES = {
    "sub": State.SUBMITTED,
    "dep": State.AWAITING_DEPOSIT,
    "est": State.AWAITING_ESTIMATE,
    "app": State.AWAITING_APPROVAL,
    "acc": State.ACCEPTED,
    "wrk": State.IN_WORK,
    "prt": State.AWAITING_PARTNER,
    "prd": State.AWAITING_PRODUCTION,
    "del": State.DELIVERED,
    "res": State.RESOLVED,
    "dcl": State.DECLINED,
    "can": State.CANCELLED,
    "mrg": State.MERGED,
}

MATRIX = """
    when                 | sub dep est app acc wrk prt prd del res dcl can mrg
accept by lead cover executor
    customisation        | est  .   .   .   .   .   .   .   .   .   .   .   .
    over_limit           | app  .   .   .   .   .   .   .   .   .   .   .   .
    deposit_low          | dep  .   .   .   .   .   .   .   .   .   .   .   .
    -                    | acc  .   .   .   .   .   .   .   .   .   .   .   .
decline by lead cover executor
    -                    | dcl  .  dcl  .   .   .   .   .   .   .   .   .   .
decline by production
    -                    |  .   .  dcl  .   .   .   .   .   .   .   .   .   .
estimate by production
    -                    |  .   .  app  .   .   .   .   .   .   .   .   .   .
approve by owner finance
    deposit_low          |  .   .   .  dep  .   .   .   .   .   .   .   .   .
    work_begun           |  .   .   .  wrk  .   .   .   .   .   .   .   .   .
    parts_offered        |  .   .   .  acc  =   =   =   =   .   .   .   .   .
    -                    |  .   .   .  acc  .   .   .   .   .   .   .   .   .
refuse by owner finance
    supplement           |  .   .   .  wrk  .   .   .   .   .   .   .   .   .
    parts_offered        |  .   .   .  can  =   =   =   =   .   .   .   .   .
    -                    |  .   .   .  can  .   .   .   .   .   .   .   .   .
expire by owner finance author
    estimate_out_of_date |  .   .   .  est  .   .   .   .   .   .   .   .   .
expire by system
    -                    |  .  can  .  can  .   .   .   .   .   .   .   .   .
fund by system
    work_begun defect    |  .  wrk  .  wrk  .   .   .   .   .   .   .   .   .
    work_begun           |  .  wrk  .   .   .   .   .   .   .   .   .   .   .
    defect               |  .  acc  .  acc  .   .   .   .   .   .   .   .   .
    -                    |  .  acc  .   .   .   .   .   .   .   .   .   .   .
start by executor
    -                    |  .   .   .   .  wrk  .   .   .   .   .   .   .   .
step by executor
    -                    |  .   .   .   .   .   =   .   .   .   .   .   .   .
ask by executor
    part_can_proceed     |  .   .   .   .   =   =   .   .   .   .   .   .   .
    -                    |  .   .   .   .  prt prt  .   .   .   .   .   .   .
answer by owner finance member author
    -                    |  .   .   .   .   .   .   <   .   .   .   .   .   .
resume by executor
    -                    |  .   .   .   .   .   .   <   .   .   .   .   .   .
consult by executor
    consult_pauses       |  .   .   .   .   .  prd  .   .   .   .   .   .   .
    -                    |  .   .   .   .   .   =   .   .   .   .   .   .   .
escalate by executor
    bug                  |  .   .   .   .   =   =   =   =   .   .   .   .   .
reply by production
    consulted            |  =   =   =   =   =   =   =  wrk  =   .   .   .   .
    -                    |  .   .   .   .   .   .   .  wrk  .   .   .   .   .
supplement by production
    customisation        |  .   .   .   .   .  app  .  app  .   .   .   .   .
log by production
    customisation        |  .   .   .   .   .   =   .   =   .   .   .   .   .
build by production
    customisation        |  .   .   .   .   .   =   .   .   .   .   .   .   .
finish_part by executor
    -                    |  .   .   .   .   .   =   .   .   .   .   .   .   .
split by executor
    -                    |  .   .   .   .   .   =   .   .   .   .   .   .   .
absorb by executor
    -                    |  .   .   .   .   .   =   .   .   .   .   .   .   .
deliver by executor
    -                    |  .   .   .   .   .  del  .   .   .   .   .   .   .
recall by executor
    -                    |  .   .   .   .   .   .   .   .  wrk  .   .   .   .
confirm by owner author system
    -                    |  .   .   .   .   .   .   .   .  res  .   .   .   .
return by owner author
    -                    |  .   .   .   .   .   .   .   .  wrk  .   .   .   .
reopen by owner author
    -                    |  .   .   .   .   .   .   .   .   .  acc  .   .   .
re_promise by executor
    -                    |  .   .   .   .   =   =   .   .   .   .   .   .   .
agree by owner author
    re_promise_open      |  =   =   =   =   =   =   =   =   =   .   .   .   .
disagree by owner author
    re_promise_open      |  =   =   =   =   =   =   =   =   =   .   .   .   .
reclassify by executor administrator
    customisation        |  .   .   .   .  est est  .   .   .   .   .   .   .
    over_limit           |  .   .   .   .  app app  .   .   .   .   .   .   .
    deposit_low          |  .   .   .   .  dep dep  .   .   .   .   .   .   .
    -                    |  .   .   .   .   =   =   .   .   .   .   .   .   .
confirm_defect by production
    -                    |  .   =   =   =   =   =   =   =   =   =   .   .   .
cancel by owner author
    -                    | can can can can can can can can  .   .   .   .   .
cancel by system
    -                    |  .   .   .   .   .   .  can  .   .   .   .   .   .
merge by executor
    -                    | mrg mrg mrg mrg mrg mrg mrg mrg  .   .   .   .   .
hand_over by executor administrator system
    -                    |  =   =   =   =   =   =   =   =   =   .   .   .   .
message by owner finance member author
    -                    |  =   =   =   =   =   =   =   =   =   =   =   =   .
message by executor lead cover administrator
    -                    |  =   =   =   =   =   =   =   =   =   =   =   =   .
note by executor lead cover administrator
    -                    |  =   =   =   =   =   =   =   =   =   =   =   =   =
note by production specialist
    -                    |  =   =   =   =   =   =   =   =   =   =   =   =   =
contest by owner finance author
    -                    |  =   =   =   =   =   =   =   =   =   =   =   =   =
doubt by owner finance member author
    -                    |  =   =   =   =   =   =   =   =   =   .   .   .   .
rule by administrator
    dispute_open         |  =   =   =   =   =   =   =   =   =   =   =   =   =
excuse by administrator
    -                    |  =   =   =   =   =   =   =   =   =   =   =   =   =
redo by administrator
    -                    |  .   .   .   .   .   .   .   .  wrk acc  .   .   .
"""

SUBMITS = "owner member lead cover specialist administrator system"

# verb, from: what happens to the acceptance clock (R4), the deposit, and whether it promises (T2).
EFFECTS = """
accept acc        | satisfy | hold    | promise
accept app        | satisfy | none    |
accept est        | satisfy | none    |
accept dep        | satisfy | none    |
approve acc       | keep    | hold    | promise
approve wrk       | keep    | hold    | promise
approve dep       | keep    | none    |
refuse can        | keep    | settle  |
refuse wrk        | keep    | none    |
expire can        | keep    | settle  |
confirm res       | keep    | capture |
return wrk        | keep    | none    |
reopen acc        | keep    | none    | promise
redo acc          | keep    | none    | promise
redo wrk          | keep    | none    |
confirm_defect =  | keep    | return  |
cancel can        | keep    | settle  |
merge mrg         | void    | release |
hand_over =       | keep    | none    |
ask prt           | keep    | none    |
escalate =        | keep    | none    |
message =         | keep    | none    |
note =            | keep    | none    |
"""


@dataclass(frozen=True)
class Line:
    verb: Verb
    who: frozenset[Actor]
    when: frozenset[Condition]
    cells: dict[State, str]


def _lines() -> tuple[Line, ...]:
    header, *rows = MATRIX.strip("\n").splitlines()
    columns = [STATES[word] for word in header.split("|")[1].split()]
    lines, verb, who = [], "", ""
    for row in rows:
        if not row.startswith(" "):
            verb, _, who = row.partition(" by ")
            continue
        when, cells = row.split("|")
        lines.append(
            Line(
                Verb(verb),
                frozenset(map(Actor, who.split())),
                frozenset(map(Condition, when.replace("-", "").split())),
                dict(zip(columns, cells.split(), strict=True)),
            )
        )
    return tuple(lines)


LINES = _lines()
BY_VERB = {verb: [line for line in LINES if line.verb == verb] for verb in Verb}


def _expected(verb: Verb, state: State, actor: Actor, holds: frozenset[Condition]) -> str:
    for line in BY_VERB[verb]:
        fits = actor in line.who and line.when <= holds
        if fits and line.cells[state] != ".":
            return line.cells[state]
    return "."


def _found(verb: Verb, state: State, actor: Actor, holds: frozenset[Condition]) -> str:
    try:
        move = lifecycle.decide(verb, state, frozenset({actor}), holds)
    except NotAllowed:
        return "."
    if move.back:
        return "<"
    names = {state: name for name, state in STATES.items()}
    return "=" if move.target is None else names[move.target]


def _situations(verb: Verb) -> list[frozenset[Condition]]:
    """All combinations of the conditions that the verb's lines name, and all conditions at once:
    those of other verbs must not matter."""
    named = sorted({word for line in BY_VERB[verb] for word in line.when})
    chosen = chain.from_iterable(combinations(named, n) for n in range(len(named) + 1))
    strange = frozenset(Condition) - frozenset(named)
    return [holds for some in chosen for holds in (frozenset(some), frozenset(some) | strange)]


def test_t1_the_matrix_names_every_state_and_every_verb_but_submit() -> None:
    assert set(STATES.values()) == set(State)
    assert {line.verb for line in LINES} == set(Verb) - {Verb.SUBMIT}


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb != Verb.SUBMIT])
def test_t1_every_cell_is_as_the_specification_says(verb: Verb) -> None:
    wrong = [
        f"{verb} in {state} by {actor} when {sorted(holds)}: {found}, should be {expected}"
        for state in State
        for actor in Actor
        for holds in _situations(verb)
        if (expected := _expected(verb, state, actor, holds))
        != (found := _found(verb, state, actor, holds))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", list(State))
def test_t1_what_is_offered_is_what_some_situation_allows(state: State) -> None:
    for actor in Actor:
        expected = {line.verb for line in LINES if actor in line.who and line.cells[state] != "."}
        offered = lifecycle.allowed(state, frozenset({actor}))
        assert set(offered) == expected, f"{state} by {actor}"
        assert len(offered) == len(set(offered))


@pytest.mark.parametrize("state", list(State))
def test_t1_what_is_allowed_now_is_what_can_be_decided_now(state: State) -> None:
    none: frozenset[Condition] = frozenset()
    for actor in Actor:
        expected = {
            verb
            for verb in Verb
            if verb != Verb.SUBMIT and _expected(verb, state, actor, none) != "."
        }
        assert set(lifecycle.allowed(state, frozenset({actor}), none)) == expected


def test_t1_submit_is_open_to_partners_who_ask_and_to_the_desk() -> None:
    for actor in Actor:
        if actor in SUBMITS.split():
            move = lifecycle.decide(Verb.SUBMIT, None, frozenset({actor}))
            assert move.target == State.SUBMITTED
        else:
            with pytest.raises(NotAllowed):
                lifecycle.decide(Verb.SUBMIT, None, frozenset({actor}))


def test_t1_nobody_is_allowed_anything() -> None:
    for verb in Verb:
        for state in State:
            with pytest.raises(NotAllowed) as refused:
                lifecycle.decide(verb, state, frozenset(), frozenset(Condition))
            assert refused.value.allowed == ()


def test_t1_a_refusal_names_state_move_and_what_is_allowed() -> None:
    with pytest.raises(NotAllowed) as refused:
        lifecycle.decide(Verb.DELIVER, State.ACCEPTED, frozenset({Actor.EXECUTOR}))
    error = refused.value
    assert (error.verb, error.state, error.by_state) == (Verb.DELIVER, State.ACCEPTED, True)
    assert {Verb.START, Verb.ASK, Verb.RECLASSIFY} <= set(error.allowed)
    with pytest.raises(NotAllowed) as refused:
        lifecycle.decide(Verb.DELIVER, State.IN_WORK, frozenset({Actor.OWNER}))
    assert not refused.value.by_state


def test_t1_who_is_several_things_at_once_may_do_what_any_of_them_may() -> None:
    both = frozenset({Actor.SPECIALIST, Actor.LEAD, Actor.EXECUTOR})
    for state in State:
        single = [lifecycle.allowed(state, frozenset({actor})) for actor in both]
        assert set(lifecycle.allowed(state, both)) == {v for verbs in single for v in verbs}


@pytest.mark.parametrize("line", EFFECTS.strip().splitlines())
def test_r4_effects_on_acceptance_clock_deposit_and_promise(line: str) -> None:
    head, acceptance, money, promise = (part.strip() for part in line.split("|"))
    verb, target = head.split()
    goal = STATES.get(target)
    rows = [move for move in lifecycle.MOVES if move.verb == verb and move.target == goal]
    assert rows
    for move in rows:
        if move.verb == Verb.CANCEL and State.SUBMITTED in move.sources:
            assert move.acceptance == Acceptance.VOID
        else:
            assert move.acceptance == Acceptance(acceptance)
        assert move.money == Money(money)
        assert move.promise == (promise == "promise")


CLOCKS = """
submitted           | specialist | runs   |
awaiting_deposit    | partner    | paused |
awaiting_estimate   | production | paused | production
awaiting_approval   | partner    | paused |
accepted            | specialist | runs   |
in_work             | specialist | runs   |
awaiting_partner    | partner    | paused |
awaiting_production | production | paused | production
delivered           | partner    | paused |
resolved            | nobody     | ended  |
declined            | nobody     | ended  |
cancelled           | nobody     | ended  |
merged              | nobody     | ended  |
"""


def test_whose_turn_it_is_and_which_clock_runs_follow_from_the_state() -> None:
    lines = [[part.strip() for part in row.split("|")] for row in CLOCKS.strip().splitlines()]
    assert {state for state, *_ in lines} == set(State)
    for state, turn, clock, own in lines:
        row = lifecycle.STATES[State(state)]
        assert (row.turn, row.clock) == (turn, clock)
        assert row.production_clock == (own == "production")
        assert row.open == (clock != "ended")
