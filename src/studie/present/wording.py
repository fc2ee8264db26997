"""Dutch sentences that hold numbers: every one computed, with its opposite, named after the result it reads."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import pandas as pd

from studie.config import LEVEL
from studie.disclosure import rules
from studie.present import cells, numbers, words
from studie.present.display import Finding, KeyNumber, Sentence, Unavailable
from studie.regions import FLANDERS, Region


def place(region: Region) -> str:
    """Name of a region inside a sentence: de provincie Antwerpen, het arrondissement Mechelen, Mechelen."""
    names = {
        "province": f"de provincie {region.name}",
        "arrondissement": f"het arrondissement {region.name}",
        "working-area": f"het werkingsgebied {region.name}",
        "grouping": f"de regio {region.name}",
    }
    return names.get(region.level, region.name)


def inventory(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How much of what the study uses was observed."""
    observed = result.share("observed")
    demonstration = sum(d.data_status == "demonstration" for d in result.datasets)
    text = f"Van de {numbers.number(result.n)} gegevensbronnen is {numbers.share(observed)} waargenomen"
    if demonstration:
        text += (
            f"; {numbers.number(demonstration)} zijn demonstratiegegevens, verzonnen om te tonen hoe de studie werkt."
        )
    else:
        text += "; geen enkele is een demonstratiebron."
    return [Sentence(text=text, certainty="zeker")]


def offer_coverage(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Of how many municipalities the offer is not known."""
    unknown = int((~result.known).sum())
    if result.n == 1:
        text = f"Het aanbod van werkplaatsen in {place(region)} kennen we" + (
            " niet; dat is niet hetzelfde als geen aanbod." if unknown else "."
        )
    elif unknown:
        verb = "kennen we het aanbod niet; dat is niet hetzelfde als geen aanbod."
        text = f"Van {numbers.number(unknown)} van de {numbers.number(result.n)} gemeenten {verb}"
    else:
        text = f"Van alle {numbers.number(result.n)} gemeenten kennen we het aanbod."
    return [Sentence(text=text, certainty="zeker")]


def waiting(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many people wait for a place, against the year before."""
    rows = result.values[result.values["region"] == region.code]
    (before, then), (period, now) = rows[["period", "value"]].iloc[-2:].itertuples(index=False)
    change = "minder" if now < then else "meer" if now > then else "evenveel"
    versus = (
        f"{numbers.number(abs(now - then))} {change} dan in {numbers.month(before)}"
        if now != then
        else "evenveel als toen"
    )
    text = (
        f"In {numbers.month(period)} wachtten in {place(region)} {numbers.number(now)} mensen op een plaats in het collectief "
        f"maatwerk, {versus}."
    )
    return [Sentence(text=text, certainty="zeker")]


def contingent(result: Any, *, granted: str, filled: str, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How much of the granted contingent is filled in Flanders."""
    period, granted_vte = result.last(granted, "region:02000")
    _, filled_vte = result.last(filled, "region:02000")
    text = (
        f"Vlaanderen kende in het {numbers.month(period)} {numbers.number(granted_vte, decimals=1)} voltijdse plaatsen "
        f"(VTE) collectief maatwerk toe; daarvan waren er {numbers.number(filled_vte, decimals=1)} ingevuld, "
        f"{numbers.share(filled_vte / granted_vte)}. Dat is een Vlaams cijfer; het deel van de provincie is onbekend."
    )
    return [Sentence(text=text, certainty="zeker")]


def transition_matrix(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """What moves most and what stays, per month."""
    shown = cells.printable(result, frame)
    table = shown.assign(from_step=shown["from_step"].astype(str), to_step=shown["to_step"].astype(str))
    cell: Any = table.set_index(["from_step", "to_step"])
    texts = []
    for origin, target in (("3", "4"), ("4", "5"), ("5", "6")):
        row = cell.loc[(origin, target)] if (origin, target) in cell.index else None
        if row is not None and row.cell_status == "published":
            texts.append(f"van {words.step(origin)} naar {words.step(target)} gaat {cells.share(row)}")
    if not texts:
        return [Sentence(text="Er zijn te weinig mensen gevolgd om de bewegingen per maand te tonen.")]
    return [Sentence(text=f"Per maand: {numbers.listing(texts)}. Dat is een bruto beweging, geen effect van beleid.")]


def regional_matrix(result: Any, *, parent: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How far the region's figures lean on the region above."""
    text = f"Deze schatting leunt voor {numbers.share(result.shrinkage)} op {place(parent)}"
    ending = (
        ": in de regio zelf is niemand gevolgd."
        if result.n == 0
        else "; de rest komt van de mensen in de regio zelf. Hoe minder mensen er zijn, hoe meer de schatting leunt."
    )
    return [Sentence(text=text + ending), *transition_matrix(result, frame=frame)]


def markov_test(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether the time already spent on a step matters, and what that means for the figures."""
    memory = result.p_value < 0.05
    leaving = result.slopes["estimate"].to_numpy(float)
    weight = result.slopes["events"].to_numpy(float)
    slower = float((leaving * weight).sum() / weight.sum()) < 0
    if not memory:
        text = (
            "Controle: we zien niet dat de tijd die iemand al op een trede staat, de volgende stap verandert. Een rekenwijze die "
            "alleen naar de huidige trede kijkt, volstaat hier."
        )
        return [Sentence(text=text, certainty="onzeker")]
    text = (
        "Controle: hoe langer iemand op een trede staat, hoe "
        f"{'kleiner' if slower else 'groter'} de kans op een volgende stap. Een rekenwijze die alleen naar de huidige trede kijkt, "
        f"{'overschat' if slower else 'onderschat'} daarom de beweging op langere termijn; terugval en duurzame doorstroom "
        "worden dus gemeten vanaf de stap zelf."
    )
    return [Sentence(text=text, certainty=numbers.certainty(1 - float(result.p_value)))]


def relapse(
    result: Any, *, months: float = 12, level: float = LEVEL, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """How many fall back within a year of a move up."""
    row = _at(cells.printable(result, frame), "relapse", months)
    if row is None or row.cell_status != "published":
        return [Sentence(text="Te weinig mensen zetten een stap omhoog om over terugval iets te zeggen.")]
    text = (
        f"Van wie een stap omhoog zette, viel {numbers.share(row.estimate)} "
        f"({_level(level)}{numbers.share_interval(row.lower, row.upper)}) binnen {_within(months)} terug."
    )
    return [Sentence(text=text)]


def relapse_by_support(
    result: Any, *, months: float = 12, level: float = LEVEL, frame: pd.DataFrame | None = None
) -> list[Sentence]:
    """Whether those with support fell back less: an association, not an effect."""
    shown = cells.printable(result, frame)
    rows = [_at(shown[shown["support"] == value], "relapse", months) for value in ("ja", "nee") if "support" in shown]
    if not rows or any(row is None or row.cell_status != "published" for row in rows):
        return [Sentence(text="Over het verband tussen ondersteuning en terugval is hier te weinig bekend.")]
    supported, alone = rows
    less = probability_below(supported, alone, level=level)
    claim = "minder" if less >= 0.5 else "vaker"
    text = (
        f"Met ondersteuning viel {cells.share(supported)} binnen {_within(months)} terug, zonder {cells.share(alone)}: "
        f"wie ondersteuning kreeg, viel {'minder vaak' if claim == 'minder' else 'vaker'} terug. "
        "Dit is een verband, geen effect: wie steun krijgt, verschilt ook op andere punten."
    )
    return [Sentence(text=text, certainty=numbers.certainty(max(less, 1 - less)))]


def probability_below(one: Any, other: Any, *, level: float) -> float:
    """Probability that one share lies below another, from their intervals as if normal and independent."""
    widths = math.hypot(float(one.upper) - float(one.lower), float(other.upper) - float(other.lower))
    spread = widths / (2 * NormalDist().inv_cdf((1 + level) / 2))
    gap = float(other.estimate) - float(one.estimate)
    return 0.5 * (1 + math.erf(gap / (spread * math.sqrt(2)))) if spread else float(gap > 0)


def lasting_move(result: Any, *, months: float = 12, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many never fell below the reached step."""
    row = _at(cells.printable(result, frame), "lasting", months)
    if row is None or row.cell_status != "published":
        return [Sentence(text="Hoeveel stappen omhoog duurzaam zijn, is hier onbekend: te weinig mensen.")]
    return [
        Sentence(text=f"Na {numbers.number(months)} maanden was {cells.share(row)} van de stappen omhoog duurzaam.")
    ]


def stock(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many people stand on the steps that policy looks at."""
    cell: Any = cells.printable(result, frame).set_index("step")
    known = [code for code in ("3", "4", "5", "6") if code in cell.index and cell.loc[code].cell_status == "published"]
    if not known:
        return unavailable()
    parts = [f"{cells.amount_known(cell.loc[code])} mensen op {words.step(code)}" for code in known]
    return [Sentence(text=f"In {place(region)} staan {numbers.listing(parts)}.")]


def unavailable() -> list[Sentence]:
    """There is too little to estimate this."""
    return [Sentence(text="Dit is hier onbekend: er zijn te weinig waarnemingen om het te schatten.")]


def ladder_headline(relapse_frame: pd.DataFrame, support_frame: pd.DataFrame, *, level: float = LEVEL) -> list[Finding]:
    """Finding of the chapter on the ladder: how many fall back, and whether support goes with less of it."""
    contrast = relapse_by_support(None, frame=support_frame, level=level)[0]
    return [
        Finding(
            finding=relapse(None, frame=relapse_frame, level=level)[0].text,
            meaning=contrast.text,
            certainty=contrast.certainty or "onzeker",
        )
    ]


def ladder_numbers(
    stock_frame: pd.DataFrame, relapse_frame: pd.DataFrame, lasting_frame: pd.DataFrame
) -> list[KeyNumber]:
    """Small numbers of the chapter: people on steps 3 and 5, lasting moves and relapse after twelve months."""
    found = []
    for code in ("3", "5"):
        rows = stock_frame[stock_frame["step"] == code] if "step" in stock_frame else stock_frame
        value = cells.amount_known(rows.iloc[0]) if len(rows) else numbers.UNKNOWN
        found.append(KeyNumber(label=f"mensen op {words.step(code)}", value=value))
    for frame, quantity, label in (
        (lasting_frame, "lasting", "duurzame doorstroom na 12 maanden"),
        (relapse_frame, "relapse", "terugval na 12 maanden"),
    ):
        row = _at(frame, quantity, 12)
        value = numbers.UNKNOWN if row is None or row.cell_status != "published" else numbers.share(row.estimate)
        found.append(KeyNumber(label=label, value=value))
    return found


def _at(frame: pd.DataFrame, quantity: str, months: float) -> Any:
    """Row of one quantity at one moment; none when it was not estimated."""
    if "time" not in frame:
        return None
    rows = frame[(frame["quantity"] == quantity) & ((frame["time"] - months).abs() < 1e-6)]
    return rows.iloc[0] if len(rows) else None


def _within(months: float) -> str:
    return "het jaar" if months == 12 else f"{numbers.number(months)} maanden"


PROVINCES = {
    "province:10000": "Antwerpen",
    "province:40000": "Oost-Vlaanderen",
    "province:30000": "West-Vlaanderen",
    "province:70000": "Limburg",
    "province:20001": "Vlaams-Brabant",
}


def provinces_add_up(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether the published parts add up to the published total in every year."""
    totals: Any = result.values[result.values["region"] == FLANDERS].set_index("period")["value"]
    parts = result.values[result.values["region"] != FLANDERS].groupby("period")["value"].sum()
    wrong = [period for period in totals.index if abs(totals[period] - parts[period]) > 0.5]
    text = (
        "Controle: de provincies tellen elk jaar op tot het gepubliceerde totaal."
        if not wrong
        else f"Controle: in {numbers.listing(wrong)} tellen de provincies niet op tot het gepubliceerde totaal."
    )
    return [Sentence(text=text)]


def waiting_headline(waiting_: Any, contingent_: Any, *, region: Region) -> list[Finding]:
    """Finding of the chapter on waiting."""
    return [
        Finding(
            finding=waiting(waiting_, region=region)[0].text,
            meaning=contingent(contingent_, granted="cmw_granted_vte", filled="cmw_filled_vte")[0].text,
            certainty="zeker",
        )
    ]


def waiting_numbers(waiting_: Any, *, region: Region) -> list[KeyNumber]:
    """Small number of the chapter on waiting."""
    period, value = waiting_.last("cmw_waiting", region.code)
    return [KeyNumber(label=f"wachtenden op een plaats ({numbers.month(period)})", value=numbers.number(value))]


def rows_sum_to_one(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether the probabilities from each step add up to one."""
    sums = result.estimate.sum(axis=1, min_count=1).dropna()
    right = bool(((sums - 1).abs() < 1e-9).all())
    return [
        Sentence(
            text=f"Controle: de kansen van elke trede tellen op tot 100 %: {'in orde' if right else 'niet in orde'}."
        )
    ]


def followed(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many steps up the chapter rests on, and what was not seen."""
    text = (
        f"Gevolgd zijn {numbers.plural(result.n, 'stap', 'stappen')} omhoog van "
        f"{numbers.plural(result.persons, 'persoon', 'mensen')}; "
        f"bij {numbers.number(result.undecided)} is een waarneming niet zeker boven of onder de bereikte trede."
    )
    if 0 < result.n < rules.THRESHOLD or 0 < result.undecided < rules.THRESHOLD or 0 < result.persons < rules.THRESHOLD:
        text = "Het aantal gevolgde stappen omhoog is te klein om te tonen, of een deel ervan."
    return [Sentence(text=f"Controle: {text[0].lower()}{text[1:]}")]


def offer_adds_up(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether known and unknown municipalities together are all of them."""
    known = int(result.known.sum())
    text = (
        f"Controle: {numbers.plural(known, 'gemeente', 'gemeenten')} met en {numbers.number(result.n - known)} zonder "
        f"geregistreerd aanbod, samen {numbers.number(result.n)}."
    )
    return [Sentence(text=text)]


def data_headline(known: Any, offer: Any, *, region: Region) -> list[Finding]:
    """Finding of the chapter on data."""
    return [
        Finding(
            finding=inventory(known)[0].text, meaning=offer_coverage(offer, region=region)[0].text, certainty="zeker"
        )
    ]


def data_numbers(known: Any) -> list[KeyNumber]:
    """Small number of the chapter on data."""
    return [KeyNumber(label="aandeel gegevens waargenomen", value=numbers.share(known.share("observed")))]


def data_unknown(offer: Any, *, region: Region) -> list[str]:
    """What the chapter on data cannot say."""
    unknown = int((~offer.known).sum())
    if not unknown:
        return []
    if offer.n == 1:
        return [f"Hoe groot het aanbod van werkplaatsen is in {place(region)}."]
    return [f"Hoe groot het aanbod van werkplaatsen is in {numbers.plural(unknown, 'gemeente', 'gemeenten')}."]


def last_open(history: pd.DataFrame, *, name: str, area: str) -> Sentence:
    """How many vacancies were open at the end of the last month of an observed series."""
    last = history.iloc[-1]
    text = f"Eind {numbers.month(str(last['period']))} stonden er in {area} {numbers.number(last['value'])} vacatures open in de {name}."
    return Sentence(text=text, certainty="zeker")


def backtest(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Up to how many months ahead the forecast was shown to beat last year's figures."""
    horizon = result.skill_horizon(against="seasonal naive")
    rows = result.skill
    rows = rows[(rows["against"] == "seasonal naive") & (rows["quantity"] == "skill") & (rows["series"] == "all")]
    if horizon:
        within = rows[rows["last_step"] <= horizon]
        skill = float((within["estimate"] * within["n"]).sum() / within["n"].sum())
        text = (
            f"Tot {numbers.plural(horizon, 'maand', 'maanden')} vooruit doet de prognose het {numbers.share(skill)} beter dan "
            "'zoals vorig jaar'; daarna niet aantoonbaar."
        )
        return [Sentence(text=text, certainty="zeker")]
    text = "De prognose doet het op geen enkele termijn aantoonbaar beter dan 'zoals vorig jaar': lees ze als een bandbreedte."
    return [Sentence(text=text, certainty="onzeker")]


def regional_demand(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Which sectors can expect more vacancies than in the last months, and how sure that is."""
    found = []
    for row in result.totals.itertuples():
        probability = max(row.more, 1 - row.more)
        text = (
            f"In de {words.sector(row.sector)} verwachten we in {place(region)} over de volgende {result.span} maanden "
            f"{numbers.number(row.estimate)} vacatures ({_level(result.level)}{numbers.interval(row.lower, row.upper)}), {_versus(row.estimate, row.before, result.span)}."
        )
        found.append(Sentence(text=text, certainty=numbers.certainty(probability)))
    return found


def demand_headline(result: Any, tested: Any, *, region: Region) -> list[Finding]:
    """Finding of the chapter on the sectors: all sectors together, and what the observed backtest says of skill."""
    if isinstance(result, Unavailable):
        text = f"Hoeveel vacatures de knelpuntsectoren in {place(region)} zullen krijgen, is onbekend: er zijn geen reeksen per gemeente."
        return [Finding(finding=text, meaning=backtest(tested)[0].text, certainty="onzeker")]
    total, before = result.totals["estimate"].sum(), result.totals["before"].sum()
    text = (
        f"De vier knelpuntsectoren krijgen in {place(region)} over de volgende {result.span} maanden naar verwachting "
        f"{numbers.number(total)} vacatures ({_level(result.level)}{numbers.interval(*_total_bounds(result))}), {_versus(total, before, result.span)}."
    )
    return [
        Finding(
            finding=text,
            meaning=backtest(tested)[0].text,
            certainty=numbers.certainty(_joint_more(result, total > before)),
        )
    ]


def _versus(expected: float, before: float, span: int) -> str:
    """Expected against past, as the reader sees both after rounding."""
    if numbers.number(expected) == numbers.number(before):
        return f"evenveel als in de voorbije {span}"
    return f"{'meer' if expected > before else 'minder'} dan de {numbers.number(before)} van de voorbije {span}"


def _total_bounds(result: Any) -> tuple[float, float]:
    """Interval of all sectors together, from the joint futures; it holds the sum of the points."""
    tails = [(1 - result.level) / 2, (1 + result.level) / 2]
    lower, upper = result.draws.sum(axis=1).quantile(tails)
    total = result.totals["estimate"].sum()
    return min(float(lower), total), max(float(upper), total)


def _level(level: float) -> str:
    """Coverage of an interval where it is not the report's own 95 %."""
    return "" if abs(level - LEVEL) < 1e-9 else f"{numbers.share(level)}-interval "


def _joint_more(result: Any, more: bool) -> float:
    """Share of the joint futures in which the total moves the stated way."""
    return result.more_in_all if more else 1 - result.more_in_all


def demand_numbers(result: Any) -> list[KeyNumber]:
    """Small number of the chapter on the sectors."""
    if isinstance(result, Unavailable):
        return [KeyNumber(label="verwachte vacatures, volgende maanden", value=numbers.UNKNOWN)]
    label = f"verwachte vacatures, volgende {result.span} maanden"
    return [KeyNumber(label=label, value=numbers.number(result.totals["estimate"].sum()))]


def adds_up(result: Any, *, hierarchy: pd.DataFrame, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Whether every joint future of the municipalities adds up to that of every larger area, per sector."""
    forecast = result.forecast
    position = {label: i for i, label in enumerate(forecast.series)}
    worst = 0.0
    for level in hierarchy.columns[:-1]:
        for total, rows in hierarchy.dropna(subset=[level]).groupby(level, sort=False):
            parts = forecast.draws[:, [position[label] for label in rows["municipality"]]].sum(axis=1)
            worst = max(worst, float(abs(parts - forecast.draws[:, position[total]]).max()))
    verdict = "in orde" if worst < 1e-6 else f"niet in orde: verschil van {numbers.number(worst, decimals=3)}"
    return [Sentence(text=f"Controle: de gemeenten tellen in elke toekomst op tot elk groter gebied: {verdict}.")]


def sector_skill(result: Any, *, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """Up to where each sector's forecast was shown to beat last year's figures."""
    shown = [
        f"de {words.sector(s)} tot {numbers.plural(until, 'maand', 'maanden')}"
        for s, until in result.until.items()
        if until
    ]
    none = [f"de {words.sector(s)}" for s, until in result.until.items() if not until]
    parts = []
    if shown:
        parts.append(
            f"De prognose doet het aantoonbaar beter dan 'zoals vorig jaar' in {numbers.listing(shown)} vooruit."
        )
    if none:
        parts.append(
            f"In {numbers.listing(none)} is geen voorsprong aangetoond: lees die prognose als een bandbreedte."
        )
    return [Sentence(text=" ".join(parts))]


def tightness_published(levels: pd.DataFrame) -> Sentence:
    """What is known of tightness: a published Flemish figure, and unknown for the region."""
    row = levels.iloc[-1]
    text = (
        "Hoe krap de arbeidsmarkt in deze regio is, is onbekend: er zijn geen werkzoekenden per beroepengroep ingeladen. Voor "
        f"Vlaanderen publiceerde VDAB {numbers.number(row['value'], decimals=2)} werkzoekenden per openstaande vacature in "
        f"{numbers.month(str(row['period']))}; hoe lager, hoe krapper."
    )
    return Sentence(text=text)


def shortage(rule: pd.DataFrame) -> Sentence:
    """Which sectors are shortage sectors by the rule."""
    named = [f"de {words.sector(s)}" for s in rule[rule["shortage_sector"] == "ja"]["sector"]]
    if (rule["shortage_sector"] == "onbekend").all():
        return Sentence(text="Welke sector hier een knelpuntsector is, is onbekend: er zijn te weinig kwartalen.")
    if not named:
        return Sentence(text="Volgens de afspraak is hier geen enkele van de vier sectoren een knelpuntsector.")
    verb = "is" if len(named) == 1 else "zijn"
    return Sentence(text=f"Volgens de afspraak {verb} {numbers.listing(named)} hier knelpuntsector.")


def carving_potential(result: Any, *, region: Region, frame: pd.DataFrame | None = None) -> list[Sentence]:
    """How many inclusive workplaces the vacancies could hold, and that a prior decided it."""
    total = result.draws.sum(axis=1)
    lower, upper = (float(v) for v in pd.Series(total).quantile([(1 - result.level) / 2, (1 + result.level) / 2]))
    text = (
        f"Uit de verwachte vacatures in {place(region)} zouden {numbers.number(float(total.mean()))} inclusieve werkplaatsen "
        f"({_level(result.level)}{numbers.interval(lower, upper)}) kunnen komen, als het aangenomen deel van de taken klopt: dat deel is niet gemeten."
    )
    return [Sentence(text=text, certainty="onzeker")]
