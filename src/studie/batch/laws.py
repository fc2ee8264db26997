"""Laws that every finished run obeys, tested on its real output: `studie check`."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from studie.batch.extract import file_name, items
from studie.batch.manifest import MANIFEST, write_whole
from studie.batch.plan import Folders, file_address
from studie.config import read_config
from studie.disclosure import rules
from studie.errors import StudieError

SIX = ("quantity", "estimate", "lower", "upper", "n", "unit")
PAGE = "laws.html"
ROUNDING = 1e-9  # relative; intervals and sums are floating-point numbers


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One law on one run: on how many things it was tested, and what broke it."""

    name: str
    tested: int
    broken: tuple[str, ...]

    @property
    def outcome(self) -> Literal["holds", "broken", "nothing to test"]:
        """How it ended; a law that met nothing it is about did not hold."""
        if self.broken:
            return "broken"
        return "holds" if self.tested else "nothing to test"

    @property
    def text(self) -> str:
        """One line."""
        if self.outcome == "holds":
            return f"{self.name}: holds, {self.tested} tested"
        if self.outcome == "nothing to test":
            return f"{self.name}: nothing to test"
        more = f" (and {len(self.broken) - 1} more)" if len(self.broken) > 1 else ""
        return f"{self.name}: broken: {self.broken[0]}{more}"


@dataclass(frozen=True, kw_only=True)
class _Output:
    """What a run left: its manifest, notebooks and result tables."""

    folder: Path
    folders: Folders
    threshold: float

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the run says of itself."""
        content: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        return content

    @cached_property
    def shown(self) -> list[tuple[str, dict[str, Any]]]:
        """Items of every executed chapter, with the place they stand."""
        found = []
        for path in sorted(self.folder.glob("*/*.ipynb")):
            if not path.name.endswith(".failed.ipynb"):
                node = json.loads(path.read_text(encoding="utf-8"))
                found += [(f"{path.parent.name}/{path.stem}", item) for item in items(node)]
        return found

    @cached_property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Result tables by their place."""
        paths = sorted(self.folder.glob("*/results/*.parquet"))
        return {f"{p.parent.parent.name}/{p.stem}": pd.read_parquet(p) for p in paths}

    @cached_property
    def about_persons(self) -> set[str]:
        """Places of the result tables that were made from tables about persons."""
        from studie.data import catalogue

        tables = {d.dataset_id: d.table for d in catalogue.datasets()}
        return {
            f"{place.split('/')[0]}/{file_name(str(item.get('name') or item['kind']))}"
            for place, item in self.shown
            if rules.about_persons(tables.get(use, use) for use in item.get("uses", []))
        }


def check_run(folder: Path, *, folders: Folders | None = None) -> list[CheckResult]:
    """Test every law on a finished run and write `laws.html` beside its manifest."""
    folders = folders or Folders()
    output = _Output(folder=folder, folders=folders, threshold=read_config().disclosure.threshold.value)
    results = []
    for name, tested, law in LAWS:
        broken = tuple(law(output))
        results.append(CheckResult(name=name, tested=len(tested(output)), broken=broken))
    write_whole(folder / PAGE, _page(folder.name, results))
    return results


def tally(results: Sequence[CheckResult]) -> str:
    """How many laws hold, and how many had nothing to be tested on."""
    outcomes = [r.outcome for r in results]
    empty = outcomes.count("nothing to test")
    return f"{outcomes.count('holds')} of {len(outcomes)} laws hold" + (
        f", {empty} had nothing to test" if empty else ""
    )


def _six_columns(output: _Output) -> Iterator[str]:
    """Every result table says what, how much, how sure, on how many, in which unit and from which kind of data."""
    for place, frame in output.frames.items():
        absent = [c for c in (*SIX, "data_status") if c not in frame]
        if absent:
            yield f"{place}: column {', '.join(absent)} is missing"
        elif frame["data_status"].isna().any():
            yield f"{place}: data_status is empty in {int(frame['data_status'].isna().sum())} rows"


def _intervals(output: _Output) -> Iterator[str]:
    """No estimate lies outside its interval."""
    for place, frame in output.frames.items():
        if not {"estimate", "lower", "upper"} <= set(frame):
            continue
        numbers = frame[["estimate", "lower", "upper"]].apply(pd.to_numeric, errors="coerce")
        slack = ROUNDING * numbers.abs().max(axis=1).clip(lower=1)
        outside = (numbers["lower"] > numbers["estimate"] + slack) | (numbers["upper"] < numbers["estimate"] - slack)
        for row in frame.index[outside.fillna(False).astype(bool)]:
            low, middle, high = (frame.loc[row, c] for c in ("lower", "estimate", "upper"))
            yield f"{place}: row {row + 1}: estimate {middle} is outside [{low}, {high}]"


def _shares_add_up(output: _Output) -> Iterator[str]:
    """Where from one step every next step is given, the shares add up to one."""
    for place, frame in _matrices(output).items():
        shares = frame[frame["unit"].isin(rules.SHARE_UNITS)]
        keys = [c for c in frame if c not in (*SIX, "to_step", "cell_status", "source", "data_status")]
        for key, row in shares.groupby(["quantity", *keys], dropna=False):
            estimates = pd.to_numeric(row["estimate"], errors="coerce")
            if estimates.notna().all() and abs(estimates.sum() - 1) > 1e-6:
                yield f"{place}: {key}: shares add up to {estimates.sum():.6f}"


def _matrices(output: _Output) -> dict[str, pd.DataFrame]:
    """Result tables of moves from each step to each step."""
    named = {p: f for p, f in output.frames.items() if p.split("/")[1].startswith("transition_matrix")}
    return {place: frame for place, frame in named.items() if {"from_step", "to_step", *SIX} <= set(frame)}


def _small_counts(output: _Output) -> Iterator[str]:
    """No count of persons below the threshold stands in a file, nor a figure that rests on so few."""
    for place, frame in output.frames.items():
        if place not in output.about_persons or not {"estimate", "n", "unit"} <= set(frame):
            continue
        few = _few_persons(frame, threshold=output.threshold)
        for row in frame.index[few]:
            yield f"{place}: row {row + 1} states or rests on fewer than {output.threshold:g} persons"


def _few_persons(frame: pd.DataFrame, *, threshold: float) -> pd.Series:
    """Mask of rows from which a count of persons between 0 and the threshold can be read."""
    estimate, n = (pd.to_numeric(frame[c], errors="coerce").astype(float) for c in ("estimate", "n"))
    counts = [n, estimate.where(frame["unit"].isin(rules.PERSON_UNITS))]
    share = estimate.where(frame["unit"].isin(rules.SHARE_UNITS))
    counts += [(share * n).round(6), ((1 - share) * n).round(6)]
    found = pd.Series(False, index=frame.index)
    for count in counts:
        found |= (count > 0) & (count < threshold)
    return found


def _alt_texts(output: _Output) -> Iterator[str]:
    """Who cannot see a figure is told what it shows."""
    for place, item in _figures(output):
        if not str(item.get("alt") or "").strip():
            yield f"{place}: figure {item.get('name', '?')} has no alt text"


def _figures(output: _Output) -> list[tuple[str, dict[str, Any]]]:
    """Figures that the chapters show."""
    return [(place, item) for place, item in output.shown if item.get("kind") == "figure"]


def _reports(output: _Output) -> list[dict[str, Any]]:
    """Reports that the manifest says are there."""
    return [r for r in output.manifest["reports"].values() if r["state"] in ("done", "reused")]


def _checksums(output: _Output) -> Iterator[str]:
    """The PDFs are those that the run made."""
    for report in _reports(output):
        try:
            found = file_address(output.folders.root / report["file"])
        except StudieError:
            yield f"{report['file']}: is not there"
            continue
        if found != report["sha256"]:
            yield f"{report['file']}: is another file than this run made"


LAWS: tuple[tuple[str, Any, Any], ...] = (
    ("result tables have their columns", lambda o: o.frames, _six_columns),
    ("intervals hold their estimate", lambda o: o.frames, _intervals),
    ("shares of next steps add up to one", _matrices, _shares_add_up),
    ("no person can be counted out", lambda o: o.about_persons, _small_counts),
    ("figures have alt text", _figures, _alt_texts),
    ("PDFs are as the manifest says", _reports, _checksums),
)


def _page(run: str, results: list[CheckResult]) -> str:
    """The laws as a page to read."""
    rows = "".join(
        f"<tr><td>{html.escape(r.name)}</td><td>{r.outcome}</td><td>{r.tested}</td>"
        f"<td>{'<br>'.join(html.escape(b) for b in r.broken)}</td></tr>\n"
        for r in results
    )
    title = f"Laws of run {html.escape(run)}"
    held = tally(results)
    head = "<tr><th>law</th><th>outcome</th><th>tested</th><th>broken by</th></tr>"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1>\n<table border><caption>{held}</caption>\n"
        f"<thead>{head}</thead>\n<tbody>\n{rows}</tbody></table></body></html>\n"
    )
