"""What may be asked of a run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studie.batch import parameters
from studie.batch.parameters import Chapter, Parameter
from studie.errors import InputError

AVAILABLE = [
    Chapter(name=name, number=int(name[:2]), path=Path(f"{name}.ipynb"), levels=levels)
    for name, levels in {
        "10-gegevens": (),
        "15-wachtenden": ("study",),
        "20-doorstroom": (),
        "30-knelpuntsectoren": (),
        "50-netwerk": (),
        "90-monitor": (),
    }.items()
]
FICHE = Chapter(name="05-gemeentefiche", number=5, path=Path("05-gemeentefiche.ipynb"), levels=("municipality",))


def names(chosen: list[Chapter]) -> list[str]:
    return [c.name for c in chosen]


@pytest.fixture
def cell(root: Path, write: Callable[..., Path], common: str) -> dict[str, Parameter]:
    own = common + "span: int = 12\nwait_months: int = 3\nspanning: int = 0\n"
    own += 'steps: list[int] = [1, 2]\nmethod: Literal["a", "b"] = "a"\nfast: bool = False\n'
    return parameters.parameter_cell(write(root, "30-x", parameters=own))


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("municipality", ["10-gegevens", "20-doorstroom", "30-knelpuntsectoren"]),
        ("working-area", ["10-gegevens", "20-doorstroom", "30-knelpuntsectoren"]),
        ("arrondissement", ["10-gegevens", "20-doorstroom", "30-knelpuntsectoren", "50-netwerk"]),
        ("province", ["10-gegevens", "20-doorstroom", "30-knelpuntsectoren", "50-netwerk", "90-monitor"]),
    ],
)
def test_each_level_has_the_chapters_that_its_data_can_carry(level: str, expected: list[str]) -> None:
    assert names(parameters.chapters_at(level, AVAILABLE)) == expected


def test_a_municipality_has_its_fiche_instead_of_chapters_unless_they_are_asked_for() -> None:
    available = [FICHE, *AVAILABLE]
    assert names(parameters.chapters_at("municipality", available)) == ["05-gemeentefiche"]
    asked = parameters.select_chapters(["20-doorstroom"], available, level="municipality")
    assert names(asked) == ["20-doorstroom"]
    assert "05-gemeentefiche" not in names(parameters.chapters_at("province", available))
    assert "05-gemeentefiche" not in names(parameters.select_chapters([], available, level="province", study=True))


def test_a_level_that_does_not_exist_is_refused(root: Path, write: Callable[..., Path]) -> None:
    write(root, "40-x", levels=("gemeente",))
    with pytest.raises(InputError, match=r"40-x\.ipynb: levels: unknown value 'gemeente'"):
        parameters.chapters(root / "notebooks")


def test_only_the_strategic_study_has_the_chapters_that_say_so() -> None:
    assert "15-wachtenden" in names(parameters.select_chapters([], AVAILABLE, level="province", study=True))
    assert "15-wachtenden" not in names(parameters.select_chapters([], AVAILABLE, level="province"))
    with pytest.raises(InputError, match="none of 15-wachtenden is made for level arrondissement"):
        parameters.select_chapters(["15-wachtenden"], AVAILABLE, level="arrondissement")


def test_an_unknown_chapter_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InputError, match="did you mean '20-doorstroom'"):
        parameters.select_chapters(["20-dorstroom"], AVAILABLE, level="province")


def test_chapters_are_the_notebooks_with_a_number_in_their_order(root: Path, write: Callable[..., Path]) -> None:
    for name in ("20-b", "10-a", "notes"):
        write(root, name)
    assert names(parameters.chapters(root / "notebooks")) == ["10-a", "20-b"]


def test_a_folder_without_chapters_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no chapters found"):
        parameters.chapters(tmp_path)


def test_parameters_are_read_with_their_types_and_defaults(cell: dict[str, Parameter]) -> None:
    assert cell["horizon_months"].type is int
    assert cell["span"].default == 12
    assert cell["steps"].default == [1, 2]
    assert list(cell)[:2] == ["region", "reference_date"]


def test_typed_values_get_the_type_that_the_notebook_declares(cell: dict[str, Parameter]) -> None:
    given = {"span": "6", "level": "0.8", "steps": "3,4", "method": "b", "fast": "true", "data": "own"}
    expected = {"span": 6, "level": 0.8, "steps": [3, 4], "method": "b", "fast": True, "data": "own"}
    assert parameters.check_parameters(given, {"30-x": cell}) == expected


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("horison_months", "6", "did you mean 'horizon_months'"),
        ("region", "province:10000", "name the region with --regions"),
        ("span", "6.5", "-p span: must be int, got '6.5'"),
        ("span", "twelve", "-p span: must be int"),
        ("span", "0", "-p span: must be 1 or more, got 0"),
        ("span", "-3", "-p span: must be 1 or more, got -3"),
        ("wait_months", "0", "-p wait_months: must be 1 or more, got 0"),
        ("method", "c", "-p method: must be Literal"),
        ("horizon_months", "0", "-p horizon_months: Input should be greater than or equal to 1, got 0"),
        ("horizon_months", "61", "-p horizon_months: Input should be less than or equal to 60, got 61"),
        ("level", "0", "-p level: Input should be greater than 0, got 0"),
        ("level", "1", "-p level: Input should be less than 1, got 1"),
        ("level", "nan", "-p level: Input should be"),
        ("seed", "-1", "-p seed: Input should be greater than or equal to 0, got -1"),
        ("level", "95", "-p level: Input should be less than 1, got 95"),
        ("reference_date", "2025-13-01", "-p reference_date: must be a date YYYY-MM-DD, got '2025-13-01'"),
        ("reference_date", "20250101", "-p reference_date: must be a date YYYY-MM-DD"),
        ("reference_date", "1999-01-01", "-p reference_date: must be 2019-01-01 or later"),
        ("reference_date", "2018-12-31", "-p reference_date: must be 2019-01-01 or later"),
        ("data", "owm", "-p data"),
        ("config", "stady", "-p config: no file 'stady'"),
    ],
)
def test_a_wrong_parameter_is_refused(cell: dict[str, Parameter], name: str, value: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        parameters.check_parameters({name: value}, {"30-x": cell})
    assert message in str(refused.value)
    assert len(refused.value.problems) == 1


def test_every_wrong_parameter_gets_a_line(cell: dict[str, Parameter]) -> None:
    with pytest.raises(InputError) as refused:
        parameters.check_parameters({"spam": "1", "span": "x", "level": "2"}, {"30-x": cell})
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize("pair", ["span", "=3", "a b=3", ""])
def test_a_pair_without_name_or_sign_is_refused(pair: str) -> None:
    with pytest.raises(InputError, match="must be name=value"):
        parameters.split_pairs([pair])


def test_a_parameter_given_twice_is_refused_and_a_value_may_hold_the_sign() -> None:
    assert parameters.split_pairs(["a=b=c"]) == {"a": "b=c"}
    with pytest.raises(InputError, match="given twice"):
        parameters.split_pairs(["a=1", "a=2"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("span = 12", "must be an annotated literal"),
        ("span: int = 6 * 2", "must be an annotated literal"),
        ("span: int", "must be an annotated literal"),
        ("span: int | None = None", "type must be"),
        ("span: int = 'x'", "must be an annotated literal"),
        ("import os", "must be an annotated literal"),
        ("span: int = (", "parameters cell, line"),
    ],
)
def test_a_parameters_cell_holds_annotated_literals_only(
    root: Path, write: Callable[..., Path], common: str, line: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        parameters.parameter_cell(write(root, "30-x", parameters=common + line))


def test_a_chapter_without_a_common_parameter_or_with_another_type_is_refused(
    root: Path, write: Callable[..., Path], common: str
) -> None:
    with pytest.raises(InputError, match="seed is missing"):
        parameters.parameter_cell(write(root, "30-x", parameters=common.replace("seed: int", "sead: int")))
    with pytest.raises(InputError, match="horizon_months must be"):
        parameters.parameter_cell(
            write(root, "30-x", parameters=common.replace("months: int = 18", "months: float = 1.0"))
        )


def test_a_file_that_is_no_notebook_is_bad_input(root: Path) -> None:
    path = root / "notebooks" / "10-a.ipynb"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"10-a\.ipynb: not readable as a notebook"):
        parameters.parameter_cell(path)


def test_the_defaults_of_the_model_are_those_of_every_chapter() -> None:
    folder = Path(__file__).resolve().parents[3] / "notebooks"
    model = parameters.Common()
    for chapter in parameters.chapters(folder):
        cell = parameters.parameter_cell(chapter.path)
        assert {name: cell[name].default for name in parameters.Common.model_fields} == model.model_dump()


def test_a_level_stands_for_its_confirmed_regions_and_each_comes_once(root: Path) -> None:
    chosen = parameters.select_regions(["arrondissement", "arrondissement:12000", "municipality:12025"])
    codes = [r.code for r in chosen]
    assert codes == ["arrondissement:11000", "arrondissement:12000", "arrondissement:13000", "municipality:12025"]
    assert all(r.status == "confirmed" for r in parameters.select_regions(["working-area"]))


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("arondissement", "did you mean 'arrondissement'"),
        ("arrondissement:12001", "did you mean 'arrondissement:1"),
        ("region:02000", "data only"),
        ("municipality:11007", "unknown value 'municipality:11007'"),
    ],
)
def test_an_unknown_region_is_refused(root: Path, token: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parameters.select_regions([token])


def test_the_reference_date_says_which_municipalities_exist(root: Path) -> None:
    assert parameters.select_regions(["municipality:11007"], reference_date="2024-12-31")[0].name == "Borsbeek"


def test_an_area_that_is_only_possible_gets_no_report(root: Path) -> None:
    from studie import regions

    possible = [r.code for r in regions.regions("working-area") if r.status == "possible"]
    assert possible
    with pytest.raises(InputError, match="only a possible area"):
        parameters.select_regions(possible[:1])


def test_a_parameter_that_counts_no_months_may_be_zero(cell: dict[str, Parameter]) -> None:
    assert parameters.check_parameters({"spanning": "0", "span": "1"}, {"30-x": cell}) == {"spanning": 0, "span": 1}


def test_the_first_reference_date_is_the_first_day_of_which_the_borders_are_known(root: Path) -> None:
    from studie import regions

    assert len(regions.boundaries(date=parameters.FIRST_DAY)) == 69
    assert parameters.date_problems(parameters.FIRST_DAY) == []
    with pytest.raises(InputError, match=f"known from {parameters.FIRST_DAY}"):
        regions.boundaries(date="2018-12-31")
