"""Every test runs on the tiny demonstration data unless it says otherwise."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("STUDIE_DEMONSTRATION_SIZE", "tiny")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a background job; what tests start would ignore it too
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` repeats what is random as often as `make bench` does; else a quarter of that."""
    parser.addoption("--long", action="store_true", help="repeat random damages and kills in full")


@pytest.fixture(scope="session")
def part(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """How often something random is repeated, of how often in full."""
    share = 1 if request.config.getoption("--long") else 4
    return lambda full: -(-full // share)


@pytest.fixture(scope="session")
def share_computed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """How a folder gets what the study computes once, from all tests of all workers: it is kept by its content."""
    top = tmp_path_factory.getbasetemp()
    computed = (top.parent if "PYTEST_XDIST_WORKER" in os.environ else top) / "computed"
    computed.mkdir(exist_ok=True)

    def share(folder: Path) -> None:
        (folder / "build" / "cache").mkdir(parents=True, exist_ok=True)
        (folder / "build" / "cache" / "computed").symlink_to(computed, target_is_directory=True)

    return share
