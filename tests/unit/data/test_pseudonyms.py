"""Pseudonyms: the same key gives the same one, the key stays outside, and nobody else can read it."""

from __future__ import annotations

import hashlib
import hmac
import stat
from pathlib import Path

import pandas as pd
import pytest

from studie.data import pseudonyms
from studie.errors import InputError

KEY, OTHER = bytes(32), bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study and a place outside it for the user's configuration."""
    (tmp_path / "study").mkdir()
    monkeypatch.setenv("STUDIE_ROOT", str(tmp_path / "study"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(pseudonyms.KEY_VARIABLE, raising=False)
    return tmp_path


def made(*identifiers: str, key: bytes = KEY) -> list[str]:
    return pseudonyms.pseudonyms(pd.Series(identifiers, dtype=object), key=key).tolist()


def test_a_pseudonym_is_the_keyed_hash_of_the_identifier_in_128_bits() -> None:
    import base64

    digest = hmac.new(KEY, b"person\0" + b"a7", hashlib.sha256).digest()[:16]
    assert made("a7")[0].split("-")[1] == base64.b32encode(digest).decode().lower()[:26]
    assert pseudonyms.PATTERN.fullmatch(made("a7")[0])


def test_the_same_person_has_one_pseudonym_per_key() -> None:
    assert made("a7", "b8", "a7")[0] == made("a7")[0] != made("b8")[0]
    assert made("a7")[0].split("-")[1] != made("a7", key=OTHER)[0].split("-")[1]
    assert pseudonyms.key_tags(pd.Series(made("a7", "b8"))) != pseudonyms.key_tags(pd.Series(made("a7", key=OTHER)))


def test_blanks_and_the_marks_of_a_national_number_do_not_make_another_person() -> None:
    assert len(set(made("85.01.02-123.45", "85010212345", " 85010212345 ", "85 01 02 123 45"))) == 1
    assert len(set(made("8501021234", "85.01.02-123.45", "x85010212345"))) == 3
    assert len(set(made("e\u0301", "\u00e9"))) == 1


def test_an_empty_identifier_stays_empty_and_a_value_that_is_no_pseudonym_has_no_key() -> None:
    assert made("", "  ") == ["", ""]
    assert pseudonyms.key_tags(pd.Series(["85010212345", *made("a")])) == {"", made("a")[0][:5]}


def test_the_key_is_made_once_for_the_user_alone(folder: Path) -> None:
    path = pseudonyms.key_path()
    assert path == folder / "config" / "studie" / "pseudonym.key"
    first, made_now = pseudonyms.read_key(path)
    assert made_now
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert pseudonyms.read_key(path) == (first, False)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("inside", ["pseudonym.key", "data/own/key"])
def test_a_key_inside_the_study_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    monkeypatch.setenv(pseudonyms.KEY_VARIABLE, str(folder / "study" / inside))
    with pytest.raises(InputError, match="must lie outside the study"):
        pseudonyms.key_path()


def test_a_link_into_the_study_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "link").symlink_to(folder / "study")
    monkeypatch.setenv(pseudonyms.KEY_VARIABLE, str(folder / "link" / "key"))
    with pytest.raises(InputError, match="must lie outside the study"):
        pseudonyms.key_path()


def test_a_key_that_others_can_read_or_that_is_no_key_is_refused_without_repeating_it(folder: Path) -> None:
    path = folder / "key"
    path.write_text("00" * 32)
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        pseudonyms.read_key(path)
    path.chmod(0o600)
    path.write_text("secret words")
    with pytest.raises(InputError, match="64 hexadecimal digits") as error:
        pseudonyms.read_key(path)
    assert "secret" not in str(error.value)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="it is no text"):
        pseudonyms.read_key(path)
    with pytest.raises(InputError, match="readable key file"):
        pseudonyms.read_key(folder)


def test_a_message_keeps_words_and_short_numbers_only() -> None:
    line = "x.csv: column 85.01.02-123.45 stands there twice, row 12"
    assert pseudonyms.without_identifiers(line) == "x.csv: column … stands there twice, row 12"
