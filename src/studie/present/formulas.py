"""Formulas of the methods with the words in which a Dutch reader hears them."""

from __future__ import annotations

from studie.present.display import Formula

FORMULAS = {
    "transition_matrix": Formula(
        tex=r"\hat p_{ij} = \frac{n_{ij}}{\sum_k n_{ik}}",
        spoken="De kans om van trede i naar trede j te gaan is het aantal mensen dat die stap zette, "
        "gedeeld door het aantal mensen dat op trede i begon.",
    ),
    "cumulative_incidence": Formula(
        tex=r"\hat F(h) = \sum_{u \le h} \hat S(u^-)\, \frac{d_u}{Y_u}",
        spoken="De kans op terugval binnen h maanden is de som, over alle maanden u tot en met h, van de kans om tot dan "
        "niets te hebben meegemaakt, maal het deel van de mensen dat in maand u terugviel.",
    ),
    "pool": Formula(
        tex=r"\tilde p_{ij} = w_i\, p^{\text{boven}}_{ij} + (1 - w_i)\, \hat p_{ij}",
        spoken="De geschatte kans is een gewicht maal de kans in het gebied erboven, plus de rest maal de kans in de regio zelf.",
    ),
    "skill": Formula(
        tex=r"\text{voorsprong} = 1 - \frac{\text{MAE}_{\text{prognose}}}{\text{MAE}_{\text{naïef}}}",
        spoken="De voorsprong is één min de gemiddelde fout van de prognose, gedeeld door de gemiddelde fout van de "
        "naïeve prognose.",
    ),
    "reconcile": Formula(
        tex=r"\tilde y = S\,(S' W^{-1} S)^{-1} S' W^{-1}\, \hat y",
        spoken="De sluitende prognose is de gewogen projectie van de losse prognoses op alle prognoses die optellen van "
        "gemeente tot provincie.",
    ),
    "flow": Formula(
        tex=r"n_j(t+1) = \sum_i n_i(t)\, p_{ij} + u_j, \qquad n_j \le c_j",
        spoken="Het aantal mensen op trede j in de volgende maand is de som, over alle treden i, van het aantal mensen daar maal "
        "de kans dat ze naar j gaan, plus wie er nieuw bij komt. Op trede j is er plaats voor hoogstens c mensen; wie er "
        "niet bij kan, wacht.",
    ),
    "gap": Formula(
        tex=r"g_i = \frac{N_i - P_i / f}{N_i}",
        spoken="Het tekort van gemeente i is de behoefte min de plaatsen gedeeld door het aantal VTE per persoon, "
        "en dat alles gedeeld door de behoefte.",
    ),
    "interaction": Formula(
        tex=r"I = \Delta(\text{samen}) - \sum_k \Delta(k)",
        spoken="Het samenspel is het verschil van alle ingrepen samen met niets extra, min de som van de verschillen van "
        "elke ingreep apart.",
    ),
    "evppi": Formula(
        tex=r"\text{waarde}(\varphi) = \mathrm{E}_{\varphi}\Big[\max_d \mathrm{E}(\lambda L_d - c_d \mid \varphi)\Big] - \max_d \mathrm{E}(\lambda L_d - c_d)",
        spoken="De waarde van een antwoord is wat de beste keuze gemiddeld oplevert als het antwoord gekend is, min wat de beste "
        "keuze vandaag oplevert; een keuze levert de waarde van een duurzame stap maal het aantal duurzame stappen op, min de kost.",
    ),
    "lasting_places": Formula(
        tex=r"d = E \cdot \lambda \cdot p \cdot \nu",
        spoken="Het aantal netto duurzame plaatsen is het bedrag in euro, maal de plaatsen per euro, maal het deel dat er na "
        "12 maanden nog is, maal het deel dat er zonder dat geld niet gekomen was.",
    ),
}
