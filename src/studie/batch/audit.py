"""Attack on everything that a run is about to publish, all regions and chapters together, before it leaves."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import pandas as pd

from studie.batch.output import Output
from studie.data import catalogue, publications
from studie.disclosure import audit, cells, leaks, ledger
from studie.disclosure.registry import Registry
from studie.present import words
from studie.regions import PROVINCE
from studie.study import families, open_study, plan
from studie.study.families import REGION, Family
from studie.study.once import quietly

FLOWS: Final = frozenset(
    f"{name}{ending}" for name in ("relapse", "lasting") for ending in ("", "_if_all_out_of_sight")
) | {"exit", "out_of_sight"}  # shares of steps up, whose n is printed beside them
STATED: Final = 2  # decimals that a printed share of the need is read with
IDENTIFIER: Final = re.compile(r"[\w.:-]{6,}")
Sum = tuple[str, tuple[str, ...]]  # a total and its parts
UNREADABLE: Final = "\0"  # in the place of a text that could not be read
ROWS: Final = {"person_id"}  # columns of rows about one person
UNITS: Final = r"(?!\s*(?:%|procent|maand|jaar|uur|minuten|km|keer|euro|VTE|[-.,]\s?\d))"


# In a web page: what is no text, or the number of a heading; what stands within a line; and what stands apart.
UNSAID: Final = re.compile(r'<(svg|style|head)\b.*?</\1>|<span class="number">[^<]*</span>', re.DOTALL)
WITHIN: Final = re.compile(r"</?(?:a|em|strong|span|sub|sup|code)\b[^>]*>")
APART: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, kw_only=True)
class Printed:
    """Counts of persons that a publication states.

    Attributes
    ----------
    counts : Series
        Count by cell name, as read from the result tables.
    where : Series
        Place by cell name.
    bounds : DataFrame
        `lower`, `upper` by cell name, of counts that are only bounded by what is printed.
    """

    counts: pd.Series
    where: pd.Series
    bounds: pd.DataFrame

    def names(self) -> list[str]:
        """Cells that it states or bounds."""
        return [*self.counts.index, *self.bounds.index]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the auditor knows beside the publication: the persons, the regions and what was published before."""

    families: Sequence[Family]
    tree: pd.DataFrame
    names: Mapping[str, str]
    allowed: Registry
    earlier: pd.DataFrame
    identifiers: frozenset[str]
    threshold: float

    @cached_property
    def systems(self) -> dict[str, System]:
        """Cells and sums of every quantity."""
        found: dict[str, System] = {}
        for family in self.families:
            one = _system(family, self.tree, threshold=self.threshold)
            before = found.get(family.quantity)
            found[family.quantity] = one if before is None else before.beside(one)
        return found


@dataclass(frozen=True, kw_only=True)
class System:
    """Cells of one quantity and how they add up.

    Attributes
    ----------
    cells : DataFrame
        Index: name. `n`, `secret`, `region` (empty for the province) and `labels` (pairs).
    sums : list of (str, tuple of str)
        A total and its parts.
    """

    cells: pd.DataFrame
    sums: list[Sum]

    def beside(self, other: System) -> System:
        """Both together; cells of the same name are one."""
        both = pd.concat([self.cells, other.cells])
        return System(cells=both[~both.index.duplicated()], sums=list(dict.fromkeys([*self.sums, *other.sums])))


_KNOWN: WeakKeyDictionary[Output, Known] = WeakKeyDictionary()


def known(output: Output) -> Known:
    """What the auditor of a run knows, read once for all its laws."""
    if output not in _KNOWN:
        data, date = output.given["data"], output.given["reference_date"]
        panel, need = (catalogue.read(name, data=data).frame for name in plan.TABLES)
        with quietly():
            allowed = open_study(data=data, reference_date=date, config=output.given["config"]).registry
        _KNOWN[output] = Known(
            families=families.families(panel, need),
            tree=families.tree(date=date),
            names=families.names(date=date),
            allowed=allowed,
            earlier=publications.read_ledger(),
            identifiers=frozenset(panel["person_id"].astype(str).unique()) if len(panel) else frozenset(),
            threshold=output.threshold,
        )
    return _KNOWN[output]


def together(output: Output) -> Iterator[str]:
    """No small count follows from all counts printed together, or from what earlier publications stated."""
    if not output.counting_persons:
        return
    beside = known(output)
    said = printed(output, beside)
    for attack in (unregistered, revised, derivable):
        yield from attack(said, beside)


def reports(output: Output) -> list[Path]:
    """PDFs and web pages that the run made, as they are kept before they are published."""
    made = [r.get("address") for r in output.manifest["reports"].values() if r["state"] in ("done", "reused")]
    return [output.folders.cache / "reports" / f"{address}{kind}" for address in made for kind in (".pdf", ".html")]


def printed(output: Output, beside: Known) -> Printed:
    """Counts of persons in the result tables of all chapters."""
    counts: dict[str, tuple[float, str]] = {}
    bounds: dict[str, tuple[float, float]] = {}
    for place, frame in output.counting_persons.items():
        if REGION not in frame:
            continue
        for row in frame.to_dict("records"):
            for name, low, high in _read(row, beside):
                if low == high:
                    counts[name] = (low, place)
                else:
                    was = bounds.get(name, (0.0, float("inf")))
                    bounds[name] = (max(was[0], low), min(was[1], high))
    return Printed(
        counts=pd.Series({name: n for name, (n, _) in counts.items()}, dtype=float),
        where=pd.Series({name: place for name, (_, place) in counts.items()}, dtype=object),
        bounds=pd.DataFrame.from_dict(bounds, orient="index", columns=["lower", "upper"], dtype=float),
    )


def unregistered(said: Printed, beside: Known) -> Iterator[str]:
    """Counts that the plan does not publish, or not as this number."""
    for name, n in said.counts.to_dict().items():
        if beside.allowed.frame["estimate"].to_dict().get(name) != n:
            yield f"{said.where.get(name)}: {name} is printed and the plan does not publish it so"


def derivable(said: Printed, beside: Known, *, insider: bool = True) -> Iterator[str]:
    """Small counts that follow from everything printed together, earlier publications included."""
    before = ledger.stated(beside.earlier)
    for system in beside.systems.values():
        true = system.cells["n"]
        shown = said.counts[said.counts.index.isin(true.index)]
        shown = shown[shown == true.reindex(shown.index)]
        outside = before[before.index.isin(true.index.difference(shown.index))]
        outside = outside[outside == true.reindex(outside.index)]
        if len(shown) or len(outside) or said.bounds.index.isin(true.index).any():
            attacks = _attacks(system, shown, outside, said.bounds, threshold=beside.threshold, insider=insider)
            for attack in attacks:
                for row in attack.breaches().to_dict("records"):
                    insight = f", for who knows {row['known']}" if row["known"] else ""
                    yield f"{row['key']} follows from what is printed together{insight}"


def revised(said: Printed, beside: Known) -> Iterator[str]:
    """Counts that differ from an earlier publication by a small number of persons."""
    before = ledger.stated(beside.earlier)
    for name, n in said.counts.to_dict().items():
        change = abs(n - before.get(name, n))
        if 0 < change < beside.threshold:
            yield f"{said.where.get(name)}: {name} differs by a small count from what an earlier publication stated"


def told(output: Output) -> Iterator[str]:
    """Texts, of the reports too, that state a small count, or the number of a hidden cell beside its name."""
    beside = known(output)
    texts = output.texts | {report.name: text_of(report) for report in reports(output)}
    yield from (f"{name}: its text cannot be read" for name, text in texts.items() if text == UNREADABLE)
    for row in leaks.scan(texts, threshold=beside.threshold).frame.to_dict("records"):
        yield f"{row['where']}: a small count of persons is {row['why']}"
    secrets = _secrets(beside) if beside.systems else {}
    for place, text in texts.items():
        region = place.split("/")[0] if "/" in place else ""
        for name, pattern in secrets.get(region, []):
            if pattern.search(text):
                yield f"{place}: the number of a hidden cell stands beside its name: {name}"


def named(output: Output) -> Iterator[str]:
    """Files of the run that carry a person's identifier or a row about one person."""
    beside = known(output)
    for place, frame in output.frames.items():
        if ROWS & set(frame):
            yield f"{place}: has rows about single persons"
    paths = [p for p in sorted(output.folder.rglob("*")) if p.suffix in (".ipynb", ".csv", ".json", ".jsonl", ".html")]
    texts = {p.relative_to(output.folder).as_posix(): p.read_text(encoding="utf-8", errors="replace") for p in paths}
    for place, text in (texts | {report.name: text_of(report) for report in reports(output)}).items():
        if not beside.identifiers.isdisjoint(IDENTIFIER.findall(text)):
            yield f"{place}: carries the identifier of a person"


def reads_pdfs() -> bool:
    """Whether the text of a PDF can be read here."""
    return shutil.which("pdftotext") is not None


@lru_cache(maxsize=256)
def text_of(report: Path) -> str:
    """Text of a PDF or web page as a reader copies it; that of a PDF needs `pdftotext`."""
    if not report.is_file():
        return ""
    if report.suffix == ".html":
        return _text_of_page(report.read_text(encoding="utf-8"))
    program = shutil.which("pdftotext")
    if program is None:
        return ""
    done = subprocess.run([program, "-layout", str(report), "-"], capture_output=True, check=False)
    if done.returncode:
        return UNREADABLE
    # what stands in another line or column is another text: a page number is no count of the word below it
    return re.sub(r"\s*\n\s*|\s{2,}", " ; ", done.stdout.decode("utf-8", errors="replace"))


def _text_of_page(page: str) -> str:
    """Words of a web page; what stands in another cell, line or head is another text."""
    text = UNSAID.sub(" ", page)
    return re.sub(r"\s*(;\s*)+", " ; ", html.unescape(APART.sub(" ; ", WITHIN.sub("", text))))


def _system(family: Family, tree: pd.DataFrame, *, threshold: float) -> System:
    """Cells and sums of a family, from its counts by municipality."""
    inside: dict[Any, Any] = {"": None} | tree.groupby("parent")["child"].agg(set).to_dict()
    few = set(family.few(tree, threshold=threshold))
    rows: dict[str, tuple[float, bool, str, tuple[tuple[Any, Any], ...]]] = {}
    sums = []

    def noted(region: str, labels: dict[Any, Any], n: float) -> str:
        name = cells.name(family.quantity, labels | ({REGION: region} if region else {}))
        rows[name] = (n, 0 < n < threshold or name in few, region, tuple(labels.items()))
        return name

    for table in family.tables.values():
        labels = [str(c) for c in table if c not in (REGION, "n")]
        split = [] if not labels or len(table[labels].drop_duplicates()) == 1 else [((), table)]
        parts = [*split, *(table.groupby(labels, sort=False) if labels else [((), table)])]
        for key, some in parts:
            said = dict(zip(labels, key, strict=True)) if key else {}
            count = some.groupby(REGION)["n"].sum()
            each = {place: noted(str(place), said, float(n)) for place, n in count.items()}
            for region, places in inside.items():
                own = [name for place, name in each.items() if places is None or place in places]
                if own:
                    whole = noted(region, said, float(sum(rows[name][0] for name in own)))
                    sums.append((whole, tuple(own)))
        for region in (*count.index, *inside) if split else ():
            at = {REGION: str(region)} if region else {}
            own = [cells.name(family.quantity, {**dict(zip(labels, key, strict=True)), **at}) for key, _ in parts[1:]]
            sums.append((cells.name(family.quantity, at), tuple(own)))
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["n", "secret", REGION, "labels"])
    return System(cells=found, sums=sums)


def _read(row: Mapping[Any, Any], beside: Known) -> Iterator[tuple[str, float, float]]:
    """Cells that a row of a result table states, with the bounds that it gives."""
    region, quantity, n = str(row[REGION]), str(row["quantity"]), row["n"]

    def name(family: str, labels: Mapping[Any, Any]) -> str:
        return plan.cell(family, labels, region=region, names=beside.names)

    if quantity == "stock" and "step" in row and pd.notna(row["estimate"]):
        yield name("stock", {"step": row["step"]}), float(row["estimate"]), float(row["estimate"])
    elif quantity in FLOWS and "time" in row and pd.notna(n):
        yield name("moves", {g: row[g] for g in families.GROUPS if g in row}), float(n), float(n)
    elif quantity.endswith("_share") and "from_step" in row and pd.notna(row.get("persons")):
        least = float(row["persons"])
        labels = {"from_step": row["from_step"], "time": float(row["time"])}
        yield name("starters", labels), least, least + beside.threshold - 1
    elif quantity == "need" and pd.notna(row["lower"]):
        yield name("need", {}), float(row["lower"]), max(float(row["upper"]), float(row["lower"]) + 1)
    elif quantity == "gap share" and pd.notna(row.get("supply")) and pd.notna(row["estimate"]):
        left = pd.Series({name("need", {k: row[k] for k in ("refnis",) if k in row}): 1 - float(row["estimate"])})
        bound = audit.ratio_bounds(left, pd.Series(float(row["supply"]), index=left.index), decimals=STATED)
        yield str(left.index[0]), float(bound["lower"].iloc[0]), float(bound["upper"].iloc[0])


def _attacks(
    system: System, shown: pd.Series, outside: pd.Series, bounds: pd.DataFrame, *, threshold: float, insider: bool
) -> Iterator[audit.Attack]:
    """What readers work out, for each set of cells that what is printed ties together."""
    secret = set(system.cells.index[system.cells["secret"]])
    touched = {*shown.index, *outside.index, *bounds.index.intersection(system.cells.index)}
    sums = [
        (whole, parts)
        for whole, parts in system.sums
        if whole in touched or whole in secret or not touched.isdisjoint(parts)
    ]
    for tied in _tied(sums, known=set(shown.index)):
        involved = dict.fromkeys(name for whole, parts in tied for name in (whole, *parts))
        if touched.isdisjoint(involved) or secret.isdisjoint(involved):
            continue
        table = system.cells.loc[list(involved), ["n", "secret"]]
        table["shown"] = table.index.isin(shown.index)
        rows = [(i, name, 1.0) for i, (_, parts) in enumerate(tied) for name in parts]
        rows += [(i, whole, -1.0) for i, (whole, _) in enumerate(tied)]
        near = bounds[bounds.index.isin(table.index[~table["shown"]])]
        with quietly():
            attack = audit.attack_system(
                table,
                pd.DataFrame(rows, columns=["equation", "cell", "coefficient"]),
                known=[name for name in outside.index if name in involved],
                bounds=near if len(near) else None,
                threshold=threshold,
                insider=insider,
            )
        yield attack


def _tied(sums: Sequence[Sum], *, known: set[str]) -> list[list[Sum]]:
    """Sums in groups that share a cell which readers do not know."""
    place: dict[str, int] = {}
    groups: dict[int, list[Sum]] = {}
    for i, one in enumerate(sums):
        groups[i] = [one]
        for name in {one[0], *one[1]} - known:
            other = place.get(name, i)
            if other != i:
                groups[i] += groups.pop(other)
                place |= {cell: i for whole, parts in groups[i] for cell in (whole, *parts) if cell not in known}
            place[name] = i
    return list(groups.values())


def _secrets(beside: Known) -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Per folder of a region what must not be read there: the name of a hidden cell and its number beside the label."""
    every = pd.concat([beside.systems[quantity].cells for quantity in ("stock", "moves") if quantity in beside.systems])
    hidden = every[~every.index.isin(beside.allowed.frame["estimate"].dropna().index) & (every["n"] > 0)]
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for name, row in hidden.to_dict("index").items():
        said = [words.step(v) if k == "step" else words.group(k, v) for k, v in row["labels"]]
        if len(said) == 1:
            label, n = re.escape(said[0]), f"{row['n']:.0f}"
            # an estimate lies within its interval; a count, if it has one, begins it
            estimated = rf"(?!\s*\((?!{n}\b)[\d.,]+(?:-|\s?tot\s)\d)"
            pattern = rf"{label}\s*[:|]\s*{n}\b{UNITS}{estimated}|\b{n} (?:mensen |stappen )?(?:op|van) {label}\b"
            folder = str(row[REGION] or PROVINCE).replace(":", "-")
            found.setdefault(folder, []).append((str(name), re.compile(pattern, re.IGNORECASE)))
    return found
