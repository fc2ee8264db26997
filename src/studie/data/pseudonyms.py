"""Pseudonyms of persons: a keyed hash of an identifier, with a key that lies outside the study."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from pathlib import Path

import pandas as pd

from studie.config import project_root
from studie.errors import InputError

KEY_VARIABLE = "STUDIE_PSEUDONYM_KEY"
PATTERN = re.compile(r"p[a-z2-7]{4}-[a-z2-7]{26}")
_KEY_BYTES = 32
_DIGIT_RUN = re.compile(r"\d(?:[ .\-/]?\d){5,}")
_NATIONAL_NUMBER = re.compile(r"[\d .\-/]+")


def key_path() -> Path:
    """File of the key: `STUDIE_PSEUDONYM_KEY`, else in the user's configuration folder.

    Raises
    ------
    InputError
        If the file would lie inside the study, from where it could be shared with the data.
    """
    named = os.environ.get(KEY_VARIABLE)
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    path = Path(named) if named else Path(folder) / "studie" / "pseudonym.key"
    checkouts = [project_root().resolve(), *(p for p in Path(__file__).resolve().parents if (p / ".git").exists())]
    if any(path.resolve().is_relative_to(checkout) for checkout in checkouts):
        raise InputError(f"{KEY_VARIABLE}: the key must lie outside the study's folder, got {path}")
    return path


def read_key(path: Path) -> tuple[bytes, bool]:
    """Key in a file, and whether it was made just now, on first use.

    Raises
    ------
    InputError
        If the file cannot be made, is no key, or is open to other users.
    """
    try:
        made = _make(path) if not path.exists() else False
        mode = path.stat().st_mode & 0o777
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{KEY_VARIABLE}: {path} must be a readable key file, {_reason(error)}") from error
    if mode & 0o077:
        raise InputError(f"{KEY_VARIABLE}: {path} must be readable by you alone (chmod 600), got mode {mode:o}")
    if not re.fullmatch(rf"[0-9a-f]{{{2 * _KEY_BYTES}}}", text):
        raise InputError(f"{KEY_VARIABLE}: {path} must hold {2 * _KEY_BYTES} hexadecimal digits; is it another file?")
    return bytes.fromhex(text), made


def _reason(error: OSError | UnicodeDecodeError) -> str:
    """What went wrong, without content of the file."""
    return error.strerror or "it cannot be read" if isinstance(error, OSError) else "it is no text"


def _make(path: Path) -> bool:
    """Write a new random key, only for this user; another process may be first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
    except FileExistsError:
        return False
    finally:
        unfinished.unlink()
    return True


def pseudonyms(identifiers: pd.Series, *, key: bytes) -> pd.Series:
    """Pseudonym of each identifier; an empty one stays empty.

    Parameters
    ----------
    identifiers : Series of str
        Identifiers as the extract writes them. Blanks around them do not count, nor do the marks of a national number.
    key : bytes
        Secret of 32 bytes. The same key gives the same person the same pseudonym in every extract.

    Returns
    -------
    Series of str
        `p`, four letters that tell one key from another, `-`, 128 bits in base 32. Without the key nobody can tell
        whose it is, also not by trying all national numbers.

    References
    ----------
    Krawczyk, H., Bellare, M. and Canetti, R. (1997). HMAC: keyed-hashing for message authentication. RFC 2104.
    """
    tag = _base32(hmac.digest(key, b"studie key", "sha256"), 4)
    codes, distinct = pd.factorize(identifiers.fillna("").map(canonical))
    made = [f"p{tag}-{_base32(_digest(text, key), 26)}" if text else "" for text in distinct]
    return pd.Series(made, dtype=object).take(codes).set_axis(identifiers.index)


def canonical(identifier: str) -> str:
    """One spelling of an identifier: composed characters, no blanks around it; a national number as its digits."""
    text = unicodedata.normalize("NFC", identifier).strip()
    digits = re.sub(r"\D", "", text)
    return digits if len(digits) == 11 and _NATIONAL_NUMBER.fullmatch(text) else text


def _digest(text: str, key: bytes) -> bytes:
    """First 128 bits of the keyed hash."""
    return hmac.new(key, b"person\0" + text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()[:16]


def _base32(data: bytes, letters: int) -> str:
    """Bytes as lower-case letters and digits."""
    return base64.b32encode(data).decode("ascii").lower()[:letters]


def key_tags(values: pd.Series) -> set[str]:
    """Keys that pseudonyms were made with; '' stands for values that are no pseudonym."""
    distinct = pd.Series(values.unique())
    return {str(v)[:5] if PATTERN.fullmatch(str(v)) else "" for v in distinct}


def without_identifiers(line: str) -> str:
    """A message in which every run of six digits or more, which may be an identifier, is a mark."""
    return _DIGIT_RUN.sub("…", line)
