"""`desk plan`: the capacity planner on the command line (specification 5).

`queue` is the plain queue for checking; the others answer: how many projects each (`cap`), what a
cover gives (`cover`), what absence does (`absence`), and at what load personal managers stop being
faster than the classic line (`compare`). The same seed gives the same figures.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict

from desk.planner import answers, flows, queue
from desk.planner.answers import Effort
from desk.planner.flows import Kind, Line, Team, Way
from desk.planner.formulas import Unstable
from desk.planner.queue import Queue

NAME = "plan"
HELP = "the capacity planner: projects per manager, covers, the classic line"

DIGITS = 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands; each sets `action`, which `run` calls."""
    actions = parser.add_subparsers(dest="plan_action", required=True, metavar="ACTION")
    _configure_queue(actions.add_parser("queue", help="the plain queue, for checking"))
    for name, what, action in (
        ("team", "a year of a team", _team),
        ("cap", "the most projects each that keep the promise", _cap),
        ("cover", "what a cover gives, by what getting into a project costs", _cover),
        ("absence", "what absence does", _absence),
        ("compare", "personal managers beside the classic line", _compare),
    ):
        sub = actions.add_parser(name, help=what)
        _configure_team(sub)
        sub.set_defaults(action=action)


def run(options: argparse.Namespace) -> int:
    """Print the answer; 2 when wrongly asked, also for a queue that grows without end."""
    try:
        found = options.action(options)
    except Unstable as error:
        sentence = f"desk plan: more work comes than can be done (load {error.load:.2f})."
        print(sentence, file=sys.stderr)
        return 2
    rounded = _rounded(found)
    if options.json:
        print(json.dumps(rounded))
    else:
        _print(rounded)
    return 0


def _configure_queue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--arrivals-per-hour", type=_above_zero, required=True, metavar="L")
    parser.add_argument("--service-minutes", type=_above_zero, required=True, metavar="S")
    parser.add_argument("--service-cv", type=_cv, default=1.0, metavar="CV")
    parser.add_argument("--servers", type=_count(queue.SERVERS_MAX), default=1, metavar="C")
    _common(parser)
    parser.set_defaults(action=_queue)


def _configure_team(parser: argparse.ArgumentParser) -> None:
    usual = Team()
    parser.add_argument("--specialists", type=_count(500), default=usual.specialists)
    parser.add_argument("--projects", type=_count(500), default=usual.projects_each)
    tickets = usual.tickets_a_project_a_month
    parser.add_argument("--tickets-per-month", type=_above_zero, default=tickets, help="a project")
    parser.add_argument("--minutes", type=_above_zero, default=Kind().minutes, help="a ticket")
    parser.add_argument("--cv", type=_cv, default=Kind().cv)
    parser.add_argument("--way", choices=[way.value for way in Way], default=usual.way.value)
    parser.add_argument("--entry-minutes", type=_from_zero, default=usual.entry_minutes)
    parser.add_argument("--gap-minutes", type=_from_zero, default=usual.gap_minutes)
    parser.add_argument("--absence-days", type=_days, default=0, help="a year each")
    parser.add_argument("--promise", type=_share, default=answers.PROMISE)
    _common(parser)


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")


def _queue(options: argparse.Namespace) -> object:
    asked = Queue(
        options.arrivals_per_hour, options.service_minutes, options.service_cv, options.servers
    )
    found = queue.simulate(asked, options.seed)
    return {
        "wait_minutes": asdict(found.wait),
        "sojourn_minutes": {"mean": found.sojourn.mean, "p50": found.p50, "p90": found.p90},
        "utilisation": found.utilisation,
    }


def _asked(options: argparse.Namespace) -> Team:
    return Team(
        specialists=options.specialists,
        projects_each=options.projects,
        tickets_a_project_a_month=options.tickets_per_month,
        kinds=(Kind(minutes=options.minutes, cv=options.cv),),
        way=Way(options.way),
        entry_minutes=options.entry_minutes,
        gap_minutes=options.gap_minutes,
        absence_days=options.absence_days,
    )


def _effort(options: argparse.Namespace) -> Effort:
    return Effort(options.seed)


def _team(options: argparse.Namespace) -> object:
    return asdict(answers.figures(_asked(options), _effort(options)))


def _cap(options: argparse.Namespace) -> object:
    return asdict(answers.cap(_asked(options), _effort(options), options.promise))


def _cover(options: argparse.Namespace) -> object:
    return [asdict(one) for one in answers.cover(_asked(options), _effort(options))]


def _absence(options: argparse.Namespace) -> object:
    team = _asked(options)
    nobody, everybody = answers.absence(team, team.absence_days or 20, _effort(options))
    return {"without": asdict(nobody), "with": asdict(everybody)}


def _compare(options: argparse.Namespace) -> object:
    return [asdict(one) for one in answers.compare(_asked(options), Line(), _effort(options))]


def _rounded(found: object) -> object:
    if isinstance(found, float):
        return round(found, DIGITS)
    if isinstance(found, dict):
        return {name: _rounded(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_rounded(one) for one in found]
    return found


def _print(found: object, indent: int = 0) -> None:
    """Names and figures, one a line; a list with an empty line after each."""
    if isinstance(found, list):
        for one in found:
            _print(one, indent)
            print()
    elif isinstance(found, dict):
        for name, value in found.items():
            if isinstance(value, dict | list):
                print(f"{' ' * indent}{name}")
                _print(value, indent + 2)
            else:
                print(f"{' ' * indent}{name:<14} {'-' if value is None else value}")
    else:
        print(f"{' ' * indent}{'-' if found is None else found}")


def _number(least: float, *, least_counts: bool = True) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not least <= value < float("inf") or (value == least and not least_counts):
            raise argparse.ArgumentTypeError(f"{text} is not a number that can be meant here")
        return value

    return parse


_above_zero, _from_zero = _number(0, least_counts=False), _number(0)


def _cv(text: str) -> float:
    value = _from_zero(text)
    if value > flows.CV_MAX:
        raise argparse.ArgumentTypeError(f"a coefficient of variation is at most {flows.CV_MAX}")
    return value


def _share(text: str) -> float:
    value = _from_zero(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text} is no share between 0 and 1")
    return value


def _days(text: str) -> int:
    value = int(text)
    if not 0 <= value < flows.YEAR_DAYS:
        raise argparse.ArgumentTypeError(f"a year has {flows.YEAR_DAYS} working days")
    return value


def _count(most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between 1 and {most}")
        return value

    return parse
