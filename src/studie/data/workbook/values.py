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
LONGEST_TEXT = 2_000  # of a description
MOST_EURO = 10_000_000_000
FIRST_DAY = datetime.date(1990, 1, 1)
_KBO_DIGITS = 10
_NUMBERS = ("count", "amount", "euro", "balance", "share", "year")
_PATTERNS = {
    "committee": (r"\d{3}(\.\d{2})?", "moet een nummer als 327.01 of 200 zijn"),
    "nace": (r"\d{2,5}", "moet een NACE-code van twee tot vijf cijfers zijn"),
    "code": (r"[a-z0-9]+(-[a-z0-9]+)*", "moet uit kleine letters, cijfers en streepjes bestaan"),
}
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
        if field.unknown and bare:
            return field.unknown
        if field.required:
            raise WrongCellError("moet ingevuld zijn")
        return None
    if isinstance(bare, bool):
        raise WrongCellError("mag geen WAAR of ONWAAR zijn")
    if isinstance(bare, datetime.time | datetime.timedelta):
        raise WrongCellError("mag geen uur zijn; typ de waarde opnieuw")
    if field.kind in ("day", "any_day"):
        return _day(bare, last=desk.today if field.kind == "day" else None, epoch=desk.epoch)
    if isinstance(bare, datetime.datetime | datetime.date):
        raise WrongCellError("is een datum geworden; typ de waarde opnieuw als tekst of getal")
    if field.kind in _NUMBERS:
        return _number(bare, field, desk.today)
    return _word(_text(bare), field, desk)


def _number(value: str | int | float, field: Field, today: datetime.date) -> int | float:
    """Number of its kind."""
    if field.kind == "count":
        return _count(value)
    if field.kind == "share":
        return _share(value)
    if field.kind == "year":
        return _year(value, today)
    most = layout.MOST_COUNT if field.kind == "amount" else MOST_EURO
    return _amount(value, most=most, least=-most if field.kind == "balance" else 0)


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


def _amount(value: str | int | float, *, most: float, least: float = 0) -> float:
    """Number between two bounds, rounded to hundredths."""
    sign = "0 of meer, " if least == 0 else ""
    rule = f"moet één getal zijn, {sign}met een komma voor de decimalen (weet u het niet: leeg of 'onbekend')"
    if isinstance(value, str):
        if re.fullmatch(r"-?\d{1,3}\.\d{3}", value):
            raise WrongCellError("kan twee dingen betekenen; typ het zonder punt, zoals 14293 of 14,293")
        found = decimal_number(value).value
        if found is None:
            raise WrongCellError(rule)
        value = found
    if not math.isfinite(value) or (least == 0 and value < 0):
        raise WrongCellError(rule)
    return round(float(_bounded(value, most=most, least=least)), 2)


def _bounded(value: float, *, most: float = layout.MOST_COUNT, least: float = 0) -> float:
    """The same number, if it can stand in one row."""
    if value > most:
        raise WrongCellError(f"is te groot: hoogstens {most}")
    if value < least:
        raise WrongCellError(f"is te klein: minstens {least}")
    return value


def _share(value: str | int | float) -> float:
    """Share between 0 and 1, from a percentage or a number that Excel shows as one."""
    rule = "moet een percentage tussen 0 en 100 % zijn, zoals 25 %"
    found: float | None = None
    if isinstance(value, str):
        percent = decimal_number(value.removesuffix("%").strip()).value if value.endswith("%") else None
        found = None if percent is None else percent / 100
    else:
        found = value
    if found is None or not math.isfinite(found) or not 0 <= found <= 1:
        raise WrongCellError(rule)
    return round(float(found), 4)


def _year(value: str | int | float, today: datetime.date) -> int:
    """Year that began already, nor before 1990."""
    text = _text(value)
    if not re.fullmatch(r"\d{4}", text, flags=re.ASCII) or not FIRST_DAY.year <= int(text) <= today.year:
        raise WrongCellError(f"moet een jaar zijn van {FIRST_DAY.year} tot {today.year}")
    return int(text)


def _day(
    value: str | int | float | datetime.datetime | datetime.date,
    *,
    last: datetime.date | None,
    epoch: datetime.datetime,
) -> datetime.date:
    """Day that is not after the last one that can be, nor before 1990."""
    rule = "moet een datum zijn, zoals 31/12/2026"
    found: object
    try:
        if isinstance(value, str):
            found = _written_day(value)
        elif isinstance(value, int | float):
            found = from_excel(value, epoch) if math.isfinite(value) else None
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
    if last is not None and found > last:
        raise WrongCellError(f"mag niet in de toekomst liggen (vandaag is {last:%d/%m/%Y})")
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
    longest = LONGEST_TEXT if field.kind == "long_text" else LONGEST
    if len(text) > longest:
        raise WrongCellError(f"is te lang: hoogstens {longest} tekens")
    if field.kind in ("enterprise", "establishment"):
        return kbo_number(text, establishment=field.kind == "establishment")
    if field.kind in _PATTERNS:
        plain = text.replace(".", "") if field.kind == "nace" else text
        code = plain.partition(layout.LABEL_MARK)[0].casefold() if field.kind == "code" else plain
        return _matching(code, *_PATTERNS[field.kind])
    if field.kind in ("municipality", "region"):
        return _municipality(text, desk) if field.kind == "municipality" else _region(text, desk.words)
    return _listed(text, field, desk.words)


def _listed(text: str, field: Field, words: Vocabulary) -> str | int:
    """Word of a list as its code; a name or a new activity as it is."""
    if field.options:
        return _chosen(text, {word: word for word in field.options})
    if field.kind in ("text", "long_text", "activity"):
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


def _region(text: str, words: Vocabulary) -> str:
    """Code of an area, from its name or code."""
    if text in words.regions.values():
        return text
    name = _same(text, tuple(words.regions))
    if name is None:
        nearest = get_close_matches(text.casefold(), list(words.regions), n=1, cutoff=0.6)
        hint = f"; bedoelde u '{nearest[0]}'?" if nearest else ""
        raise WrongCellError(f"moet een gebied uit de lijst zijn, zoals 'gemeente Mechelen'{hint}")
    return words.regions[name]


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
