"""Write the two small generated panels that R msm and this package are compared on.

python tests/reference/ladder/make_panel.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
MOVES = {(1, 2): 0.25, (1, 4): 0.03, (2, 1): 0.18, (2, 3): 0.20, (2, 4): 0.05, (3, 2): 0.22, (3, 4): 0.15}
SEX = {(1, 2): -0.4, (2, 3): 0.5, (2, 1): 0.3}
AGE = {(1, 4): 0.03, (2, 4): 0.03, (3, 4): 0.03}


def path(rng: np.random.Generator, sex: int, age: float, end: float) -> list[tuple[float, int]]:
    """Times of entry and the states entered, until the end or state 4."""
    time, state = 0.0, int(rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15]))
    entered = [(time, state)]
    while state != 4:
        rates = {
            to: q * np.exp(SEX.get((a, to), 0.0) * sex + AGE.get((a, to), 0.0) * (age - 45))
            for (a, to), q in MOVES.items()
            if a == state
        }
        total = sum(rates.values())
        time += rng.exponential(1 / total)
        if time > end:
            break
        state = int(rng.choice(list(rates), p=np.array(list(rates.values())) / total))
        entered.append((time, state))
    return entered


def main() -> None:
    rng = np.random.default_rng(20250101)
    snapshots, exact = [], []
    for person in range(1, 301):
        sex, age, end = int(rng.random() < 0.4), round(float(rng.uniform(22, 64)), 1), float(rng.uniform(4, 9))
        entered = path(rng, sex, age, end)
        dead = entered[-1][0] if entered[-1][1] == 4 else np.inf
        seen = np.round(np.cumsum(np.concatenate(([0.0], rng.uniform(0.4, 1.6, 12)))), 2)
        for time in seen[(seen <= end) & (seen < dead)]:
            state = [s for t, s in entered if t <= time][-1]
            snapshots.append((person, time, state, sex, age))
        if np.isfinite(dead) and round(dead, 3) > snapshots[-1][1]:
            snapshots.append((person, round(dead, 3), 4, sex, age))
        rows = [(person, round(t, 6), s, sex, age) for t, s in entered]
        if rows[-1][2] != 4:
            rows.append((person, round(end, 6), rows[-1][2], sex, age))
        exact.extend(rows)
    columns = ["person", "time", "state", "sex", "age"]
    pd.DataFrame(snapshots, columns=columns).to_csv(HERE / "msm_panel.csv", index=False)
    pd.DataFrame(exact, columns=columns).to_csv(HERE / "msm_exact.csv", index=False)


if __name__ == "__main__":
    main()
