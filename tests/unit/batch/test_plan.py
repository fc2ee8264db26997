"""Content addresses: what changes them, and what does not."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from studie.batch import inputs, parameters, plan
from studie.batch.inputs import Folders
from studie.batch.plan import Plan
from studie.errors import InputError
from studie.inputs import modules


@dataclass(frozen=True, kw_only=True)
class Place:
    """A region as the plan sees it."""

    code: str
    level: str

    @property
    def title(self) -> str:
        return self.code


PROVINCE = Place(code="province:10000", level="province")
MECHELEN = Place(code="arrondissement:12000", level="arrondissement")


@pytest.fixture
def make(root: Path, write: Callable[..., Path]) -> Callable[..., Plan]:
    """How a test plans its two chapters."""
    write(root, "10-a", "x = 1")
    write(root, "15-b", "y = 1", levels=("study",))

    def made(*regions: Place, **options: Any) -> Plan:
        folders = Folders(root=root)
        return plan.make_plan(regions, parameters.chapters(folders.notebooks), folders=folders, **options)

    return made


def recipes(made: Plan) -> dict[str, str]:
    return {task.key: task.recipe for task in made.tasks}


def test_the_same_input_gives_the_same_plan(make: Callable[..., Plan]) -> None:
    assert make(PROVINCE, MECHELEN).address == make(PROVINCE, MECHELEN).address


def test_the_strategic_study_shares_its_chapters_with_the_province(make: Callable[..., Plan]) -> None:
    made = make(PROVINCE, MECHELEN, study=PROVINCE)
    assert [t.key for t in made.tasks] == ["province:10000 10-a", "arrondissement:12000 10-a", "province:10000 15-b"]
    by_kind = {(r.kind, r.region): [t.chapter for t in r.tasks] for r in made.reports}
    assert by_kind["region", "province:10000"] == ["10-a"]
    assert by_kind["study", "province:10000"] == ["10-a", "15-b"]
    assert len({r.form for r in made.reports}) == 3


def test_outputs_and_counts_in_a_notebook_do_not_matter(root: Path, make: Callable[..., Plan]) -> None:
    before = recipes(make(PROVINCE))
    path = root / "notebooks" / "10-a.ipynb"
    node = json.loads(path.read_text(encoding="utf-8"))
    node["cells"][-1] |= {"execution_count": 7, "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]}
    path.write_text(json.dumps(node), encoding="utf-8")
    assert recipes(make(PROVINCE)) == before


def test_a_changed_notebook_changes_its_own_chapter_only(
    root: Path, make: Callable[..., Plan], write: Callable[..., Path]
) -> None:
    before = recipes(make(study=PROVINCE))
    write(root, "15-b", "y = 2", levels=("study",))
    after = recipes(make(study=PROVINCE))
    assert {key for key in before if before[key] != after[key]} == {"province:10000 15-b"}


def test_other_packages_change_every_chapter(root: Path, make: Callable[..., Plan]) -> None:
    before = recipes(make(study=PROVINCE))
    with (root / "requirements.lock").open("a", encoding="utf-8") as opened:
        opened.write("numpy==2.0\n")
    after = recipes(make(study=PROVINCE))
    assert all(before[key] != after[key] for key in before)


@pytest.mark.parametrize("file", ["config/study.yaml", "data/sources.csv", "data/own/need.csv", "requirements.lock"])
def test_changed_input_makes_another_plan(root: Path, make: Callable[..., Plan], file: str) -> None:
    before = make(study=PROVINCE).address
    with (root / file).open("a", encoding="utf-8") as opened:
        opened.write("\n")
    assert make(study=PROVINCE).address != before


@pytest.mark.parametrize(
    "file",
    [
        "data/own/README.md",
        "data/own/.hidden",
        "data/own/raw/kbo.zip",
        "data/own/rejected/kbo.csv",
        "data/demonstration/huge/need.csv",
        "notes.txt",
    ],
)
def test_files_that_no_chapter_reads_do_not_matter(root: Path, make: Callable[..., Plan], file: str) -> None:
    before = make(study=PROVINCE).address
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text("x", encoding="utf-8")
    assert make(study=PROVINCE).address == before


def test_a_parameter_and_a_decision_change_what_depends_on_them(make: Callable[..., Plan]) -> None:
    before = make(MECHELEN, study=PROVINCE)
    longer = make(MECHELEN, study=PROVINCE, given={"horizon_months": "24"})
    decided = make(MECHELEN, study=PROVINCE, decision={"agendanummer": "3/12"})
    assert all(recipes(before)[key] != value for key, value in recipes(longer).items())
    assert recipes(decided) == recipes(before)
    assert [a.form == b.form for a, b in zip(before.reports, decided.reports, strict=True)] == [True, False]


def test_a_chapter_gets_only_the_parameters_that_it_knows(
    root: Path, make: Callable[..., Plan], write: Callable[..., Path], common: str
) -> None:
    write(root, "20-c", parameters=common + "span: int = 12\n")
    made = make(PROVINCE, given={"span": "6"})
    assert {t.chapter: t.parameters for t in made.tasks} == {
        "10-a": {"region": "province:10000"},
        "20-c": {"region": "province:10000", "span": 6},
    }


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of a few modules in the place of the study's own."""
    folder = tmp_path / "package"
    texts = {
        "study/__init__.py": "from studie.regions import region",
        "regions.py": "",
        "ladder/hazards.py": "from studie.ladder import moves",
        "ladder/moves.py": "",
        "demand/forecast.py": "def forecast():\n    from studie.regions import region",
        "report/assemble.py": "from studie.present import numbers",
        "report/house.typ": "",
        "report/web/house.css": "",
        "report/methods/20-c.md": "",
        "report/fonts/serif.otf": "",
        "present/numbers.py": "",
        "batch/run.py": "",
        "data/catalogue.py": "",
    }
    for place, text in texts.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    monkeypatch.setattr(inputs, "SOURCE_FOLDER", folder)
    monkeypatch.setattr(modules, "FOLDER", folder)
    return folder


@pytest.mark.parametrize(
    ("changed", "chapters", "reports"),
    [
        ("ladder/moves.py", {"20-c"}, False),
        ("ladder/hazards.py", {"20-c"}, False),
        ("demand/forecast.py", {"30-d"}, False),
        ("regions.py", {"20-c", "30-d", "40-e"}, False),  # the study rests on it, and so does all that opens one
        ("study/__init__.py", {"20-c", "40-e"}, False),
        ("present/numbers.py", set(), True),
        ("report/house.typ", set(), True),
        ("report/web/house.css", set(), True),
        ("report/methods/20-c.md", set(), True),
        ("report/fonts/serif.otf", {"10-a", "20-c", "30-d", "40-e", "50-f"}, True),  # figures are set in it
        ("batch/run.py", set(), False),
    ],
)
def test_a_changed_source_changes_exactly_the_chapters_that_can_run_it(
    root: Path,
    write: Callable[..., Path],
    make: Callable[..., Plan],
    package: Path,
    changed: str,
    chapters: set[str],
    reports: bool,
) -> None:
    write(root, "20-c", "import studie\nfrom studie.ladder import hazards")
    write(root, "30-d", "from studie.demand.forecast import forecast as predicted")
    write(root, "40-e", "import studie\nstudy = studie.open_study()")
    write(root, "50-f", "%matplotlib inline")  # may import anything
    before = make(PROVINCE)
    with (package / changed).open("a", encoding="utf-8") as file:
        file.write("\n# changed")
    after = make(PROVINCE)
    differ = {t.chapter for t, u in zip(before.tasks, after.tasks, strict=True) if t.recipe != u.recipe}
    assert differ == chapters | ({"50-f"} if changed.endswith(".py") else set())
    assert (before.reports[0].form != after.reports[0].form) == reports


def test_the_timestamp_is_the_newest_retrieval_whatever_the_day(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (root / "data" / "sources.csv").write_text(
        "file,retrieved\na,2026-04-01\nb,2026-05-02\nc,onbekend\n", encoding="utf-8"
    )
    expected = datetime(2026, 5, 2, tzinfo=UTC).timestamp()
    assert plan.timestamp(Folders(root=root)) == expected
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    assert plan.timestamp(Folders(root=root)) == 1600000000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH"):
        plan.timestamp(Folders(root=root))


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("province:10000", "province/10000"),
        ("grouping:referentieregio:kempen", "grouping/referentieregio/kempen"),
        ("a:../b", "a/-b"),
        ("a:..", "a/-"),
    ],
)
def test_a_region_has_a_folder_that_stays_inside(code: str, place: str) -> None:
    assert plan.region_path(code).as_posix() == place


def test_what_the_council_is_asked_reaches_the_chapter_that_words_it_and_no_other(
    root: Path, write: Callable[..., Path], make: Callable[..., Plan], common: str
) -> None:
    write(root, "95-c", "z = aard", parameters=common + 'aard: str = "kennisname"\n', levels=("study",))
    note, approval = (make(study=PROVINCE, decision={"aard": aard}) for aard in ("kennisname", "goedkeuring"))
    asked = {task.chapter: task.parameters.get("aard") for task in approval.tasks}
    assert asked == {"10-a": None, "15-b": None, "95-c": "goedkeuring"}
    changed = {key for key, value in recipes(note).items() if recipes(approval)[key] != value}
    assert changed == {"province:10000 95-c"}


def test_the_commit_behind_the_study_is_that_of_what_it_rests_on(
    root: Path, make: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make(PROVINCE, study=PROVINCE)
    monkeypatch.setattr(plan, "commit", lambda folder, content: f"{folder.name} {' '.join(content)}")
    after = make(PROVINCE, study=PROVINCE)
    assert after.commit == f"{root.name} src notebooks config data requirements.lock"
    same = [old.form == new.form for old, new in zip(before.reports, after.reports, strict=True)]
    assert dict(zip([r.kind for r in after.reports], same, strict=True)) == {"region": True, "study": False}


def test_a_report_is_made_anew_when_names_of_regions_change(root: Path, make: Callable[..., Plan]) -> None:
    before = make(PROVINCE)
    for place in ("reference/municipalities.csv", "own/grouping.csv"):
        (root / "data" / place).parent.mkdir(parents=True, exist_ok=True)
        (root / "data" / place).write_text("refnis,name_nl\n11002,Antwerpen\n", encoding="utf-8")
        after = make(PROVINCE)
        assert after.reports[0].form != before.reports[0].form
        assert recipes(after) == recipes(before)
        before = after
