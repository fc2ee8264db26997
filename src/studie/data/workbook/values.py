"""One cell as a value: what people type in Excel, read strictly, with the rule in Dutch where it fails."""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from openpyxl.utils.datetime import from_excel

from studie.data.importers.numbers import decimal_number, whole_number
from studie.data.workbook import layout
from studie.data.workbook.layout import Field
from studie.data.workbook.problems import WrongCellError
from studie.data.workbook.vocabulary import Vocabulary

Value = str | int | float | datetime.date | None
Content = str | int | float | bool | datetime.datetime | datetime.date | datetime.time | datetime.timedelta | None

LONGEST = 200  # characters of a name
FIRST_DAY = datetime.date(1990, 1, 1)
_KBO_DIGITS = 10
_EMPTY_WORDS = {"", layout.UNKNOWN}
_BY_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_BY_YEAR = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00:00)?")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_FORMULA_ERRORS = re.compile(r"#[A-Z0-9/]+[!?]?")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a cell is held against.

    Attributes
    ----------
    words : Vocabulary
        Words of the region.
    region : str
        Its name in messages.
    today : date
        Last day that an offer can be of.
    epoch : datetime
        Day from which the workbook counts its dates.
    """

    words: Vocabulary
    region: str
    today: datetime.date
    epoch: datetime.datetime


def read_cell(content: Content, field: Field, desk: Desk) -> Value:
    """Value of a cell; None for unknown.

    Raises
    ------
    WrongCellError
        With the rule that the cell breaks, in Dutch.
    """
    bare = clean(content) if isinstance(content, str) else content
    if isinstance(bare, str) and _FORMULA_ERRORS.fullmatch(bare):
        raise WrongCellError("is een foutmelding van Excel; typ de waarde zelf")
    if bare is None or (isinstance(bare, str) and bare.casefold() in _EMPTY_WORDS):
        if field.name == "status" and bare:
            return "unknown"
        if field.required:
            raise WrongCellError("moet ingevuld zijn")
        return None
    if isinstance(bare, bool):
        raise WrongCellError("mag geen WAAR of ONWAAR zijn")
    if isinstance(bare, datetime.time | datetime.timedelta):
        raise WrongCellError("mag geen uur zijn; typ de waarde opnieuw")
    if field.kind == "day":
        return _day(bare, desk)
    if isinstance(bare, datetime.datetime | datetime.date):
        raise WrongCellError("is een datum geworden; typ de waarde opnieuw als tekst of getal")
    if field.kind == "count":
        return _count(bare)
    if field.kind == "amount":
        return _amount(bare)
    return _word(_text(bare), field, desk)


def clean(text: str) -> str:
    """Text without the blanks and marks that nobody sees.

    Raises
    ------
    WrongCellError
        For characters that no keyboard makes.
    """
    plain = " ".join(unicodedata.normalize("NFC", text.translate(_INVISIBLE)).split())
    if not all(c.isprintable() for c in plain) or "\N{REPLACEMENT CHARACTER}" in plain:
        raise WrongCellError("bevat onleesbare tekens; typ de tekst opnieuw")
    return plain


def kbo_number(text: str, *, establishment: bool) -> str:
    """KBO number in the form of the register: 0207.725.795, or 2.000.000.339 for an establishment.

    Raises
    ------
    WrongCellError
        If it has another number of digits, is of the other kind, or its last two digits do not check the first eight.

    Notes
    -----
    The last two digits are 97 minus the remainder of the first eight divided by 97, as for the VAT number.
    """
    first = text.partition(layout.LABEL_MARK.strip())[0]
    digits = re.sub(r"[\s.\-/]", "", first.upper().removeprefix("BE"))
    if not re.fullmatch(r"[0-9]+", digits):
        raise WrongCellError("moet een KBO-nummer van tien cijfers zijn")
    if len(digits) == _KBO_DIGITS - 1 and not establishment:
        digits = f"0{digits}"  # Excel drops a leading zero
    if len(digits) != _KBO_DIGITS:
        raise WrongCellError(f"moet een KBO-nummer van tien cijfers zijn, het zijn er {len(digits)}")
    if establishment and digits[0] in "01":
        raise WrongCellError("is een ondernemingsnummer; hier hoort het vestigingsnummer, dat met 2 tot 8 begint")
    if not establishment and digits[0] not in "01":
        raise WrongCellError("is een vestigingsnummer; hier hoort het ondernemingsnummer, dat met 0 of 1 begint")
    if digits[0] == "9" or int(digits[8:]) != 97 - int(digits[:8]) % 97:
        raise WrongCellError("is geen bestaand KBO-nummer (het controlegetal klopt niet); kijk na op een tikfout")
    cut = 1 if establishment else 4
    return ".".join((digits[:cut], *(digits[i : i + 3] for i in range(cut, _KBO_DIGITS, 3))))


def _text(value: str | int | float) -> str:
    """A number that stands where a text is asked, without the `.0` of a whole one."""
    if isinstance(value, float) and not math.isfinite(value):
        raise WrongCellError("is geen leesbare waarde")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _count(value: str | int | float) -> int:
    """Whole number of 0 or more."""
    rule = "moet één geheel getal zijn, 0 of meer (weet u het niet: leeg of 'onbekend')"
    if isinstance(value, str):
        found = whole_number(value).value
        if found is None:
            raise WrongCellError(rule)
        value = found
    if not math.isfinite(value) or value % 1 or value < 0:
        raise WrongCellError(rule)
    return int(_bounded(value))


def _amount(value: str | int | float) -> float:
    """Number of 0 or more, rounded to hundredths."""
    rule = "moet één getal zijn, 0 of meer, met een komma voor de decimalen (weet u het niet: leeg of 'onbekend')"
    if isinstance(value, str):
        if re.fullmatch(r"\d{1,3}\.\d{3}", value):
            raise WrongCellError("kan twee dingen betekenen; typ het zonder punt, zoals 14293 of 14,293")
        found = decimal_number(value).value
        if found is None:
            raise WrongCellError(rule)
        value = found
    if not math.isfinite(value) or value < 0:
        raise WrongCellError(rule)
    return round(float(_bounded(value)), 2)


def _bounded(value: float) -> float:
    """The same number, if it can be a count of one row."""
    if value > layout.MOST_COUNT:
        raise WrongCellError(f"is te groot: hoogstens {layout.MOST_COUNT}")
    return value


def _day(value: str | int | float | datetime.datetime | datetime.date, desk: Desk) -> datetime.date:
    """Day that is not in the future, nor before 1990."""
    rule = "moet een datum zijn, zoals 31/12/2026"
    found: object
    try:
        if isinstance(value, str):
            found = _written_day(value)
        elif isinstance(value, int | float):
            found = from_excel(value, desk.epoch) if math.isfinite(value) else None
        else:
            found = value
    except (ValueError, OverflowError) as error:
        raise WrongCellError(rule) from error
    if isinstance(found, datetime.datetime):
        if found.time() != datetime.time():
            raise WrongCellError("moet een datum zonder uur zijn, zoals 31/12/2026")
        found = found.date()
    if not isinstance(found, datetime.date) or found < FIRST_DAY:
        raise WrongCellError(rule)
    if found > desk.today:
        raise WrongCellError(f"mag niet in de toekomst liggen (vandaag is {desk.today:%d/%m/%Y})")
    return found


def _written_day(text: str) -> datetime.date:
    """Day of a text, day first as in Flanders or year first."""
    by_day, by_year = _BY_DAY.fullmatch(text), _BY_YEAR.fullmatch(text)
    if by_day:
        day, month, year = map(int, by_day.groups())
    elif by_year:
        year, month, day = map(int, by_year.groups())
    else:
        raise ValueError(text)
    return datetime.date(year, month, day)


def _word(text: str, field: Field, desk: Desk) -> str | int:
    """Text, number of the register, or a word of a closed list."""
    if len(text) > LONGEST:
        raise WrongCellError(f"is te lang: hoogstens {LONGEST} tekens")
    if field.kind in ("enterprise", "establishment"):
        return kbo_number(text, establishment=field.kind == "establishment")
    if field.kind == "committee":
        return _matching(text, r"\d{3}(\.\d{2})?", "moet een nummer als 327.01 of 200 zijn")
    if field.kind == "nace":
        return _matching(text.replace(".", ""), r"\d{2,5}", "moet een NACE-code van twee tot vijf cijfers zijn")
    if field.kind == "municipality":
        return _municipality(text, desk)
    return _listed(text, field, desk.words)


def _listed(text: str, field: Field, words: Vocabulary) -> str | int:
    """Word of a list as its code; a name or a new activity as it is."""
    if field.kind in ("text", "activity"):
        return _same(text, words.activities if field.kind == "activity" else ()) or text
    if field.name == "work_form":
        return _work_form(text, words)
    if field.name == "status":
        return _chosen(text, {word: code for code, word in layout.STATUSES.items()})
    lists = {"form": words.forms, "nace_version": layout.NACE_VERSIONS}
    word = _chosen(text, {word: word for word in lists.get(field.name, layout.YES_NO)})
    return int(word) if field.name == "nace_version" else word


def _matching(text: str, pattern: str, rule: str) -> str:
    """Text of a given form."""
    if not re.fullmatch(pattern, text, flags=re.ASCII):
        raise WrongCellError(rule)
    return text


def _same(text: str, words: tuple[str, ...]) -> str | None:
    """Word that differs in capitals only."""
    return next((word for word in words if word.casefold() == text.casefold()), None)


def _chosen(text: str, codes: Mapping[str, str]) -> str:
    """Code of a word of a closed list."""
    word = _same(text, tuple(codes))
    if word is None:
        listed = list(codes)
        nearest = get_close_matches(text.casefold(), listed, n=1, cutoff=0.6)
        if nearest:
            raise WrongCellError(f"staat niet in de lijst; bedoelde u '{nearest[0]}'?")
        raise WrongCellError(
            f"moet een keuze uit de lijst zijn: {', '.join(listed[:8])}{' …' if len(listed) > 8 else ''}"
        )
    return codes[word]


def _work_form(text: str, words: Vocabulary) -> str:
    """Code of a work form, from its label, code or name."""
    codes: dict[str, str] = {}
    for code, form in words.work_forms.items():
        codes |= {form.label: code, code: code, form.label.partition(layout.LABEL_MARK)[2]: code}
    code = text.partition(layout.LABEL_MARK)[0]
    known = _same(text, tuple(codes)) or _same(code, tuple(words.work_forms))
    if known is None:
        raise WrongCellError(f"moet een werkvorm uit de lijst zijn: {', '.join(words.work_forms)}")
    return codes[known]


def _municipality(text: str, desk: Desk) -> int:
    """NIS code of a municipality of the region, from its name or code."""
    places = desk.words.municipalities
    if text.isascii() and text.isdigit() and int(text) in places.values():
        return int(text)
    bare = re.sub(r"\s*\(.*\)$", "", text)
    name = _same(text, tuple(places)) or _same(bare, tuple(places))
    if name is not None:
        return places[name]
    gone = _same(bare, tuple(desk.words.merged))
    if gone is not None:
        holder = desk.words.merged[gone]
        raise WrongCellError(
            f"bestaat niet meer: kies {holder}" if holder in places else f"hoort niet bij {desk.region}"
        )
    nearest = get_close_matches(bare, list(places), n=1, cutoff=0.7)
    hint = f"; bedoelde u '{nearest[0]}'?" if nearest else ""
    raise WrongCellError(f"moet een gemeente van {desk.region} zijn{hint}")
