"""Files in the formats that publishers really use, read into the tables of the study."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, cast

from studie.errors import InputError, unknown

if TYPE_CHECKING:
    from studie.data.importers.intake import Intake, Options
    from studie.data.importers.store import Stored


@dataclass(frozen=True, kw_only=True)
class Importer:
    """How one format is read.

    Attributes
    ----------
    module : str
        Module whose `read(path, options=...)` gives an `Intake`.
    publisher : str
        Whose data they are, where the file itself was not fetched; '' where the mapping file says it.
    blanks : {"keep", "clear"}
        Whether an empty value leaves what another file of the same table said.
    packed : bool
        Whether the publisher packs the one text file in a zip file.
    register : bool
        Whether a file takes the place of the extract of the register before it, instead of adding to the tables.
    """

    module: str
    publisher: str
    blanks: Literal["keep", "clear"] = "keep"
    packed: bool = False
    register: bool = False

    def read(self, path: Path, *, options: Options) -> Intake:
        """Content of a file."""
        reader = import_module(f"studie.data.importers.{self.module}")
        if not (self.packed and path.suffix.lower() == ".zip"):
            return cast("Intake", reader.read(path, options=options))
        with TemporaryDirectory() as folder:
            return cast("Intake", reader.read(_only_member(path, Path(folder)), options=options))


def _only_member(path: Path, folder: Path) -> Path:
    """The text file in a zip file, unpacked."""
    from studie.data.importers.archives import Limits, opened

    with opened(path, file=path.name, limits=Limits(most_bytes=500_000_000)) as archive:
        texts = [name for name in archive.names if name.lower().endswith((".txt", ".csv"))]
        if len(texts) != 1:
            got = ", ".join(archive.names) or "none"
            raise InputError(f"{path.name}: must hold one member that ends in .txt or .csv, got {got}")
        return archive.extract(texts[0], to=folder)


FORMATS: dict[str, Importer] = {
    "kbo": Importer(module="kbo", publisher="Kruispuntbank van Ondernemingen", register=True),
    "statbel-population": Importer(module="statbel_population", publisher="Statbel"),
    "statbel-refnis": Importer(module="statbel_refnis", publisher="Statbel", packed=True),
    "bestat": Importer(module="bestat", publisher="Statbel, be.STAT"),
    "arvastat": Importer(module="arvastat", publisher="VDAB, Arvastat"),
    "swing": Importer(module="swing", publisher="Provincies in Cijfers"),
    "wewis-cmw03": Importer(module="wewis", publisher="Departement WEWIS"),
    "eurostat-tsv": Importer(module="eurostat_tsv", publisher="Eurostat"),
    "eurostat-jsonstat": Importer(module="eurostat_jsonstat", publisher="Eurostat"),
    "own": Importer(module="own", publisher="", blanks="clear"),
}


def store_file(format_: str, path: Path, *, options: Options, retrieved: str, publisher: str = "") -> Stored:
    """Read a file and put it into the user's own tables.

    Parameters
    ----------
    format_ : str
        One of `FORMATS`.
    path : Path
        The file.
    options : Options
        What the user says beside it.
    retrieved : str
        Day on which it was fetched (YYYY-MM-DD).
    publisher : str, optional
        Whose data they are, for a format that does not imply it.

    Raises
    ------
    InputError
        If the format is unknown or the file cannot be taken; nothing is written then.
    """
    from studie.data.importers.register import store_extract
    from studie.data.importers.store import store

    if format_ not in FORMATS:
        raise unknown("format", format_, FORMATS)
    importer, name = FORMATS[format_], f"{format_}-{path.stem}"
    if importer.register:
        return store_extract(path, name=name, retrieved=retrieved)
    intake = importer.read(path, options=options)
    source = importer.publisher or publisher
    return store(intake, name=name, source=source, retrieved=retrieved, blanks=importer.blanks)
