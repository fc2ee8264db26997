"""What can be fetched from where: `config/sources.yaml` as validated entries."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from studie.config import project_root
from studie.errors import InputError, unknown

ONLINE = "config/sources.yaml"
Content = Literal["zip", "json", "text"]


def _safe_address(address: str) -> str:
    """An encrypted address, or one on this machine."""
    if not re.match(r"https://[\w.-]+(:\d+)?/|http://(127\.0\.0\.1|localhost)(:\d+)?/", address):
        raise ValueError("must begin with https://")
    return address


Address = Annotated[str, AfterValidator(_safe_address)]


class Online(BaseModel):
    """One file that is openly online, or that a login keeps.

    Attributes
    ----------
    title, publisher, licence
        What it is and whose.
    url, client, query
        Address; with the client `stadincijfers` that of the databank, of which `query` asks a table.
    format
        Format that `studie data import` reads it as.
    content, extension, header
        What the file must be: kind, ending of its name, and a word in its first line.
    most_mb
        Largest size [10^6 bytes].
    login, by_hand
        Whether it takes a login, and where to get the file by hand.
    verified, note
        Whether the address is known to be right, and what is not certain.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    url: Address
    client: Literal["", "stadincijfers"] = ""
    query: dict[str, str] = Field(default_factory=dict)
    format: str
    content: Content
    extension: str = Field(pattern="[a-z]{2,5}")
    header: str = ""
    most_mb: float = Field(gt=0)
    licence: str
    publisher: str
    login: bool = False
    verified: bool
    by_hand: Address
    note: str = ""

    @model_validator(mode="after")
    def _says_what_is_uncertain(self) -> Online:
        if (self.login or not self.verified) and not self.note:
            raise ValueError("an entry with a login, or that is not verified, must have a note")
        if bool(self.client) != bool(self.query):
            raise ValueError("client and query go together")
        return self


def read_online(path: Path | None = None) -> dict[str, Online]:
    """Entries of `config/sources.yaml` by name.

    Raises
    ------
    InputError
        One line per wrong key or value.
    """
    path = path or project_root() / ONLINE
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{ONLINE}: not readable, {error.strerror}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{ONLINE}: not readable as YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(raw, dict):
        raise InputError(f"{ONLINE}: must hold a name per source, got {type(raw).__name__}")
    entries, lines = {}, []
    for name, said in raw.items():
        try:
            entries[str(name)] = Online.model_validate(said)
        except ValidationError as error:
            lines += [f"{ONLINE}: {name}: {'.'.join(map(str, e['loc']))}: {e['msg']}"[:300] for e in error.errors()]
    if lines:
        raise InputError(*lines)
    return entries


def online(name: str) -> Online:
    """Entry of one name.

    Raises
    ------
    InputError
        If there is none; the nearest is named.
    """
    entries = read_online()
    if name not in entries:
        raise unknown("name", name, entries)
    return entries[name]
