"""The truth behind the demonstration data: states, hazards, effects and composition, all stored beside the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from studie.data.demonstration.streams import Floats, stream

STEPS = ("1", "2", "3", "4", "5", "6")
BETWEEN = ("3-4", "4-5", "5-6")
EXITS = ("exit_pension", "exit_death", "exit_moved")
STATES = (*STEPS, *BETWEEN, "uit_beeld", *EXITS)
POSITION = np.array([1, 2, 3, 4, 5, 6, 3.5, 4.5, 5.5, np.nan, np.nan, np.nan, np.nan])  # nan: not on the ladder

AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64")
SEXES = ("m", "v")
TARGET_GROUPS = ("langdurig werkzoekend", "arbeidsbeperking", "psychische kwetsbaarheid", "leefloon", "nieuwkomer")
DUTCH_LEVELS = ("geen", "beperkt", "goed", "zeer goed")
SUPPORT = ("nee", "ja")
KINDS = ("constant", "up", "down", "out", "back", "pension", "death")

FIRST_PERIOD = "2019-05"
BLIND_SPOT_FACTOR = 0.7  # 30 % fewer places per need
BLIND_SPOTS = {11000: 2, 12000: 1, 13000: 2}  # per arrondissement: five, so that each can be among the five worst
DURATION_MONTHS = 60  # hazards stay as they are after this time on a step

# From, to, kind, hazard per month on arrival, how it changes with time on the step. Chosen so that published figures
# are met: stocks near the province's 6,871, 13/21/26/30 % from 4 to work within 6/12/18/24 months, 5 -> 6 between
# 1 and 2 % a year; most who relapse do so soon after the move.
MOVES: tuple[tuple[str, str, str, float, str], ...] = (
    ("1", "2", "up", 0.0180, "fades"),
    ("2", "1", "down", 0.0060, "constant"),
    ("2", "3", "up", 0.0240, "fades"),
    ("2", "4", "up", 0.0040, "fades"),
    ("3", "2", "down", 0.0030, "constant"),
    ("3", "4", "up", 0.0100, "fades"),
    ("3", "5", "up", 0.0030, "fades"),
    ("3", "3-4", "up", 0.0010, "fades"),
    ("3-4", "3", "constant", 0.0600, "constant"),
    ("3-4", "4", "constant", 0.1000, "constant"),
    ("4", "2", "down", 0.0030, "constant"),
    ("4", "3", "down", 0.0090, "constant"),
    ("4", "5", "up", 0.0191, "activation"),
    ("4", "6", "up", 0.0084, "activation"),
    ("4", "4-5", "up", 0.0011, "activation"),
    ("4-5", "4", "constant", 0.0500, "constant"),
    ("4-5", "5", "constant", 0.1200, "constant"),
    ("5", "3", "down", 0.0014, "constant"),
    ("5", "4", "down", 0.0010, "constant"),
    ("5", "6", "up", 0.0028, "fades"),
    ("5", "5-6", "up", 0.0003, "fades"),
    ("5-6", "5", "constant", 0.0600, "constant"),
    ("5-6", "6", "constant", 0.0900, "constant"),
    ("6", "3", "down", 0.0009, "constant"),
    ("6", "4", "down", 0.0028, "constant"),
    ("6", "5", "down", 0.0018, "constant"),
    ("1", "uit_beeld", "out", 0.0050, "constant"),
    ("2", "uit_beeld", "out", 0.0045, "constant"),
    ("3", "uit_beeld", "out", 0.0025, "constant"),
    ("4", "uit_beeld", "out", 0.0060, "constant"),
    ("5", "uit_beeld", "out", 0.0010, "constant"),
    ("6", "uit_beeld", "out", 0.0040, "constant"),
    ("uit_beeld", "1", "back", 0.0060, "fades"),
    ("uit_beeld", "2", "back", 0.0160, "fades"),
    ("uit_beeld", "3", "back", 0.0060, "fades"),
    ("uit_beeld", "4", "back", 0.0240, "fades"),
    ("uit_beeld", "6", "back", 0.0040, "fades"),
)

# Hazard ratio by covariate value and kind of move; what is not named is 1.
EFFECTS: dict[str, dict[str, dict[str, float]]] = {
    "support": {"ja": {"up": 1.10, "down": 0.65}},
    "target_group": {
        "arbeidsbeperking": {"up": 0.85, "down": 0.90},
        "psychische kwetsbaarheid": {"up": 0.75, "down": 1.35},
        "leefloon": {"up": 1.25, "down": 1.10, "out": 1.20},
        "nieuwkomer": {"up": 1.15, "out": 1.40},
    },
    "dutch_level": {"geen": {"up": 0.70, "out": 1.20}, "beperkt": {"up": 0.85}, "zeer goed": {"up": 1.05}},
    "age_band": {
        "18-24": {"up": 1.15, "down": 1.10, "out": 1.30, "death": 0.3, "pension": 0.0},
        "25-34": {"up": 1.10, "death": 0.4, "pension": 0.0},
        "35-44": {"death": 0.7, "pension": 0.0},
        "45-54": {"up": 0.90, "death": 1.4, "pension": 0.0},
        "55-64": {"up": 0.65, "death": 3.0},
    },
    "sex": {"v": {"down": 0.95, "death": 0.7}},
}


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Everything that drives the panel; person months are drawn from exactly this.

    Attributes
    ----------
    moves : tuple of (from, to, kind, hazard [per month], shape)
        Allowed moves. Exits (pension, death, moved) act from every state and are in `exits`.
    shapes : dict
        Factor on the hazard by completed months on the step: `floor + (1 - floor) exp(-d / months)`, and
        `activation`, a factor per half year.
    relapse_peak : dict
        Factor on downward hazards of who arrived by an upward move: `1 + (factor - 1) exp(-d / months)`.
    effects : dict
        Hazard ratios by covariate, value and kind of move.
    shares : dict
        Composition at entry: shares per covariate, support by target group, step at start and of inflow.
    municipality : DataFrame, indexed by refnis
        `share` of persons, `up_ratio` (hazard ratio of upward moves), `blind_spot`, one column `mix:<target group>`
        with the share of each target group (rows sum to 1).
    """

    municipality: pd.DataFrame
    seed: int
    moves: tuple[tuple[str, str, str, float, str], ...] = MOVES
    exits: Mapping[str, float] = field(
        default_factory=lambda: {"exit_pension": 0.0070, "exit_death": 0.0005, "exit_moved": 0.0008}
    )
    shapes: Mapping[str, Any] = field(
        default_factory=lambda: {
            "fades": {"floor": 0.35, "months": 12.0},
            "activation": {"half_years": [1.0, 0.80, 0.62, 0.44], "after": 0.30},
        }
    )
    relapse_peak: Mapping[str, float] = field(default_factory=lambda: {"factor": 8.0, "months": 5.0})
    effects: Mapping[str, Any] = field(default_factory=lambda: EFFECTS)
    shares: Mapping[str, Any] = field(
        default_factory=lambda: {
            "entrants": 0.20,
            "age_band": [0.08, 0.20, 0.25, 0.27, 0.20],
            "sex": [0.56, 0.44],
            "dutch_level": [0.25, 0.25, 0.25, 0.25],
            "dutch_level_nieuwkomer": [0.35, 0.40, 0.20, 0.05],
            "dutch_level_other": [0.03, 0.12, 0.30, 0.55],
            "support_ja": [0.25, 0.35, 0.45, 0.20, 0.30],
            "start": {"1": 0.055, "2": 0.07, "3": 0.16, "4": 0.13, "5": 0.43, "6": 0.10, "uit_beeld": 0.055},
            "inflow": {"1": 0.05, "2": 0.10, "3": 0.05, "4": 0.45, "5": 0.35},
            "start_months": {"1": 20, "2": 14, "3": 24, "4": 8, "5": 40, "6": 24, "uit_beeld": 10},
        }
    )
    observation: Mapping[str, Any] = field(
        default_factory=lambda: {
            "missing_rows": 0.01,
            "set_rows_on_step_5_or_6": 0.018,
            "missing_snapshots": ["2020-04"],
            "irregular_snapshots": {"2022-06": "2022-06-15"},
        }
    )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers and words, for `truth.json`."""
        plain = {name: value for name, value in asdict(self).items() if name != "municipality"}
        plain["municipality"] = self.municipality.round(6).reset_index().to_dict(orient="records")
        return plain


def make_truth(municipalities: pd.DataFrame, *, seed: int) -> Truth:
    """Truth for a list of municipalities.

    The mix of target groups depends on the size of a municipality and on chance: an interaction that proportional
    fitting on municipality and target-group totals cannot know.

    Parameters
    ----------
    municipalities : DataFrame with refnis, arrondissement, inhabitants
    seed : int
        Root seed; each municipality has its own stream.
    """
    frame = municipalities.sort_values("refnis").reset_index(drop=True)
    inhabitants = frame["inhabitants"].to_numpy(float)
    share = inhabitants / inhabitants.sum()
    draws = np.array([stream(seed, "truth", int(refnis)).standard_normal(8) for refnis in frame["refnis"]])
    ratio = np.exp(0.12 * draws[:, 0])
    table = pd.DataFrame(
        {
            "share": share,
            "up_ratio": ratio / float(ratio @ share),
            "blind_spot": _blind_spots(frame, draws[:, 1]),
        },
        index=pd.Index(frame["refnis"].astype(int), name="refnis"),
    )
    mix = _target_group_mix(inhabitants, draws[:, 2:7])
    for position, group in enumerate(TARGET_GROUPS):
        table[f"mix:{group}"] = mix[:, position]
    return Truth(municipality=table, seed=seed)


def _target_group_mix(inhabitants: Floats, draws: Floats) -> Floats:
    """Shares of the target groups per municipality: base shares, city size, chance."""
    base = np.log([0.30, 0.27, 0.18, 0.15, 0.10])
    size_slope = np.array([0.0, -0.12, 0.0, 0.22, 0.40])
    size = np.log(inhabitants) - np.average(np.log(inhabitants), weights=inhabitants)
    raw = np.exp(base + size[:, None] * size_slope + 0.20 * draws)
    return np.asarray(raw / raw.sum(axis=1, keepdims=True))


def _blind_spots(frame: pd.DataFrame, draws: Floats) -> list[bool]:
    """Five planted blind spots among municipalities of 12,000 to 100,000 inhabitants, some in every arrondissement."""
    order = pd.Series(draws, index=frame.index).where(frame["inhabitants"].between(12_000, 100_000))
    rank = order.groupby(frame["arrondissement"]).rank(method="first")
    most = frame["arrondissement"].map(BLIND_SPOTS)
    return [bool(place <= last) for place, last in zip(rank, most, strict=True)]
