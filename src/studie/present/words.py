"""Dutch words for codes: steps, groups, sectors, units and why a cell is empty."""

from __future__ import annotations

from studie.present.numbers import UNKNOWN

STEPS = {
    "1": "trede 1",
    "2": "trede 2",
    "3": "trede 3",
    "3-4": "tussen 3 en 4",
    "4": "trede 4",
    "4-5": "tussen 4 en 5",
    "5": "trede 5",
    "5-6": "tussen 5 en 6",
    "6": "trede 6",
    "uit_beeld": "uit beeld",
    "exit_pension": "met pensioen",
    "exit_death": "overleden",
    "exit_moved": "verhuisd",
}
NO_PERIOD = f"periode {UNKNOWN}"
PROPOSAL = "voorstel van de studie"  # publisher of what nobody decided yet
CELL_STATUS = {
    "suppressed": "te klein",
    "missing": UNKNOWN,
    "not_applicable": "n.v.t.",
    "unreachable": "onbereikbaar",
    "no_need": "geen vraag",
}
MODES = {"public_transport": "met het openbaar vervoer", "bicycle": "met de fiets", "car": "met de auto"}
FACES = {
    "volume": "omvang",
    "diversity": "verscheidenheid",
    "reach": "bereik",
    "sector": "sector",
    "knowledge": "kennis",
}
DATA_STATUS = {"observed": "waargenomen", "own": "eigen gegevens", "demonstration": "demonstratie"}


def step(code: object) -> str:
    """Name of a step or state."""
    return STEPS.get(str(code), str(code))


def sector(code: str) -> str:
    """Name of a sector: its code is already the Dutch word."""
    return code


GROUPS = {
    ("support", "ja"): "met ondersteuning",
    ("support", "nee"): "zonder ondersteuning",
    ("sex", "m"): "mannen",
    ("sex", "v"): "vrouwen",
}


def group(column: str, value: object) -> str:
    """Name of a group of persons."""
    return GROUPS.get((column, str(value)), str(value))


def short_period(period: str) -> str:
    """Period for a narrow axis: 2024, K4 2024 (vierde kwartaal), apr 2026."""
    from studie.present.numbers import SHORT_MONTHS

    year, _, part = period.partition("-")
    if not part:
        return year
    short = SHORT_MONTHS[int(part) - 1] if part.isdigit() else part.replace("Q", "K")
    return f"{short}\n{year}"


BETWEEN = frozenset({"3-4", "4-5", "5-6"})
QUANTITIES = {"relapse": "terugval", "lasting": "duurzaam", "lasting_move": "duurzaam"}
BENCHMARKS = {
    "seasonal naive": "'zoals vorig jaar'",
    "naive": "'zoals vorige maand'",
    "trend": "doortrekken van de trend",
}
ENDS = (
    "trede 6",
    "trede 5",
    "trede 4",
    "trede 3",
    "trede 1 of 2",
    "tussen treden",
    "uit beeld",
    "met pensioen, verhuisd of overleden",
)
END_STATES = {
    **{step: STEPS[step] for step in ("3", "4", "5", "6")},
    **dict.fromkeys(("1", "2"), ENDS[4]),
    **dict.fromkeys(sorted(BETWEEN), ENDS[5]),
    "uit_beeld": ENDS[6],
    **dict.fromkeys(("exit_pension", "exit_moved", "exit_death"), ENDS[7]),
}
