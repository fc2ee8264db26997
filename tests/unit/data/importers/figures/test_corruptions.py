"""2,000 damaged files per importer of figures: an answer in one line, and every record taken or listed."""

import copy
import json
import random
import re
from collections import Counter
from importlib import import_module

import pytest

from studie.data import contracts
from studie.data.importers.intake import Options
from studie.errors import InputError

TIMES = 2000
JUNK = ["x", "-1", "1e400", "-99997", "", "  ", "14 293", "1.234", "1,5", "NaN", "\u00a0", "9" * 30, "2024", "'", '"',
        "\ufeff", "Totaal", "-", "é", "<a>", "=1+1", "99991", "0"]  # fmt: skip
OTHERS = [None, 5, -3, 2.5, 1e300, True, 0, 14317]
MARKS = [b",", b";", b"\t", b".", b"\n", b'"', b"2024", b"2025", b"1"]


def damaged_bytes(rng, data):
    """A file after one to three accidents with its bytes or lines."""
    for _ in range(rng.randint(1, 3)):
        data = damaged_once(rng, data)
    return data


def damaged_once(rng, data):
    """A file after one accident."""
    at, lines = rng.randrange(len(data) + 1), data.split(b"\n")
    kinds = [
        lambda: data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
        lambda: data[:at] + data[at + rng.randint(1, 30) :],
        lambda: data[:at] + rng.randbytes(rng.randint(1, 4)) + data[at:],
        lambda: data[:at],
        lambda: b"\n".join([*lines, rng.choice(lines)]),
        lambda: b"\n".join(rng.sample(lines, len(lines))),
        lambda: data.replace(rng.choice(MARKS), rng.choice([*MARKS[:6], b"", b"0"]), rng.choice([1, -1])),
        lambda: data[:at] + rng.choice(JUNK).encode() + data[at:],
        lambda: data[:at] + rng.choice(JUNK).encode() + data[at + 3 :],
        lambda: b"\xef\xbb\xbf" + data,
    ]
    return rng.choice(kinds)()


def damaged_object(rng, content):
    """A JSON document after one to three accidents with its values, names and lists."""
    content = copy.deepcopy(content)
    for _ in range(rng.randint(1, 3)):
        place = content
        while isinstance(place, dict | list) and place:
            key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
            if not isinstance(place[key], dict | list) or not place[key] or rng.random() < 0.15:
                change = rng.randrange(4)
                if change == 0:
                    del place[key]
                elif change == 1 and isinstance(place, list):
                    place.append(copy.deepcopy(place[key]))
                else:
                    place[key] = rng.choice([*JUNK, *OTHERS, [], {}, [1], {"a": 1}])
                break
            place = place[key]
    return content


def damaged_grid(rng, grid):
    """Rows of a sheet after one to three accidents with cells and rows."""
    grid = [list(row) for row in grid]
    for _ in range(rng.randint(1, 3)):
        at, kind = rng.randrange(len(grid)), rng.randrange(8)
        if kind <= 3 and grid[at]:
            grid[at][rng.randrange(len(grid[at]))] = rng.choice([*JUNK, *OTHERS])
        elif kind == 4:
            del grid[at]
        elif kind == 5:
            grid.insert(rng.randrange(len(grid) + 1), list(grid[at]))
        elif kind == 6:
            grid[at].append(rng.choice(JUNK))
        elif kind == 7:
            grid = grid[: at + 1]
    return grid


def survives(module, path, options):
    """What became of a damaged file: read, or refused in lines that can be read."""
    try:
        found = import_module(f"studie.data.importers.{module}").read(path, options=options)
    except InputError as error:
        assert str(error) and all(len(line) < 800 and len(line.splitlines()) == 1 for line in error.problems), (
            error.problems
        )
        return None
    assert found.read == found.taken + len(found.rejected)
    assert found.rejected["rule"].ne("").all()
    assert not found.rejected.duplicated(["file", "row"]).any()
    for table, frame in found.tables.items():
        assert list(frame.columns) == list(contracts.contract(table).names)
        assert not frame.duplicated(list(contracts.contract(table).key)).any()
    return found


def records_of(text):
    """Number of lines after the header that hold anything."""
    return sum(bool(line.strip(" \t\ufeff")) for line in re.split(r"\r\n|\n|\r", text)[1:])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "sample", "options"),
    [
        ("swing", "SWING", Options()),
        ("wewis", "WEWIS", Options(mapping={"place": "gemeente"})),
        ("eurostat_tsv", "EUROSTAT", Options()),
    ],
)
def test_damaged_texts_lose_no_record_in_silence(samples, tmp_path, part, module, sample, options):
    path, outcomes = tmp_path / "f.txt", Counter()
    whole = getattr(samples, sample).encode()
    for seed in range(part(TIMES)):
        rng = random.Random(f"{module} {seed}")
        data = damaged_bytes(rng, whole)
        path.write_bytes(data)
        found = survives(module, path, options)
        outcomes["refused" if found is None else "read" if found.taken else "listed"] += 1
        if found is not None:
            encoding = "utf-8-sig" if data.decode("utf-8", "ignore").encode() == data else "cp1252"
            assert found.read == records_of(data.decode(encoding)), seed
    assert min(outcomes[kind] for kind in ("refused", "read", "listed")) >= part(20), outcomes


@pytest.mark.slow
@pytest.mark.parametrize(("module", "sample"), [("bestat", "BESTAT"), ("eurostat_jsonstat", "JSONSTAT")])
def test_damaged_json_loses_no_record_in_silence(samples, tmp_path, part, module, sample):
    path, outcomes = tmp_path / "f.json", Counter()
    for seed in range(part(TIMES)):
        rng = random.Random(f"{module} {seed}")
        content = getattr(samples, sample)
        if seed % 2:
            data = samples.as_json(damaged_object(rng, content))
        else:
            data = damaged_bytes(rng, samples.as_json(content))
        path.write_bytes(data)
        found = survives(module, path, Options())
        outcomes["refused" if found is None else "read" if found.taken else "listed"] += 1
        if found is not None:
            told = json.loads(data.decode("utf-8-sig"))
            assert found.read == (len(told["facts"]) if module == "bestat" else filled_cells(told)), seed
    assert min(outcomes[kind] for kind in ("refused", "read")) >= part(100), outcomes


def filled_cells(cube):
    """Cells of a cube with a value or a flag."""
    places = set()
    for given in (cube["value"], cube.get("status", {})):
        if isinstance(given, str):
            return 6
        pairs = given.items() if isinstance(given, dict) else enumerate(given)
        places |= {int(place) for place, value in pairs if value is not None and (given is cube["value"] or value)}
    return len(places)


@pytest.mark.slow
def test_damaged_workbooks_of_arvastat_give_no_sum_that_is_too_low(samples, tmp_path, part):
    path, outcomes = tmp_path / "f.xlsx", Counter()
    whole = samples.workbook({"Data": samples.ARVASTAT})
    for seed in range(part(TIMES)):
        rng = random.Random(f"arvastat {seed}")
        grid = None
        if seed % 4 == 0:
            data = damaged_bytes(rng, whole)
        elif seed % 4 == 1:
            parts = samples.workbook_parts({"Data": samples.sheet_xml(samples.ARVASTAT)})
            name = rng.choice(list(parts))
            parts[name] = damaged_bytes(rng, parts[name].encode()).decode("latin-1")
            data = samples.packed(parts)
        else:
            grid = damaged_grid(rng, samples.ARVASTAT)
            data = samples.workbook({"Data": grid})
        path.write_bytes(data)
        found = survives("arvastat", path, Options(region="region:02000"))
        outcomes["refused" if found is None else "read" if found.taken else "listed"] += 1
        if found is not None and grid is not None:
            known = found.tables["vacancy"].dropna(subset=["open"])
            for sector, month, count in known[["sector", "period", "open"]].to_numpy().tolist():
                assert count == plain_sum(grid, sector, month), (seed, sector, month)
    assert min(outcomes[kind] for kind in ("refused", "read")) >= part(400), outcomes


def plain_sum(grid, sector, month):
    """Sum of the counts of a sector and month in the sheet, each distinct row once."""
    name = {"2024-03": "March 2024", "2024-04": "April 2024"}[month]
    labels = [
        ["" if cell is None else " ".join(str(cell).replace("\ufeff", "").split()) for cell in row] for row in grid
    ]
    start = next(i for i, row in enumerate(labels) if row[-1:] == ["Totaal"])
    end = next(i for i, row in enumerate(labels) if i > start and {*row[:4]} - {""} == {"Totaal"})
    inner = [row for row in labels[start + 1 : end] if len(row) > 1 and "Totaal" not in row]
    rows = {tuple(row) for row in inner if row[0] == name and row[1].lower() == sector}
    return sum(int(float(row[4].replace("\u00a0", "").replace(" ", "").replace("1.234", "1234"))) for row in rows)
