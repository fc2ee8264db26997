"""The command `studie`: what it prints, where, and the code it ends with."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studie import __version__, cli
from studie.batch.run import RunResult
from studie.cli import arguments, runs

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [
    "run",
    "study",
    "check",
    "regions",
    "data list",
    "data check",
    "data fetch",
    "data import",
    "data template",
    "data demonstration",
    "version",
]


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The study of this checkout."""
    monkeypatch.setenv("STUDIE_ROOT", str(ROOT))


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, list[str]]:
    """Exit code, output and lines on standard error of a call."""
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    said = capsys.readouterr()
    return end.value.code or 0, said.out, said.err.splitlines()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("run --regions a b --jobs 2", "run --regions a --regions b --jobs 2"),
        ("run --regions a --regions b", "run --regions a --regions b"),
        ("run --regions=a b -p x=1", "run --regions=a --regions b -p x=1"),
        ("run --chapters 10-a 20-b --regions c d", "run --chapters 10-a --chapters 20-b --regions c --regions d"),
        ("regions municipality --date 2025-01-01", "regions municipality --date 2025-01-01"),
        ("run -p a=1 -p b=2", "run -p a=1 -p b=2"),
        ("", ""),
    ],
)
def test_words_up_to_the_next_option_belong_to_it(typed: str, meant: str) -> None:
    assert arguments.spread(typed.split()) == meant.split()


def test_values_may_be_separated_by_commas() -> None:
    assert arguments.words(["a,b", "c", "d,"], name="regions") == ["a", "b", "c", "d"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_of_its_command(capsys: pytest.CaptureFixture[str], command: str) -> None:
    code, out, err = call(capsys, *command.split(), "--help")
    assert (code, err) == (0, [])
    assert f"Example: studie {command}" in " ".join(out.split())


def test_the_help_lists_every_command_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys)
    assert code == 0
    assert all(command.split()[0] in out for command in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run --regions arondissement", "did you mean 'arrondissement'"),
        ("run --regions municipality:1202", "did you mean 'municipality:120"),
        ("run --chapters 20-dorstroom", "did you mean '20-doorstroom'"),
        ("run -p horison_months=12", "did you mean 'horizon_months'"),
        ("run -p horizon_months=long", "-p horizon_months: must be int, got 'long'"),
        ("run -p horizon_months", "must be name=value"),
        ("run --jobs 0", "jobs: must be 1 or more"),
        ("run --jobs x", "--jobs"),
        ("run -p reference_date=1999-01-01", "-p reference_date: must be 2019-01-01 or later"),
        ("run -p reference_date=2025-02-30", "-p reference_date: must be a date YYYY-MM-DD"),
        ("run -p span=0", "-p span: must be 1 or more, got 0"),
        ("run -p horizon_months=61", "-p horizon_months: "),
        ("run -p level=1", "-p level: "),
        ("run --regions=", "regions: must name at least one, got ''"),
        ("run --regions , --jobs 2", "regions: must name at least one, got ','"),
        ("run --chapters=", "chapters: must name at least one, got ''"),
        ("study --chapters=", "chapters: must name at least one, got ''"),
        ("run --nonsense", "No such option: --nonsense"),
        ("run --shard 3", "shard: must be I/N such as 2/8, got '3'"),
        ("run --shard 4/2", "shard: must be I/N with I from 1 to N, got 4/2"),
        ("run --executor dask", "scheduler: executor dask needs one; allowed: an address"),
        ("run --scheduler tcp://127.0.0.1:1", "scheduler: has a meaning with --executor dask only"),
        ("run --engine quick", "'quick' is not one of"),
        ("run --cell-seconds 0", "cell-seconds: must be 1 or more, got 0"),
        ("run --memory 100", "memory: must be 500 MB or more, got 100"),
        ("run --resume 19990101-000000-00000000", "run: "),
        ("run --resume x --regions province", "resume: takes what to make from the run; leave out --regions"),
        ("study --vergadering soon", "vergadering: must be a date"),
        ("study --aard besluit", "aard"),
        ("regions municipalities", "did you mean 'municipality'"),
        ("regions --date 2025-13-01", "2025-13-01"),
        ("data template ladder_panl x.csv", "did you mean 'ladder_panel'"),
        ("data template need x.xlsx", "path: must end in .csv"),
        ("data template need nowhere/x.csv", "nowhere"),
        ("data demonstration --size enormous", "size"),
        ("data import kb x.zip", "format: unknown value 'kb'; did you mean 'kbo'?"),
        ("data import own x.dta", "map: an own extract needs a mapping file"),
        ("data import own x.dta --map nowhere.yaml", "map: nowhere.yaml is not readable"),
        ("data fetch kb", "did you mean 'kbo'?"),
        ("data fetch kbo", "cannot be fetched without a login"),
        ("data", "a command is missing"),
        ("nonsense", "nonsense"),
        ("check 19990101-000000-00000000", "run: "),
    ],
)
def test_wrong_use_is_one_line_on_standard_error_and_code_2(
    capsys: pytest.CaptureFixture[str], arguments: str, said: str
) -> None:
    code, _, err = call(capsys, *arguments.split())
    assert code == 2
    assert len(err) == 1
    assert err[0].startswith("error: ")
    assert said in err[0]


def test_regions_are_listed_with_code_and_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "regions", "arrondissement")
    assert code == 0
    assert out.splitlines() == [
        "arrondissement:11000  Antwerpen",
        "arrondissement:12000  Mechelen",
        "arrondissement:13000  Turnhout",
    ]


@pytest.mark.parametrize(("day", "count"), [("2018-12-31", 70), ("2024-12-31", 69), ("2025-01-01", 67)])
def test_the_municipalities_are_those_of_the_day(capsys: pytest.CaptureFixture[str], day: str, count: int) -> None:
    _, out, _ = call(capsys, "regions", "municipality", "--date", day, "--json")
    listed = json.loads(out)
    assert len(listed) == count
    assert {"code", "level", "name", "status"} <= set(listed[0])


def test_data_are_listed_with_their_status(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "data", "list", "--json")
    assert {d["data_status"] for d in json.loads(out)} >= {"observed", "demonstration"}
    _, out, _ = call(capsys, "data", "list")
    assert out.splitlines()[0].split() == ["table", "dataset", "status", "in", "use", "period", "rows", "publisher"]


def test_problems_in_the_data_are_one_line_each_and_code_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from studie.data import catalogue

    monkeypatch.setattr(catalogue, "check", lambda: ["a.csv: row 1", "b.csv: row 2"])
    assert call(capsys, "data", "check") == (2, "", ["error: a.csv: row 1", "error: b.csv: row 2"])
    code, out, _ = call(capsys, "data", "check", "--json")
    assert (code, json.loads(out)) == (2, {"problems": ["a.csv: row 1", "b.csv: row 2"]})
    monkeypatch.setattr(catalogue, "check", list)
    code, out, _ = call(capsys, "data", "check")
    assert code == 0
    assert out.endswith("no problems\n")


def test_a_template_has_the_columns_of_its_table_explained_in_dutch(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from studie.data import contracts

    path = tmp_path / "ladder_panel.csv"
    code, out, _ = call(capsys, "data", "template", "ladder_panel", str(path))
    rules = contracts.contract("ladder_panel")
    assert code == 0
    assert path.read_text(encoding="utf-8") == ",".join(rules.names) + "\n"
    words = (tmp_path / "ladder_panel-kolommen.md").read_text(encoding="utf-8")
    assert all(f"| {c.name} | {c.about} |" in words for c in rules.columns)
    mapping = tmp_path / "ladder_panel-mapping.yaml"
    assert out.split() == [str(path), str(tmp_path / "ladder_panel-kolommen.md"), str(mapping)]
    assert all(f"\n  {c.name}: " in mapping.read_text(encoding="utf-8") for c in rules.columns)
    code, _, err = call(capsys, "data", "template", "ladder_panel", str(path))
    assert code == 2
    assert "is there already" in err[0]


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "version")[:2] == (0, f"studie {__version__}\n")
    assert json.loads(call(capsys, "version", "--json")[1])["studie"] == __version__


def test_an_interruption_ends_with_code_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from studie.data import catalogue

    def interrupted() -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "check", interrupted)
    code, _, err = call(capsys, "data", "check")
    assert code == 130
    assert err == ["interrupted; the same command goes on from here, what is finished is not run again"]


@pytest.mark.parametrize("arguments", [["--help"], ["regions", "province"], ["run", "--help"], ["version"]])
def test_a_short_answer_loads_no_heavy_library(arguments: list[str]) -> None:
    heavy = ["matplotlib", "statsforecast", "statsmodels", "sklearn", "papermill", "duckdb", "pandera", "typst"]
    code = (
        "import sys\nfrom studie.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n"
        f"    print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["regions"]])
def test_help_and_regions_answer_within_a_second_of_cpu(arguments: list[str]) -> None:
    code = (
        "import resource\nfrom studie.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n"
        "    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    print(used.ru_utime + used.ru_stime, file=__import__('sys').stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(done.stderr) < 1.0


def result(**fields: Any) -> RunResult:
    """A run of which everything failed, but for what is given."""
    nothing = dict.fromkeys(("pdfs", "failures", "failed_regions", "earlier", "broken_laws", "summary"), ())
    return RunResult(**{**nothing, "folder": ROOT, "made": 0, "reused": 0, "exit_code": 1, **fields})


CAUSE = "province:10000 20-b: cell 3: ValueError: x"
OTHER = "arrondissement:11000 20-b: cell 3: ValueError: x"


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({}, []),
        (
            {"failures": ("strategische studie: aard: no",), "failed_regions": ("strategische studie",)},
            ["strategische studie: aard: no; no report was made"],
        ),
        (
            {"failures": (CAUSE,), "failed_regions": ("province:10000",), "earlier": ("reports/p.pdf",)},
            [f"{CAUSE}; no report was made; the report of an earlier run is still there: reports/p.pdf"],
        ),
        (
            {"failures": (CAUSE,), "failed_regions": ("province:10000",), "pdfs": (ROOT / "a.pdf",)},
            [f"{CAUSE}; the others are there"],
        ),
        (
            {"failures": (CAUSE, OTHER), "failed_regions": ("province:10000", "arrondissement:11000")},
            [CAUSE, OTHER, "failed: province:10000, arrondissement:11000; no report was made"],
        ),
        (
            {
                "failures": (CAUSE,),
                "failed_regions": ("province:10000", "strategische studie"),
                "earlier": ("a.pdf", "b.pdf"),
            },
            [
                CAUSE,
                "failed: province:10000, strategische studie; no report was made; "
                "reports of earlier runs are still there: a.pdf, b.pdf",
            ],
        ),
        ({"failures": ("a: one\nb: two",)}, ["a: one", "b: two"]),
    ],
)
def test_a_cause_is_said_once_with_what_is_there_all_the_same(fields: dict[str, Any], lines: list[str]) -> None:
    assert runs.failure_lines(result(**fields)) == lines


def test_the_summary_has_a_row_per_chapter_that_ran_and_their_sum() -> None:
    nothing = {"made": 0, "reused": 3, "failed": 0, "seconds": 0.0, "cpu_seconds": 0.0, "memory_mb": 0.0}
    one = {"made": 2, "reused": 1, "failed": 1, "seconds": 12.4, "cpu_seconds": 9.6, "memory_mb": 310.2}
    other = {"made": 1, "reused": 0, "failed": 0, "seconds": 3.0, "cpu_seconds": 2.0, "memory_mb": 200.0}
    chapters = {"10-a": nothing, "20-b": one, "30-c": other}
    rows = runs.summary_rows(result(summary=tuple({"chapter": name, **row} for name, row in chapters.items())))
    assert rows == [
        ["chapter", "made", "unchanged", "failed", "seconds", "CPU", "MB at most"],
        ["20-b", "2", "1", "1", "12", "10", "310"],
        ["30-c", "1", "0", "0", "3", "2", "200"],
        ["all", "3", "1", "1", "15", "12", "310"],
    ]
