"""Why a number can differ between two published versions: data, assumptions, method and parameters that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from studie.batch.frozen import Version
from studie.batch.inputs import OUTSIDE_CHAPTERS

Kind = Literal["data", "assumption", "method", "parameters"]
Reach = Literal["numbers", "words", "reports"]

TEXTS = ("because", "source", "decided_by", "name", "partner")  # keys of the configuration that no computation reads
HEAD = "report."  # keys of the configuration that stand on a report's cover only
NOT_PACKAGES = ("python", "platform", "studie")
MOST_FILES = 5
ABSENT = "absent"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Something that differs between two versions.

    Attributes
    ----------
    kind
        Data, assumption, method or parameters.
    what
        The dataset, key of the configuration, part of the method, or parameter.
    text
        What it was and what it became.
    reach
        Whether it can change numbers, only the words beside them, or only the reports.
    """

    kind: Kind
    what: str
    text: str
    reach: Reach = "numbers"

    @property
    def line(self) -> str:
        """One line."""
        return f"{self.kind}: {self.what}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that differs between two versions, and which of it can explain a table's change."""

    before: Version
    after: Version

    @cached_property
    def all(self) -> tuple[Reason, ...]:
        """Every difference once."""
        parameters = dict.fromkeys(r for key in self._both_chapters for r in self._parameters(key))
        notebooks = [r for chapter in sorted(self._sources[0]) for r in self._notebook(chapter)]
        datasets = [r for reasons in self._datasets.values() for r in reasons]
        return (*datasets, *self._files, *self._assumptions, *self._code, *notebooks, *parameters, *self._reports)

    def explain(self, region: str, chapter: str, table: str, *, reach: Reach) -> tuple[Reason, ...]:
        """What can have changed a table's numbers, or the words beside them; none when nothing explains it."""
        absence = self._absence(region, chapter)
        if absence is not None:
            return (absence,)
        found = [
            *self._data(region, chapter, table, reach=reach),
            *self._files,
            *self._assumptions,
            *self._code,
            *self._notebook(chapter),
            *self._parameters(f"{region} {chapter}"),
        ]
        allowed = ("numbers",) if reach == "numbers" else ("numbers", "words")
        return tuple(dict.fromkeys(r for r in found if r.reach in allowed))

    # --- data ----------------------------------------------------------------

    def _data(self, region: str, chapter: str, table: str, *, reach: Reach) -> list[Reason]:
        """Datasets behind the table; when none of them changed, those that its chapter shows or is listed to use."""
        place = (region, chapter, table)
        was, now = (v.tables.get(place) for v in (self.before, self.after))
        found = self._changed_datasets((was or frozenset()) | (now or frozenset()))
        if was is not None and now is not None:
            found += [_dataset(x, "is used no longer") for x in sorted(was - now) if not self._datasets.get(x)]
            found += [_dataset(x, "is used now") for x in sorted(now - was) if not self._datasets.get(x)]
        if any(r.reach == "numbers" for r in found) or (found and reach == "words"):
            return found
        elsewhere = self._changed_datasets(self._near(region, chapter))
        return [
            Reason(kind="data", what=r.what, text=f"{r.text} (elsewhere in the chapter)", reach=r.reach)
            for r in elsewhere
        ]

    def _changed_datasets(self, wanted: frozenset[str]) -> list[Reason]:
        """Changes of some datasets."""
        return [r for name in sorted(wanted) for r in self._datasets.get(name, ())]

    def _near(self, region: str, chapter: str) -> frozenset[str]:
        """Datasets that a chapter shows anywhere, or that the list of sources says it uses."""
        near: set[str] = set()
        for version in (self.before, self.after):
            near.update(version.method["shown"].get(f"{region} {chapter}", ()))
            near.update(r["dataset_id"] for r in version.files if chapter in r["used_by"].split())
        return frozenset(near - {""})

    @cached_property
    def _datasets(self) -> dict[str, list[Reason]]:
        """Changes by dataset: first its content, then what is said of it."""
        was, now = ({r["dataset_id"]: r for r in v.files} for v in (self.before, self.after))
        found: dict[str, list[Reason]] = {}
        for name in sorted({*was, *now} - {""}):
            old, new = was.get(name), now.get(name)
            if old is None or new is None:
                found[name] = [_dataset(name, "is gone" if new is None else f"is new, {_extent(new)}")]
            elif old["sha256"] != new["sha256"]:
                found[name] = [_dataset(name, _pair(_extent(old), _extent(new)))]
            else:
                said = [f"{c} {_pair(old[c], new[c])}" for c in old if old[c] != new[c]]
                found[name] = [_dataset(name, "; ".join(said), reach="words")] if said else []
        return found

    @cached_property
    def _files(self) -> list[Reason]:
        """Changed files that are no dataset: the list of sources, what came with demonstration data, others."""
        was, now = ({r["file"]: r["sha256"] for r in v.files if not r["dataset_id"]} for v in (self.before, self.after))
        found = []
        for file in sorted({*was, *now}):
            if was.get(file) != now.get(file):
                describing = file == "data/sources.csv" or file.startswith("data/demonstration/")
                text = _pair(was.get(file, ABSENT)[:12], now.get(file, ABSENT)[:12])
                found.append(Reason(kind="data", what=file, text=text, reach="words" if describing else "numbers"))
        return found

    # --- assumptions, parameters ---------------------------------------------

    @cached_property
    def _assumptions(self) -> list[Reason]:
        """Keys of the configuration whose value differs."""
        was, now = (dict(flattened(v.assumptions)) for v in (self.before, self.after))
        found = []
        for key in sorted({*was, *now}):
            old, new = was.get(key, ABSENT), now.get(key, ABSENT)
            if old != new:
                reach: Reach = "reports" if key.startswith(HEAD) else "numbers"
                if key.rpartition(".")[2] in TEXTS:
                    reach = "words"
                found.append(Reason(kind="assumption", what=key, text=_pair(old, new), reach=reach))
        return found

    @cached_property
    def _both_chapters(self) -> list[str]:
        """Chapters, with their region, that both runs made."""
        return [key for key in self.before.manifest["chapters"] if key in self.after.manifest["chapters"]]

    def _parameters(self, key: str) -> list[Reason]:
        """Parameters that a chapter was run with; the configuration's name says nothing that its keys do not."""
        was, now = (v.manifest["chapters"].get(key, {}).get("parameters", {}) for v in (self.before, self.after))
        return [
            Reason(kind="parameters", what=name, text=_pair(was.get(name, "default"), now.get(name, "default")))
            for name in sorted({*was, *now} - {"region", "config"})
            if was.get(name) != now.get(name)
        ]

    def _absence(self, region: str, chapter: str) -> Reason | None:
        """That one of the runs was not asked for the region or the chapter."""
        for version in (self.before, self.after):
            chapters = version.manifest["chapters"]
            if f"{region} {chapter}" not in chapters:
                known = {record["region"] for record in chapters.values()}
                what = "chapters" if region in known else "regions"
                text = f"{chapter if region in known else region} is not part of {version.name}"
                return Reason(kind="parameters", what=what, text=text)
        return None

    # --- method --------------------------------------------------------------

    @cached_property
    def _code(self) -> list[Reason]:
        """Code, locked packages and interpreter."""
        was, now = (v.manifest["inputs"] for v in (self.before, self.after))
        found = []
        if was["code"] != now["code"]:
            found.append(Reason(kind="method", what="code", text=self._changed_code()))
        packages = self._packages()
        if was["lock"] != now["lock"] or packages:
            found.append(Reason(kind="method", what="packages", text=packages or "requirements.lock changed"))
        if was["python"] != now["python"]:
            found.append(Reason(kind="method", what="python", text=_pair(was["python"], now["python"])))
        return found

    def _changed_code(self) -> str:
        """Files of the package that chapters rest on and that differ."""
        was, now = (v.method["code"] for v in (self.before, self.after))
        if not was or not now:
            return "changed; which files is not known, one run was published after its code had changed"
        files = sorted(f for f in {*was, *now} if was.get(f) != now.get(f) and f.split("/")[0] not in OUTSIDE_CHAPTERS)
        more = len(files) - MOST_FILES
        return ", ".join(files[:MOST_FILES]) + (f" and {more} more" if more > 0 else "")

    def _packages(self) -> str:
        """Packages whose version differs."""
        was, now = (v.manifest["versions"] for v in (self.before, self.after))
        names = sorted({*was, *now}.difference(NOT_PACKAGES))
        return ", ".join(
            f"{name} {_pair(was.get(name, ABSENT), now.get(name, ABSENT))}"
            for name in names
            if was.get(name) != now.get(name)
        )

    @property
    def _sources(self) -> tuple[dict[str, str], dict[str, str]]:
        """Checksum of the cells of every chapter in either version."""
        return self.before.method["chapters"], self.after.method["chapters"]

    def _notebook(self, chapter: str) -> list[Reason]:
        """That a chapter's cells differ."""
        was, now = (sources.get(chapter) for sources in self._sources)
        if was is None or now is None or was == now:
            return []
        return [Reason(kind="method", what=f"notebook {chapter}", text=_pair(was[:12], now[:12]))]

    @cached_property
    def _reports(self) -> list[Reason]:
        """What changes reports and no number."""
        was, now = (v.manifest for v in (self.before, self.after))
        found = []
        if was["inputs"]["report_code"] != now["inputs"]["report_code"]:
            found.append(Reason(kind="method", what="layout", text="code of the reports changed", reach="reports"))
        decisions = {**was["request"]["decision"], **now["request"]["decision"]}
        for name in sorted(decisions):
            old, new = (m["request"]["decision"].get(name, "default") for m in (was, now))
            if old != new:
                found.append(Reason(kind="parameters", what=name, text=_pair(old, new), reach="reports"))
        if was["timestamp"] != now["timestamp"]:
            text = _pair(was["timestamp"], now["timestamp"])
            found.append(Reason(kind="parameters", what="moment on the reports", text=text, reach="reports"))
        return found


def flattened(node: Any, *, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of a configuration by their place, such as `sectors.zorg.carving.centre`."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from flattened(value, prefix=f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(node, list) and any(isinstance(part, Mapping | list) for part in node):
        for place, value in enumerate(node):
            yield from flattened(value, prefix=f"{prefix}.{place}")
    else:
        yield prefix, node


def _dataset(name: str, text: str, *, reach: Reach = "numbers") -> Reason:
    """A change of a dataset."""
    return Reason(kind="data", what=name, text=text, reach=reach)


def _extent(row: Mapping[str, str]) -> str:
    """Rows, period, status and start of the checksum."""
    period = f", {row['first_period']} to {row['last_period']}" if row["first_period"] else ""
    return f"{row['rows'] or '?'} rows{period}, {row['data_status']}, {row['sha256'][:12]}"


def _pair(old: Any, new: Any) -> str:
    """What it was and what it became."""
    return f"{old} -> {new}"
