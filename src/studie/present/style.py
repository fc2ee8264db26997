"""The look of every figure: one typeface, text width, calm axes, colours that also work in grey."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.3  # inch: the report's text width of 16 cm
INK = "#1f2a33"
MUTED = "#5c6770"
RULE = "#c9d0d5"
BLUE = "#1b5e8c"
GREEN = "#2e7d5b"
OCHRE = "#9a6400"
SERIES = (BLUE, OCHRE, GREEN, "#7a3b69", MUTED)
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v")

SETTINGS: dict[str, Any] = {
    "font.family": ["Source Sans Pro", "DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": RULE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": "#e4e8eb",
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "studie",
    "svg.fonttype": "path",
    "axes.unicode_minus": True,
}

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@lru_cache(maxsize=1)
def register_fonts() -> None:
    """Make the report's typeface known to matplotlib."""
    from matplotlib import font_manager

    folder = files("studie") / "report" / "fonts"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith((".otf", ".ttf")):
            font_manager.fontManager.addfont(str(entry))


def styled(draw: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Draw with the study's settings, and leave the user's own untouched."""

    @wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        import matplotlib as mpl

        register_fonts()
        with mpl.rc_context(SETTINGS):  # type: ignore[arg-type]
            return draw(*args, **kwargs)

    return drawn


def canvas(height: float, *, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """Figure of text width and the given height [inch] with its axes, without pyplot's global state."""
    from matplotlib.figure import Figure as MplFigure

    figure = MplFigure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def dutch_axis(axes: Axes, *, which: str = "y", share: bool = False) -> None:
    """Tick labels in Dutch number format."""
    from matplotlib.ticker import FuncFormatter

    from studie.present import numbers

    def label(value: float, _: object) -> str:
        if share:
            return f"{numbers.number(100 * value)} %"
        return numbers.number(value, decimals=0 if float(value).is_integer() else 1)

    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_formatter(FuncFormatter(label))


def dutch_months(axes: Axes) -> None:
    """Time axis in years, or in Dutch months where the span is short."""
    from matplotlib.dates import AutoDateLocator, num2date
    from matplotlib.ticker import FuncFormatter

    from studie.present.numbers import SHORT_MONTHS

    axes.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=9))
    first, last = axes.get_xlim()

    def label(value: float, _: object) -> str:
        date = num2date(value)
        return str(date.year) if last - first > 4 * 365 else f"{SHORT_MONTHS[date.month - 1]} {date.year}"

    axes.xaxis.set_major_formatter(FuncFormatter(label))


def label_ends(axes: Axes, ends: Sequence[tuple[float, float, str, str]], *, gap: float = 0.075) -> None:
    """Names at the end of lines, pushed apart so that none overlap.

    `ends` holds x, y, name and colour per line; `gap` is the least distance between names [share of the axis height].
    """
    low, high = axes.get_ylim()
    height = -float("inf")
    for x, y, name, colour in sorted(ends, key=lambda end: end[1]):
        height = max(y, height + gap * (high - low))
        axes.annotate(
            name, (x, y), xytext=(1.02, (height - low) / (high - low)), textcoords="axes fraction",
            va="center", fontsize=9, color=colour, annotation_clip=False,
        )  # fmt: skip
