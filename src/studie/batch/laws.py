"""Laws that every finished run obeys, tested on its real output: `studie check`."""

from __future__ import annotations

import contextlib
import html
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from studie.batch import audit
from studie.batch.inputs import Folders, Inputs, code_address, digest, file_address, read_inputs
from studie.batch.manifest import write_whole
from studie.batch.output import SIX, Output
from studie.batch.reports import files
from studie.config import read_config
from studie.disclosure import rules
from studie.errors import StudieError

PAGE = "laws.html"
VERDICTS = "verdicts"  # folder in the cache of laws that held, by the content they held for
NAMED = "no file names a person"
IF_ALL = "_if_all_out_of_sight"
ROUNDING = 1e-9  # relative; intervals and sums are floating-point numbers
READABLE = 1e-6  # a count closer to 0 or the threshold than this is that number


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


def check_run(
    folder: Path, *, folders: Folders | None = None, tested: Mapping[str, CheckResult] | None = None
) -> list[CheckResult]:
    """Test every law on a finished run and write `laws.html` beside its manifest; those tested already stand."""
    folders = folders or Folders()
    output = _output(folder, folders)
    results = [(tested or {}).get(name) or _checked(name, output) for name in LAWS]
    write_whole(folder / PAGE, _page(folder.name, results))
    return results


def _output(folder: Path, folders: Folders) -> Output:
    """What a run left, with the threshold of the configuration that it was made with."""
    found = Output(folder=folder, folders=folders, threshold=0.0)
    return replace(found, threshold=read_config(found.given["config"]).disclosure.threshold.value)


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What the laws of disclosure rest on beside the run: inputs and all code, as they are at one moment."""

    inputs: Inputs
    code: str

    @classmethod
    def of(cls, inputs: Inputs) -> Basis:
        """Inputs just read, with the code as it is now."""
        return cls(inputs=inputs, code=code_address(lambda path: True))


def disclosure(folder: Path, *, folders: Folders, basis: Basis) -> dict[str, CheckResult]:
    """The laws that a run has to obey before anything of it is published.

    A law that was found to hold for the very same content is not tested again: chapters, result tables and reports as
    they are on disk, data, configuration, code and what earlier publications stated. What names a person is always
    looked for, since the log of every run is new. `basis` is that of the start of the run: where it is another one
    after the test, nobody knows what was tested, and the verdict is not kept.
    """
    output = _output(folder, folders)
    content = _content(output, basis)
    verdict = folders.cache / VERDICTS / f"{content}.json"
    before = _held(verdict)
    tested = {name: before.get(name) or _checked(name, output) for name in DISCLOSURE}
    if not any(result.broken for result in tested.values()):
        now = Basis.of(read_inputs(folders, config=output.given["config"]))
        if now == basis and _content(output, now) == content:
            _keep(verdict, {name: result.tested for name, result in tested.items() if name != NAMED})
    return tested


def _content(output: Output, basis: Basis) -> str:
    """Hash of everything that the laws of disclosure read, but for the log and the manifest of the run."""
    made = [*sorted(output.folder.glob("*/*.ipynb")), *sorted(output.folder.glob("*/results/*"))]
    return digest(
        asdict(basis),
        output.given,
        output.threshold,
        [(p.relative_to(output.folder).as_posix(), file_address(p)) for p in made],
        [(p.name, file_address(p)) for p in audit.reports(output) if p.is_file()],
        [file_address(p) for p in (output.folders.ledger,) if p.is_file()],
        audit.reads_pdfs(),
    )


def _held(verdict: Path) -> dict[str, CheckResult]:
    """Laws that held for the same content, none where that is not known."""
    try:
        kept = json.loads(verdict.read_text(encoding="utf-8"))
        return {name: CheckResult(name=name, tested=int(tested), broken=()) for name, tested in kept.items()}
    except (OSError, ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return {}


def _keep(verdict: Path, held: Mapping[str, int]) -> None:
    """Note which laws held; a run does not fail because that cannot be noted."""
    with contextlib.suppress(OSError):
        verdict.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=verdict.parent, suffix=".new", delete=False, encoding="utf-8"
        ) as file:
            json.dump(held, file, indent=1)
        Path(file.name).replace(verdict)


def _checked(name: str, output: Output) -> CheckResult:
    """A law on a run."""
    things, law = LAWS[name]
    broken = tuple(law(output))
    return CheckResult(name=name, tested=len(things(output)), broken=broken)


def tally(results: Sequence[CheckResult]) -> str:
    """How many laws hold, and how many had nothing to be tested on."""
    outcomes = [r.outcome for r in results]
    empty = outcomes.count("nothing to test")
    return f"{outcomes.count('holds')} of {len(outcomes)} laws hold" + (
        f", {empty} had nothing to test" if empty else ""
    )


def _six_columns(output: Output) -> Iterator[str]:
    """Every result table says what, how much, how sure, on how many, in which unit and from which kind of data."""
    for place, frame in output.frames.items():
        absent = [c for c in (*SIX, "data_status") if c not in frame]
        if absent:
            yield f"{place}: column {', '.join(absent)} is missing"
        elif frame["data_status"].isna().any():
            yield f"{place}: data_status is empty in {int(frame['data_status'].isna().sum())} rows"


def _intervals(output: Output) -> Iterator[str]:
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


def _shares_add_up(output: Output) -> Iterator[str]:
    """Where from one step every next step is given, the shares add up to one."""
    for place, frame in _matrices(output).items():
        shares = frame[frame["unit"].isin(rules.SHARE_UNITS)]
        keys = [c for c in frame if c not in (*SIX, *rules.BEHIND, "to_step", "cell_status", "source", "data_status")]
        for key, row in shares.groupby(["quantity", *keys], dropna=False):
            estimates = pd.to_numeric(row["estimate"], errors="coerce")
            if estimates.notna().all() and abs(estimates.sum() - 1) > 1e-6:
                yield f"{place}: {key}: shares add up to {estimates.sum():.6f}"


def _matrices(output: Output) -> dict[str, pd.DataFrame]:
    """Result tables of moves from each step to each step."""
    named = {p: f for p, f in output.frames.items() if p.split("/")[1].startswith("transition_matrix")}
    return {place: frame for place, frame in named.items() if {"from_step", "to_step", *SIX} <= set(frame)}


def _small_counts(output: Output) -> Iterator[str]:
    """No count of persons below the threshold stands in a file or follows from one by adding up or differencing."""
    for place, frame in output.counting_persons.items():
        table = _numeric(frame)
        for attack in (_stated, _by_complement, _by_time, _by_bound):
            yield from (f"{place}: {found}" for found in attack(table, output.threshold))


def _numeric(frame: pd.DataFrame) -> pd.DataFrame:
    """Frame with numbers as floats, a status for every row and what a share makes of its n."""
    columns = [c for c in ("estimate", "lower", "upper", "n", *rules.BEHIND, "time") if c in frame]
    table = frame.assign(**{c: pd.to_numeric(frame[c], errors="coerce").astype(float) for c in columns})
    if "n_of" in frame:  # n of draws and a share say nothing about persons
        table["n"] = table["n"].where(frame["n_of"] != rules.OTHERS)
    share = table["estimate"].where(table["unit"].isin(rules.SHARE_UNITS))
    hidden = table["cell_status"] == "suppressed" if "cell_status" in table else table["estimate"].isna()
    return table.assign(share=share, hidden=hidden)


def _small(count: Any, threshold: float) -> Any:
    """Whether a count lies between 0 and the threshold."""
    return (count > READABLE) & (count < threshold - READABLE)


def _stated(table: pd.DataFrame, threshold: float) -> Iterator[str]:
    """Counts in a row itself: its n, its persons, its share of n and the rest, the room between its exact bounds."""
    persons = table["estimate"].where(table["unit"].isin(rules.PERSON_UNITS)).abs()
    exact = persons.where(table["lower"] == table["estimate"])
    if "n_of" in table:  # bounds of what is expected are no counts
        exact = exact.where(table["n_of"] != rules.OTHERS)
    counts = [table["n"], persons, table["upper"] - exact, table["share"] * table["n"]]
    counts += [(1 - table["share"]) * table["n"], *(table[c] for c in rules.BEHIND if c in table)]
    few = pd.concat([_small(count, threshold) for count in counts], axis=1).any(axis=1)
    yearly = table["unit"].isin(rules.YEARLY_UNITS)
    few = few.where(~yearly, _small(table["estimate"].abs(), threshold))
    for row in table.index[few]:
        yield f"row {row + 1} states or rests on fewer than {threshold:g} persons"


def _by_complement(table: pd.DataFrame, threshold: float) -> Iterator[str]:
    """Hidden cells that follow because the cells of their group add up to one, or to a total beside them."""
    if "to_step" in table:
        keys = [c for c in ("from_step", "time", "quantity") if c in table]
        for key, group in table[table["unit"].isin(rules.SHARE_UNITS)].groupby(keys, dropna=False):
            rest = (1 - group["share"].sum()) * group["n"].max()
            alone = group["hidden"].sum() == 1
            if group["hidden"].any() and (alone or _small(rest, threshold)):
                yield f"{key}: what is hidden follows from the rest of the row: {rest:.1f}"
    published = table[table["unit"] == rules.PUBLISHED_UNIT]
    if {"region", "period"} <= set(published):
        for key, group in published.groupby(["quantity", "period"], dropna=False):
            if len(group) > 1 and group["hidden"].sum() == 1:
                yield f"{key}: the one hidden figure follows from the others and their total"


def _by_time(table: pd.DataFrame, threshold: float) -> Iterator[str]:
    """Events between two moments of a cumulative curve."""
    for key, curve in _curves(table):
        events = curve["share"].dropna().diff().abs() * curve["n"]
        for row in events.index[_small(events, threshold)]:
            yield f"{key}: {events[row]:.1f} events until time {curve.loc[row, 'time']:g}"


def _by_bound(table: pd.DataFrame, threshold: float) -> Iterator[str]:
    """Those out of sight, from an estimate and what it would be if all of them had the event."""
    shown = {key: curve.set_index("time") for key, curve in _curves(table)}
    for key, bound in shown.items():
        if not key[-1].endswith(IF_ALL):
            continue
        base = shown.get((*key[:-1], key[-1].removesuffix(IF_ALL)))
        if base is None:
            continue
        gap = (bound["share"] - base["share"]).abs().dropna()
        n = bound["n"].reindex(gap.index)
        sight = shown.get((*key[:-1], "out_of_sight"))
        hidden = _small(gap * n, threshold)
        if sight is not None:
            hidden |= sight["hidden"].reindex(gap.index).eq(True)
        for time in gap.index[hidden]:
            yield f"{key}: out of sight at time {time:g} follows from its bound"
        for time in gap.index[_small(gap.diff().abs() * n, threshold)]:
            yield f"{key}: a few more out of sight at time {time:g} follow from its bound"


def _curves(table: pd.DataFrame) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    """Cumulative shares in order of time, by their keys and last their quantity."""
    if "time" not in table or "to_step" in table:
        return
    about = {*SIX, *rules.BEHIND, "time", "cell_status", "data_status", "source", "region", "period", "share", "hidden"}
    keys = [*(c for c in table if c not in about), "quantity"]
    for key, curve in table.groupby(keys, dropna=False):
        yield tuple(map(str, key)), curve.sort_values("time")


def _alt_texts(output: Output) -> Iterator[str]:
    """Who cannot see a figure is told what it shows."""
    for place, item in _figures(output):
        if not str(item.get("alt") or "").strip():
            yield f"{place}: figure {item.get('name', '?')} has no alt text"


def _figures(output: Output) -> list[tuple[str, dict[str, Any]]]:
    """Figures that the chapters show."""
    return [(place, item) for place, item in output.shown if item.get("kind") == "figure"]


def _reports(output: Output) -> list[dict[str, Any]]:
    """Reports that the manifest says are there."""
    return [r for r in output.manifest["reports"].values() if r["state"] in ("done", "reused")]


def _checksums(output: Output) -> Iterator[str]:
    """PDFs and web pages are those that the run made."""
    for name, expected in (file for report in _reports(output) for file in files(report)):
        try:
            found = file_address(output.folders.root / name)
        except StudieError:
            yield f"{name}: is not there"
            continue
        if found != expected:
            yield f"{name}: is another file than this run made"


LAWS: dict[str, tuple[Any, Any]] = {
    "result tables have their columns": (lambda o: o.frames, _six_columns),
    "intervals hold their estimate": (lambda o: o.frames, _intervals),
    "shares of next steps add up to one": (_matrices, _shares_add_up),
    "no person can be counted out": (lambda o: o.counting_persons, _small_counts),
    "no small count follows from what is printed together": (lambda o: o.counting_persons, audit.together),
    "no text tells a small count": (lambda o: o.texts, audit.told),
    NAMED: (lambda o: o.notebooks, audit.named),
    "figures have alt text": (_figures, _alt_texts),
    "reports are as the manifest says": (_reports, _checksums),
}
DISCLOSURE = tuple(LAWS)[3:7]


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
