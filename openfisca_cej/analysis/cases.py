"""Typical cases: named situations, their allowance and their marginal rates, before and after."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openfisca_core.periods import period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import names
from openfisca_cej.analysis.comparison import CaseCurve, TypicalCase
from openfisca_cej.analysis.situations import born
from openfisca_cej.explain import frozen
from openfisca_cej.explain.curve import Curve, NoCurve, curve
from openfisca_cej.explain.frozen import Found
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.tree import TracedRun
from openfisca_cej.names import TIER, WAGE
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.schema import RESULT

PERSON, PARENT = "jeune", "parent"

#: Cases of which the curve is drawn.
DRAWN = ("plein", "premiere_tranche", "au_dela", "mineur", "mayotte")

#: First month of the scale of sanctions of 2025.
NEW_SANCTIONS = month_number("2025-06")

#: Months between the signature and the month looked at.
SIGNED_BEFORE = 2

#: Months back in which a steady resource is paid: as many as any reform may average.
ALWAYS = tuple(range(13))

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Paid:
    """A resource: its variable, its amount (€/month), the months in which it is paid.

    ``back`` counts them from the month looked at: 1 is the month before.
    """

    name: str
    amount: float
    back: tuple[int, ...] = ALWAYS


@dataclass(frozen=True)
class Model:
    """A typical case: its words, its age on the first of the month, and its other inputs.

    ``rsa`` is that of the family (€ in the month), of which the person is a child if ``child``.
    """

    key: str
    label: str
    age: int = 20
    tier: str = "non_imposable"
    resource: Paid | None = None
    mayotte: bool = False
    rqth: bool = False
    sanction: bool = False
    rsa: float = 0
    child: bool = False

    @property
    def wage(self) -> float:
        """Net wage (€) of the months where one is paid, where the marginal rate is taken."""
        return self.resource.amount if self.resource and self.resource.name == WAGE else 0

    @property
    def irregular(self) -> tuple[int, ...] | None:
        """The only months (back) in which a wage is paid; None: steady, or none."""
        paid = self.resource
        return paid.back if paid and paid.name == WAGE and paid.back != ALWAYS else None


MODELS = (
    Model("plein", "20 ans, foyer non imposable, sans ressources"),
    Model("premiere_tranche", "20 ans, foyer dans la première tranche", tier="premiere_tranche"),
    Model("au_dela", "20 ans, foyer au-delà de la première tranche", tier="au_dela"),
    Model("mineur", "17 ans, foyer non imposable", age=17),
    Model("mayotte", "20 ans, à Mayotte", mayotte=True),
    Model("salaire_600", "20 ans, salaire net de 600 € chaque mois", resource=Paid(WAGE, 600)),
    Model("salaire_1200", "20 ans, salaire net de 1 200 € chaque mois", resource=Paid(WAGE, 1200)),
    Model(
        "salaire_du_mois_d_avant",
        "20 ans, salaire net de 1 200 € le mois d'avant seulement",
        resource=Paid(WAGE, 1200, (1,)),
    ),
    Model(
        "salaire_plus_ancien",
        "20 ans, salaire net de 1 200 € trois mois plus tôt seulement",
        resource=Paid(WAGE, 1200, (3,)),
    ),
    Model(
        "premiere_tranche_salaire_600",
        "20 ans, foyer dans la première tranche, salaire net de 600 € chaque mois",
        tier="premiere_tranche",
        resource=Paid(WAGE, 600),
    ),
    Model(
        "formation",
        "20 ans, stage de formation rémunéré 400 € chaque mois",
        resource=Paid(names.TRAINING, 400),
    ),
    Model(
        "chomage",
        "22 ans, allocation de chômage de 300 € chaque mois",
        22,
        resource=Paid(names.UNEMPLOYMENT, 300),
    ),
    Model("sanction", "20 ans, premier manquement sanctionné", sanction=True),
    Model("rqth_27", "27 ans, travailleur handicapé", age=27, rqth=True),
    Model("age_27", "27 ans, sans reconnaissance de handicap", age=27),
    Model(names.FAMILY_INCOME, "22 ans, lui-même ou son conjoint au RSA", age=22, rsa=500),
    Model("rsa_des_parents", "20 ans, à charge de parents au RSA", rsa=500, child=True),
)


def document(model: Model, month: int) -> dict[str, Any]:
    """The situation of a case in a month, as the web API reads it."""
    now = month_text(month)
    signature = month - SIGNED_BEFORE
    contract = [month_text(moment) for moment in range(signature, month + 1)]
    person: Inputs = {
        names.BIRTH: {"ETERNITY": str(born(month, model.age))},
        TIER: dict.fromkeys(contract, model.tier),
        RESULT: {now: None},
    }
    if model.key != "age_27":
        # Whose age forbids the contract has none: the question is « what if I signed? ».
        person[names.SIGNATURE] = {"ETERNITY": f"{month_text(signature)}-01"}
    if model.rqth:
        person[names.DISABLED] = dict.fromkeys(contract, True)
    if model.resource:
        paid = model.resource
        person[paid.name] = {month_text(month - back): paid.amount for back in paid.back}
    if model.sanction:
        # Each scale reads its own input: a reform may keep one beyond its last month.
        person[names.FAILING] = {month_text(month - 1): 1}
        if month >= NEW_SANCTIONS:
            person[names.DECISION] = {now: "manquement"}
    home: Inputs = {"personne_de_reference": [PERSON]}
    if model.mayotte:
        home[names.MAYOTTE] = dict.fromkeys(contract, True)
    persons = {PERSON: person}
    family: Inputs = {"parents": [PERSON]}
    if model.child:
        persons[PARENT] = {}
        family = {"parents": [PARENT], "enfants": [PERSON]}
        home = {"personne_de_reference": [PARENT], "enfants": [PERSON]}
    if model.rsa:
        family[names.FAMILY_INCOME] = {now: model.rsa}
    return {
        "individus": persons,
        "familles": {"famille": family},
        "foyers_fiscaux": {"foyer": {"declarants": [PERSON]}},
        "menages": {"logement": home},
    }


def typical_cases(
    law: TaxBenefitSystem,
    reformed: TaxBenefitSystem,
    month: int,
    advance: Callable[[], None] = lambda: None,
) -> tuple[tuple[TypicalCase, ...], tuple[CaseCurve, ...]]:
    """The cases in a month, and the curves of some of them."""
    cases, curves = [], []
    text = month_text(month)
    for model in MODELS:
        told = document(model, month)
        amounts: list[float] = []
        drawn: list[Curve | None] = []
        notes: list[str] = []
        late: list[Found] = []
        for system in (law, reformed):
            situation = read(told, system)
            run = TracedRun(situation, PERSON, period(text))
            amount = run.simulation.calculate(RESULT, text)
            amounts.append(round(float(amount[0]), 2))
            late.append(run.behind)
            try:
                drawn.append(curve(situation, text, PERSON, WAGE, back=model.irregular, run=run))
            except NoCurve as error:
                drawn.append(None)
                notes.append(f"{error.fr[0].upper()}{error.fr[1:]}.")
        before, after = amounts
        rates = (rate(drawn[0], model.wage), rate(drawn[1], model.wage))
        change = round(after - before, 2)
        moved = tuple(one.sentence for one in frozen.of_both(*late))
        figures = (before, after, change, *rates)
        cases.append(TypicalCase(model.key, model.label, text, told, *figures, moved))
        if model.key in DRAWN:
            note = " ".join(dict.fromkeys(notes))
            curves.append(CaseCurve(model.key, WAGE, drawn[0], drawn[1], note))
        advance()
    return tuple(cases), tuple(curves)


def rate(drawn: Curve | None, amount: float) -> float | None:
    """The marginal rate at a wage; None without a curve."""
    if drawn is None:
        return None
    return drawn.rate(min(round(100 * amount), round(100 * drawn.maximum)))
