"""The table of cases: what is said, and what must come out whatever the door.

Amounts are worked out by hand from the decree: in 2025 (from April) the lump sums are 561,68 €,
337,00 € (first bracket) and 224,68 € (minors); the taper of 561,68 € is 561,68 ÷ 1 141,44 per euro
beyond 300 €, where 1 141,44 = 0,8 × 1 801,80 − 300. In 2026 (from April): 566,17, 339,70, 226,48.
"""

from typing import Any

from doors.ways import Case

A, B = "a", "b"
BORN, OLDER = "2003-05-05", "2002-05-05"

#: 561,68 − 561,68 ÷ 1 141,44 × (wage − 300), to the centime.
AT_450_35, AT_600 = 487.70, 414.06
FULL, FIRST_BRACKET, NOTHING = 561.68, 337.00, 0.0


def one(born: str | None = BORN, **values: Any) -> dict[str, Any]:
    """What a person says; ``name={period: value}``."""
    birth = {} if born is None else {"date_naissance": {"ETERNITY": born}}
    return {**birth, **values}


def persons(foyers: dict[str, Any] | None = None, **people: dict[str, Any]) -> dict[str, Any]:
    """A document of persons, with their foyers fiscaux where there are."""
    return {"individus": people, **({"foyers_fiscaux": foyers} if foyers else {})}


def foyer(*declarants: str, **values: Any) -> dict[str, Any]:
    """A foyer fiscal."""
    return {"declarants": list(declarants), **values}


def beside(name: str, given: Any, month: str = "2025-06") -> Case:
    """A gives a variable that the model computes; B, whose income is high, does not."""
    return Case(
        f"{name} of another person",
        "company",
        persons(
            {"fa": foyer(A), "fb": foyer(B, rni={"2023": 60000}, nbptr={"2023": 1})},
            a=one(**{name: {month: given}}),
            b=one(),
        ),
        {B: {month: NOTHING}},
    )


COMPANY = [
    beside("cej_situation_fiscale", "premiere_tranche"),
    beside("cej_eligibilite", True),
    beside("cej_en_cours", True),
    beside("cej_mineur", False),
    beside("cej_montant_forfaitaire", 561.68),
    Case(
        "a computed tier of one, an income of the other",
        "company",
        persons(
            {"fa": foyer(A), "fb": foyer(B, rni={"2023": 60000}, nbptr={"2023": 1})},
            a=one(cej_situation_fiscale={"2025-06": "premiere_tranche"}),
            b=one(),
        ),
        {A: {"2025-06": FIRST_BRACKET}, B: {"2025-06": NOTHING}},
    ),
    Case(
        "eligibility of one, a student beside",
        "company",
        persons(a=one(cej_eligibilite={"2025-06": True}), b=one(activite={"2025-06": "etudiant"})),
        {A: {"2025-06": FULL}, B: {"2025-06": NOTHING}},
    ),
    Case(
        "majority of one, a minor beside",
        "company",
        persons(a=one(cej_mineur={"2025-06": False}), b=one("2008-01-15")),
        {A: {"2025-06": FULL}, B: {"2025-06": 224.68}},
    ),
    Case(
        "counted resources of one, wages of the other",
        "company",
        persons(
            a=one(cej_ressources_partiellement_deductibles={"2025-06": 0}),
            b=one(salaire_net={"2025-05": 600}),
        ),
        {A: {"2025-06": FULL}, B: {"2025-06": AT_600}},
    ),
    Case(
        "deducted resources of one, unemployment benefit of the other",
        "company",
        persons(
            a=one(cej_ressources_deductibles={"2025-06": 0}),
            b=one(chomage_net={"2025-05": 161.68}),
        ),
        {A: {"2025-06": FULL}, B: {"2025-06": 400.0}},
    ),
    Case(
        "a taper of one, wages of both",
        "company",
        persons(
            # 561,68 − 0,2 × 300 for the one who says the coefficient.
            a=one(cej_coefficient_degressivite={"2025-06": 0.2}, salaire_net={"2025-05": 600}),
            b=one(salaire_net={"2025-05": 600}),
        ),
        {A: {"2025-06": 501.68}, B: {"2025-06": AT_600}},
    ),
    Case(
        "the tax left of one foyer, the income of the other",
        "company",
        persons(
            {
                "fa": foyer(A, cej_impot_restant_a_payer={"2023": 0}),
                "fb": foyer(B, rni={"2023": 60000}, nbptr={"2023": 1}),
            },
            a=one(),
            b=one(),
        ),
        {A: {"2025-06": FULL}, B: {"2025-06": NOTHING}},
    ),
    Case(
        "the tier by the notice of one, the income of the other",
        "company",
        persons(
            {"fa": foyer(A), "fb": foyer(B, rni={"2023": 60000}, nbptr={"2023": 1})},
            a=one(cej_situation_fiscale_rattachement={"2025-06": "premiere_tranche"}),
            b=one(),
        ),
        {A: {"2025-06": FIRST_BRACKET}, B: {"2025-06": NOTHING}},
    ),
    Case(
        "an age beside a birth date",
        "company",
        persons(a=one(None, age={"2025-06": 17}), b=one()),
        {A: {"2025-06": 224.68}, B: {"2025-06": FULL}},
    ),
    Case(
        "the RSA of another family",
        "company",
        {
            **persons(a=one(), b=one()),
            "familles": {
                "x": {"parents": [A], "rsa": {"2025-06": 500}},
                "y": {"parents": [B]},
            },
        },
        {A: {"2025-06": NOTHING}, B: {"2025-06": FULL}},
    ),
]

SPANS = [
    Case(
        "wages by month beside wages by year",
        "spans",
        persons(a=one(salaire_net={"2025-05": 450.35}), b=one(OLDER, salaire_net={"2025": 7200})),
        {
            A: {"2025-06": AT_450_35, "2025-08": FULL},
            B: {"2025-06": AT_600, "2025-08": AT_600},
        },
    ),
    Case(
        "twelve months beside the year",
        "spans",
        persons(
            a=one(salaire_net={f"2025-{month:02d}": 600 for month in range(1, 13)}),
            b=one(salaire_net={"2025": 7200}),
        ),
        {A: {"2025-06": AT_600}, B: {"2025-06": AT_600}},
    ),
    Case(
        "an activity by month beside another by year",
        "spans",
        persons(a=one(activite={"2025-06": "chomeur"}), b=one(activite={"2025": "etudiant"})),
        {A: {"2025-06": FULL}, B: {"2025-06": NOTHING}},
    ),
    Case(
        "a tier by month beside another by year",
        "spans",
        persons(
            a=one(cej_situation_fiscale={"2025-06": "premiere_tranche"}),
            b=one(cej_situation_fiscale={"2025": "au_dela"}),
        ),
        {A: {"2025-06": FIRST_BRACKET}, B: {"2025-06": NOTHING}},
    ),
    Case(
        "the RSA by month beside the RSA by year",
        "spans",
        {
            **persons(a=one(), b=one()),
            "familles": {
                "x": {"parents": [A], "rsa": {"2025-05": 0, "2025-06": 0}},
                "y": {"parents": [B], "rsa": {"2025": 6000}},
            },
        },
        {A: {"2025-06": FULL}, B: {"2025-06": NOTHING}},
    ),
    Case(
        "a quarter within a year",
        "spans",
        # 7 200 − 900 in nine months: 700 € each, 300 € in each month of the quarter.
        persons(a=one(salaire_net={"2025": 7200, "month:2025-04:3": 900})),
        {A: {"2025-06": FULL, "2025-09": 364.85}},
    ),
    Case(
        "months of a year that make its total",
        "spans",
        persons(
            a=one(salaire_net={"2025": 1201.2, **{f"2025-{m:02d}": 100.1 for m in range(1, 13)}})
        ),
        {A: {"2025-06": FULL}},
    ),
]

TWICE = [
    Case(
        "one month written in two ways",
        "contradiction",
        persons(a=one(salaire_net={"2026-10": 0, "month:2026-10": 1200})),
        refused=("/individus/a/salaire_net", "2026-10", "month:2026-10"),
        months=("2026-11",),
    ),
    Case(
        "one month written in two ways, the other order",
        "contradiction",
        persons(a=one(salaire_net={"month:2026-10": 1200, "2026-10": 0})),
        refused=("/individus/a/salaire_net", "2026-10", "month:2026-10"),
        months=("2026-11",),
    ),
    Case(
        "one month written in two ways that agree",
        "contradiction",
        persons(a=one(salaire_net={"2025-05": 600, "month:2025-05": 600})),
        {A: {"2025-06": AT_600}},
    ),
    Case(
        "a month above the total of its year",
        "contradiction",
        persons(a=one(salaire_net={"2025": 1000, "2025-05": 1200})),
        refused=("/individus/a/salaire_net", "2025-05", "/2025"),
    ),
    Case(
        "twelve months that do not make the year",
        "contradiction",
        persons(a=one(salaire_net={"2025": 1300, **{f"2025-{m:02d}": 100 for m in range(1, 13)}})),
        refused=("/individus/a/salaire_net", "/2025"),
    ),
    Case(
        "two spans that share months",
        "contradiction",
        persons(a=one(salaire_net={"month:2025-03:3": 900, "month:2025-05:3": 1800})),
        refused=("/individus/a/salaire_net", "month:2025-03:3", "month:2025-05:3"),
    ),
    Case(
        "two spans of an activity that differ",
        "contradiction",
        persons(a=one(activite={"month:2025-03:4": "etudiant", "month:2025-05:4": "chomeur"})),
        refused=("/individus/a/activite", "month:2025-03:4", "month:2025-05:4"),
    ),
    Case(
        "a month of an activity and its year that differ",
        "contradiction",
        persons(a=one(activite={"2025": "etudiant", "2025-06": "chomeur"})),
        refused=("/individus/a/activite", "2025-06", "/2025"),
    ),
    Case(
        "two birth dates",
        "contradiction",
        persons(a=one(None, date_naissance={"2025-05": "2003-05-05", "2025-06": "2010-05-05"})),
        refused=("/individus/a/date_naissance", "2025-05", "2025-06"),
    ),
    Case(
        "one birth date said for several months",
        "contradiction",
        persons(a=one(None, date_naissance={"2025-05": BORN, "2025-06": BORN})),
        {A: {"2025-06": FULL}},
    ),
    Case(
        "two signatures",
        "contradiction",
        persons(a=one(cej_date_signature={"2025-05": "2025-01-10", "ETERNITY": "2025-04-10"})),
        refused=("/individus/a/cej_date_signature", "2025-05", "ETERNITY"),
    ),
    Case(
        "a year of incomes written in two ways",
        "contradiction",
        persons({"f": foyer(A, rni={"2023": 0, "year:2023": 60000})}, a=one()),
        refused=("/foyers_fiscaux/f/rni", "2023", "year:2023"),
    ),
]

AGES = [
    *(
        Case(
            f"two ages that cannot be of one person, {first} then {second}",
            "contradiction",
            persons(a=one(None, age={"2025-05": first, "2025-06": second})),
            refused=("/individus/a/age", "2025-05", "2025-06"),
        )
        for first, second in ((20, 25), (20, 19), (17, 20))
    ),
    Case(
        "the age of the day for all the months of a year",
        "contradiction",
        persons(a=one(None, age={"2024-05": 22, "2025-06": 22})),
        {A: {"2025-06": FULL}},
    ),
    Case(
        "a birthday between two ages",
        "contradiction",
        persons(a=one(None, age={"2025-05": 17, "2025-06": 18})),
        {A: {"2025-06": FULL}},
    ),
    Case(
        "an age far from the birth date, the month in another spelling",
        "contradiction",
        persons(a=one(age={"month:2025-06": 30})),
        refused=("/individus/a/age", "month:2025-06", BORN),
    ),
    Case(
        "an age of before, far from the birth date",
        "contradiction",
        persons(a=one(age={"2025-01": 30})),
        refused=("/individus/a/age", "2025-01", BORN),
    ),
]


def home(**values: Any) -> dict[str, Any]:
    """A person in a home that is somewhere."""
    return {**persons(a=one()), "menages": {"m": {"personne_de_reference": [A], **values}}}


HOMES = [
    Case(
        "a home in Mayotte and in Guyane",
        "contradiction",
        home(residence_mayotte={"2025-06": True}, residence_guyane={"2025-06": True}),
        refused=("residence_guyane", "2025-06", "residence_mayotte"),
    ),
    Case(
        "a home in La Réunion for the year, in Mayotte for a month",
        "contradiction",
        home(residence_reunion={"2025": True}, residence_mayotte={"2025-06": True}),
        refused=("residence_mayotte", "2025-06", "residence_reunion"),
    ),
    Case(
        "a municipality of Mayotte and a home in Guyane",
        "contradiction",
        home(residence_guyane={"2025-06": True}, depcom={"2025-06": "97608"}),
        refused=("depcom", "2025-06", "residence_guyane"),
    ),
    Case(
        "a home in Mayotte, then in Guyane",
        "contradiction",
        home(
            residence_mayotte={"2025-05": True, "2025-06": False},
            residence_guyane={"2025-05": False, "2025-06": True},
        ),
        {A: {"2025-06": FULL}},
    ),
]


def notice(year: str, rni: float, month: str, amount: float, **more: Any) -> Case:
    """A foyer that gave the notice of one year only."""
    return Case(
        f"the notice of {year} only, in {month}",
        "unread",
        persons({"f": foyer(A, rni={year: rni}, nbptr={year: 1})}, a=one("2004-03-15")),
        {A: {month: amount}},
        **more,
    )


NOT_USED = r"not-used|n'est pas utilisé|[nN]ot used"
LAST_NOTICE = r"last-notice|dernier avis donné|last notice given"

UNREAD = [
    notice("2023", 20800, "2025-06", FIRST_BRACKET),
    notice("2023", 20800, "2025-11", FIRST_BRACKET, told=(LAST_NOTICE,), certain=False),
    notice("2023", 60000, "2025-11", NOTHING, told=(LAST_NOTICE,)),
    notice("2024", 20800, "2025-11", FIRST_BRACKET),
    # The CEJ began with the notice on the incomes of 2020: one of before is of no scale here.
    notice("2019", 60000, "2025-11", FULL),
    Case(
        "the last income of a young person alone, in November",
        "unread",
        persons(
            a=one(cej_autonomie_fiscale={"2025-11": True}, cej_rni_autonome={"2023": 20800}),
        ),
        {A: {"2025-11": FIRST_BRACKET}},
        told=(LAST_NOTICE,),
    ),
    Case(
        "both notices, in November",
        "unread",
        persons(
            {"f": foyer(A, rni={"2023": 60000, "2024": 20800}, nbptr={"2023": 1, "2024": 1})},
            a=one(),
        ),
        {A: {"2025-06": NOTHING, "2025-11": FIRST_BRACKET}},
    ),
    Case(
        "the notice of N-2 of one, that of N-1 of the other",
        "unread",
        persons(
            {
                "fa": foyer(A, rni={"2023": 20800}, nbptr={"2023": 1}),
                "fb": foyer(B, rni={"2024": 0}, nbptr={"2024": 1}),
            },
            a=one(),
            b=one(),
        ),
        {A: {"2025-11": FIRST_BRACKET}, B: {"2025-11": FULL}},
    ),
    Case(
        "the last tax left to pay that was given",
        "unread",
        persons(
            {
                "f": foyer(
                    A,
                    cej_impot_restant_a_payer={"2023": 100},
                    rni={"2023": 20000},
                    nbptr={"2023": 1, "2024": 1},
                )
            },
            a=one(),
        ),
        {A: {"2025-11": FIRST_BRACKET}},
        told=(LAST_NOTICE,),
    ),
    Case(
        "an income of a year that starts in February",
        "unread",
        persons({"f": foyer(A, rni={"year:2023-02": 60000})}, a=one()),
        refused=("/foyers_fiscaux/f/rni", "year:2023-02"),
    ),
    *(
        Case(
            f"a wage of {month}, that no rule reads",
            "unread",
            persons(a=one(salaire_net={month: 900})),
            {A: {"2025-06": FULL}},
            told=(r"salaire_net", NOT_USED),
        )
        for month in ("2023-03", "2024-05", "2026-06")
    ),
    *(
        Case(
            f"the notice of {year}, a later one being given",
            "unread",
            persons(
                {"f": foyer(A, rni={year: 60000, "2023": 20800}, nbptr={year: 1, "2023": 1})},
                a=one(),
            ),
            {A: {"2025-06": FIRST_BRACKET}},
            told=("rni", NOT_USED),
        )
        for year in ("2019", "2021", "2022", "2024")
    ),
    Case(
        "the notice of before of one, who gave the next one, and of the other, who did not",
        "unread",
        persons(
            {
                "fa": foyer(A, rni={"2022": 60000, "2023": 20800}, nbptr={"2022": 1, "2023": 1}),
                "fb": foyer(B, rni={"2022": 60000}, nbptr={"2022": 1}),
            },
            a=one(),
            b=one(),
        ),
        {A: {"2025-06": FIRST_BRACKET}, B: {"2025-06": NOTHING}},
        told=("rni", NOT_USED),
    ),
    Case(
        "the notice of the signature, where the lump sum was not revised",
        "unread",
        persons(
            {"f": foyer(A, rni={"2022": 20000, "2023": 60000}, nbptr={"2022": 1, "2023": 1})},
            a=one(
                cej_date_signature={"ETERNITY": "2024-07-10"},
                cej_forfait_non_revise={"ETERNITY": True},
            ),
        ),
        # Incomes of 2022: in the first bracket, still when those of 2023 are known.
        {A: {"2025-06": FIRST_BRACKET}},
    ),
    Case(
        "the income of a foyer without a member",
        "unread",
        persons({"f": {"rni": {"2023": 60000}, "nbptr": {"2023": 1}}}, a=one()),
        refused=("/foyers_fiscaux/f",),
    ),
    Case(
        "the RSA of a family whose roles are empty",
        "unread",
        {
            **persons(a=one()),
            "familles": {"x": {"parents": [], "rsa": {"2025-06": 500}}},
        },
        refused=("/familles/x",),
    ),
    Case(
        "a rent",
        "unread",
        {
            **persons(a=one()),
            "menages": {"m": {"personne_de_reference": [A], "loyer": {"2025-06": 400}}},
        },
        {A: {"2025-06": FULL}},
        told=("loyer",),
    ),
    *(
        Case(
            f"{name} under another name than the net",
            "unread",
            persons(a=one(**{name: {"2025-05": 900}, "salaire_net": {"2025-05": 0}})),
            {A: {"2025-06": FULL}},
            told=(name, instead),
            certain=False,
        )
        for name, instead in (
            ("salaire_de_base", "salaire_net"),
            ("salaire_imposable", "salaire_net"),
            ("traitement_indiciaire_brut", "salaire_net"),
        )
    ),
    *(
        Case(
            f"{name}, that the model reads under another name",
            "unread",
            persons(a=one(**{name: {"2025-05": 900}})),
            {A: {"2025-06": FULL}},
            told=(name, instead),
            certain=False,
        )
        for name, instead in (
            ("chomage_brut", "chomage_net"),
            ("allocation_retour_emploi", "chomage_net"),
            ("are_allocation_nette_mensuelle", "chomage_net"),
            ("stage_gratification", "indemnites_stage"),
            ("covid_activite_partielle_montant", "indemnites_chomage_partiel"),
            ("allocation_travailleur_independant", "allocation_travailleurs_independants"),
            ("revenus_nets_du_travail", "salaire_net"),
            ("revenu_non_salarie", "revenus_activite_non_salariee"),
            ("chomage_imposable", "chomage_net"),
            ("indemnites_journalieres_imposables", "indemnites_journalieres"),
        )
    ),
    Case(
        "the turnover of a year",
        "unread",
        persons(a=one(rpns_micro_entreprise_CA_bic_vente_imp={"2025": 20000})),
        {A: {"2025-06": FULL}},
        told=("rpns_micro_entreprise_CA_bic_vente_imp", "rpns_auto_entrepreneur_CA_"),
        certain=False,
    ),
]

NAMES = [
    Case(
        "a name of before 2.0.0",
        "names",
        persons(a=one(cej_situation_fiscale_foyer={"2024": "non_imposable"})),
        refused=("cej_situation_fiscale_rattachement", "2.0.0"),
    ),
    Case(
        "handicap at 27",
        "names",
        persons(a=one("1998-01-01", handicap={"2025-06": True})),
        {A: {"2025-06": FULL}},
        told=("handicap",),
    ),
    Case(
        "no handicap at 27",
        "names",
        persons(a=one("1998-01-01", handicap={"2025-06": False})),
        {A: {"2025-06": NOTHING}},
    ),
    Case(
        "handicap of another person",
        "names",
        persons(a=one("1998-01-01", handicap={"2025-06": True}), b=one("1998-01-01")),
        {A: {"2025-06": FULL}, B: {"2025-06": NOTHING}},
    ),
    Case(
        "handicap, and the status refused",
        "names",
        persons(a=one("1998-01-01", handicap={"2025-06": True}, rqth={"2025-06": False})),
        {A: {"2025-06": NOTHING}},
    ),
    Case(
        "married, alone on the tax return",
        "names",
        # 0,11 × (15 500 − 11 497) × 2 = 880,66: the décote of a couple takes all of it.
        persons(
            {"f": foyer(A, rni={"2024": 31000}, nbptr={"2024": 2})},
            a=one(statut_marital={"2025-10": "marie"}),
        ),
        {A: {"2025-10": FULL}},
        told=("statut_marital",),
    ),
    Case(
        "a municipality of Mayotte",
        "names",
        {
            **persons(a=one()),
            "menages": {"m": {"personne_de_reference": [A], "depcom": {"2025-06": "97608"}}},
        },
        {A: {"2025-06": 320.15}},
        told=("depcom",),
    ),
]

#: Facts that OpenFisca-France calls otherwise, and what to give.
FACTS = [
    Case(
        f"{name}, a fact that the model asks for under another name",
        "names",
        persons(a=one(**{name: {"2025-06": value}})),
        {A: {"2025-06": FULL}},
        told=(f"give-fact.*{name}|{name}.*(ce fait compte|this fact counts)", instead),
        certain=False,
    )
    for name, value, instead in (
        ("etudiant", True, "activite"),
        ("invalidite", True, "rqth"),
        ("age_en_mois", 264, "date_naissance"),
        ("service_civique", True, "indemnites_volontariat"),
        ("sous_contrat_engagement_jeune", True, "cej_date_signature"),
    )
]

ROLES = [
    Case(
        "two declarants are a couple",
        "roles",
        persons(
            {
                "f": {
                    "declarants": ["p", "q"],
                    "personnes_a_charge": [A],
                    # 0,11 × (14 800 − 11 497) × 2,5 = 908,33: nothing is left after the décote.
                    "rni": {"2024": 37000},
                    "nbptr": {"2024": 2.5},
                }
            },
            a=one(),
            p=one("1975-01-01"),
            q=one("1976-01-01"),
        ),
        {A: {"2025-10": FULL}},
    ),
    Case(
        "one declarant is no couple",
        "roles",
        persons(
            {
                "f": {
                    "declarants": ["p"],
                    "personnes_a_charge": [A],
                    "rni": {"2024": 37000},
                    "nbptr": {"2024": 2.5},
                }
            },
            a=one(),
            p=one("1975-01-01"),
        ),
        {A: {"2025-10": FIRST_BRACKET}},
    ),
    Case(
        "a couple beside a single person",
        "roles",
        persons(
            {
                "f": {"declarants": [A, "q"], "rni": {"2024": 31000}, "nbptr": {"2024": 2}},
                "g": {"declarants": [B], "rni": {"2024": 31000}, "nbptr": {"2024": 2}},
            },
            a=one(),
            q=one("1976-01-01"),
            b=one(),
        ),
        {A: {"2025-10": FULL}, B: {"2025-10": FIRST_BRACKET}},
    ),
    Case(
        "two declarants who say that they were not a couple",
        "roles",
        persons(
            {
                "f": {
                    "declarants": [A, "q"],
                    "rni": {"2024": 31000},
                    "nbptr": {"2024": 2},
                    "maries_ou_pacses": {"2024": False},
                }
            },
            a=one(),
            q=one("1976-01-01"),
        ),
        {A: {"2025-10": FIRST_BRACKET}},
    ),
    Case(
        "a child of a family on the RSA",
        "roles",
        {
            **persons(a=one(), p=one("1975-01-01")),
            "familles": {"x": {"parents": ["p"], "enfants": [A], "rsa": {"2025-06": 600}}},
        },
        # A dependant of the family counts in its RSA: the allowance is due all the same.
        {A: {"2025-06": FULL}},
    ),
    Case(
        "a member of no family beside a family",
        "roles",
        {
            **persons(a=one(), b=one()),
            "familles": {"x": {"parents": [B], "rsa": {"2025-06": 600}}},
        },
        {A: {"2025-06": FULL}, B: {"2025-06": NOTHING}},
    ),
]

VALUES = [
    Case(
        "a sanction rate of 30",
        "values",
        persons(
            a=one(cej_sanction_motif={"2025-06": "manquement"}, cej_sanction_taux={"2025-06": 30})
        ),
        refused=("cej_sanction_taux", "2025-06", "1"),
    ),
    Case(
        "a rank of 4",
        "values",
        persons(a=one(cej_rang_manquement={"2025-02": 4})),
        refused=("cej_rang_manquement", "2025-02", "3"),
        months=("2025-03",),
    ),
    Case(
        "24 months of extension",
        "values",
        persons(
            a=one(
                cej_date_signature={"ETERNITY": "2024-01-10"},
                cej_mois_prolongation={"ETERNITY": 24},
            )
        ),
        refused=("cej_mois_prolongation",),
    ),
    Case(
        "a thousand million months of extension",
        "values",
        persons(
            a=one(
                cej_date_signature={"ETERNITY": "2024-01-10"},
                cej_mois_prolongation={"ETERNITY": 1000000000},
            )
        ),
        refused=("cej_mois_prolongation",),
    ),
    Case(
        "imposable, which has three meanings",
        "values",
        persons(a=one(cej_situation_fiscale={"2025-06": "imposable"})),
        refused=("cej_situation_fiscale", "premiere_tranche", "au_dela"),
    ),
    Case(
        "ninety-nine parts",
        "values",
        persons({"f": foyer(A, rni={"2023": 60000}, nbptr={"2023": 99.996})}, a=one()),
        {A: {"2025-06": FULL}},
    ),
    Case(
        "a thousand parts",
        "values",
        persons({"f": foyer(A, rni={"2023": 60000}, nbptr={"2023": 999.996})}, a=one()),
        refused=("nbptr", "2023", "100"),
    ),
    *(
        Case(
            f"{parts:g} part",
            "values",
            persons({"f": foyer(A, rni={"2023": 20800}, nbptr={"2023": parts})}, a=one()),
            refused=("nbptr", "2023", "parts"),
        )
        for parts in (0, 0.5, 0.99)
    ),
    *(
        Case(
            f"a rank of {rank!r}",
            "values",
            persons(a=one(cej_rang_manquement={"2025-02": rank})),
            refused=("cej_rang_manquement", "2025-02"),
            months=("2025-03",),
        )
        for rank in (-1, 1.5, 4.0, "4", "deux", 1e300)
    ),
    Case(
        "a rank of 1.0",
        "values",
        # A first failing takes a quarter of 561,68 (R5131-20 of 2022).
        persons(
            a=one(
                cej_sanction_motif={"2025-04": "manquement"}, cej_rang_manquement={"2025-04": 1.0}
            )
        ),
        {A: {"2025-05": 421.26}},
    ),
    *(
        Case(
            f"the motif {motif!r}, which is no name",
            "values",
            persons(a=one(cej_sanction_motif={"2025-05": motif})),
            refused=("cej_sanction_motif", "2025-05", "manquement"),
        )
        for motif in (1, 1.0, "1", 99, -1, True)
    ),
    *(
        Case(
            f"recognised as disabled: {said!r}",
            "values",
            persons(a=one("1998-01-01", rqth={"2025-06": said})),
            {A: {"2025-06": amount}},
        )
        for amount, spellings in (
            (FULL, (True, 1, 1.0, "true", "oui", "OUI", "Vrai", "1", "1.0", "yes")),
            (NOTHING, (False, 0, 0.0, "false", "non", "FAUX", "0", "no")),
        )
        for said in spellings
    ),
    *(
        Case(
            f"recognised as disabled: {said!r}, which says nothing",
            "values",
            persons(a=one("1998-01-01", rqth={"2025-06": said})),
            refused=("rqth", "2025-06"),
        )
        for said in (2, -1, 0.5, "peut-être", "non_oui")
    ),
    *(
        Case(
            f"the tier {said!r}",
            "values",
            persons(a=one(cej_situation_fiscale={"2025-06": said})),
            {A: {"2025-06": amount}},
        )
        for said, amount in (
            ("Première tranche", FIRST_BRACKET),
            ("premiere-tranche", FIRST_BRACKET),
            ("NON_IMPOSABLE", FULL),
            (" non imposable ", FULL),
            ("Au-delà", NOTHING),
        )
    ),
    Case(
        "a student with a capital letter and an accent",
        "values",
        persons(a=one(activite={"2025-06": "Étudiant"})),
        {A: {"2025-06": NOTHING}},
    ),
    *(
        Case(
            f"born on {born}",
            "values",
            persons(a=one(born)),
            refused=("date_naissance", born),
        )
        for born in ("1899-12-31", "1894-06-01", "2025-07-01", "2030-05-05", "9999-05-05")
    ),
    Case(
        "born in the month",
        "values",
        persons(a=one("2025-06-30")),
        {A: {"2025-06": NOTHING}},
    ),
    Case(
        "a nil that the taper is divided by",
        "values",
        persons(a=one(cej_ecart_degressivite={"2025-06": 0}, salaire_net={"2025-05": 600})),
        refused=(),
        persons=(A,),
    ),
    Case(
        # 561.68 − 561.68 / (0.8 × 2 000 − 300) × (700 − 300)
        "a monthly SMIC that is given",
        "values",
        persons(a=one(cej_smic_mensuel={"2025-06": 2000}, salaire_net={"2025-05": 700})),
        {A: {"2025-06": 388.86}},
    ),
    Case(
        "a SMIC of which four fifths are the disregard",
        "values",
        persons(a=one(cej_smic_mensuel={"2025-06": 375}, salaire_net={"2025-05": 600})),
        refused=(),
        persons=(A,),
    ),
]

KINDS = [COMPANY, SPANS, TWICE, AGES, HOMES, UNREAD, NAMES, FACTS, ROLES, VALUES]
CASES = {case.name: case for kind in KINDS for case in kind}
