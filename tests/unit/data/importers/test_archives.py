import stat
import zipfile
from pathlib import Path

import pytest

from studie.data.importers.archives import Limits, opened
from studie.errors import InputError

LIMITS = Limits(most_bytes=10_000_000, most_members=5)


def packed(tmp_path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = tmp_path / "f.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def refused(path: Path, *, limits: Limits = LIMITS) -> str:
    with pytest.raises(InputError) as caught, opened(path, file="f.zip", limits=limits) as archive:
        for name in archive.names:
            archive.read(name)
    return str(caught.value)


def test_members_are_read_and_extracted(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.csv", b"x\n"), ("folder/b.csv", b"y\n"))
    with opened(path, file="f.zip", limits=LIMITS) as archive:
        assert archive.names == ("a.csv", "b.csv")
        assert archive.read("a.csv") == b"x\n"
        assert archive.extract("b.csv", to=tmp_path).read_bytes() == b"y\n"
        assert archive.size("b.csv") == 2
        with pytest.raises(InputError, match=r"member c\.csv is missing; got a\.csv, b\.csv"):
            archive.require(["a.csv", "c.csv"])


@pytest.mark.parametrize("name", ["../a.csv", "x/../../a.csv", "/etc/a.csv", "C:/a.csv", "x\\a.csv", "a\nb.csv"])
def test_a_member_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    assert "member" in refused(packed(tmp_path, (name, b"x")))


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refused(packed(tmp_path, (link, b"/etc/passwd"))) == "f.zip: member a.csv: must be a file, got a link"


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.csv", b"x"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert refused(path) == "f.zip: member a.csv: must not be encrypted"


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "must stand there once" in refused(packed(tmp_path, ("x/a.csv", b"x"), ("A.csv", b"y")))


def test_more_than_a_format_needs_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.csv", b"0" * 11_000_000))
    assert refused(path).splitlines() == [
        "f.zip: member a.csv: must not be packed more than 200 : 1",
        "f.zip: must unpack to at most 10 MB, got 11 MB",
    ]
    many = packed(tmp_path, *((f"{i}.csv", b"") for i in range(6)))
    assert refused(many) == "f.zip: must hold at most 5 members, got 6"


def test_a_member_that_is_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.csv", b"0123456789" * 100_000))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    assert "a.csv" in refused(path)


@pytest.mark.parametrize("kept", [0, 1, 30, 80, -1, -30])
def test_a_zip_file_that_is_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    path = packed(tmp_path, ("a.csv", bytes(range(256)) * 20))
    path.write_bytes(path.read_bytes()[:kept])
    assert refused(path) == "f.zip: must be a zip file, got one that is damaged or cut off"


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    path = packed(tmp_path, ("a.csv", bytes(range(256)) * 20))
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(bytes(data))
    assert refused(path) == "f.zip: member a.csv is damaged or cut off"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.zip") == "f.zip: file is missing"
