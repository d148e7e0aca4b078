"""A comparison made by hand, in which every part of a report has something to say."""

from simulations import systeme

from openfisca_cej import reforms
from openfisca_cej.analysis.comparison import (
    MONTH,
    WINDOW,
    YEAR,
    Assumption,
    Breakdown,
    CaseCurve,
    Change,
    Comparison,
    Driver,
    GroupEffect,
    Households,
    Measure,
    People,
    Period,
    Published,
    Sampling,
    TypicalCase,
)
from openfisca_cej.explain.curve import curve
from openfisca_cej.explain.situation import read
from openfisca_cej.french import month_name
from openfisca_cej.population.months import month_number

MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 13))

#: Somebody whose name could break a page, if it were not escaped.
SOURCE = {"titre": "Insee <b>& Dares</b>", "href": "https://www.insee.fr/"}

SITUATION = {
    "individus": {
        "jeune": {
            "date_naissance": {"ETERNITY": "2005-06-15"},
            "salaire_net": dict.fromkeys(("2026-10", "2026-11"), 600),
        }
    }
}


def measure(name, label, unit, baseline, change, share=0.02):
    """A measure, its intervals a share of its values."""
    around = [
        (value - share * abs(value), value + share * abs(value))
        for value in (change, baseline, baseline + change)
    ]
    return Measure(name, label, unit, baseline, baseline + change, change, *around)


def alone(name, label, unit, number):
    """A measure that only compares; persons are the same on both sides."""
    if name == "personnes":
        return Measure(name, label, unit, number, number, 0.0)
    return Measure(name, label, unit, None, None, number)


def hidden(name, label, unit):
    """A masked measure."""
    return Measure(name, label, unit, None, None, None, masked=True)


def period(kind, text, label, months, factor=1.0):
    """The measures of a period."""
    people = 142_318.0 * months * factor
    found = [
        measure("contrats", "Mois de contrat", "personnes", people * 1.2, 0.0),
        measure("mois_payes", "Allocataires", "personnes", people, 1_250.0 * months),
        measure("montant_moyen", "Montant moyen", "€", 441.27, 12.5),
        measure("total", "Total dû", "€", people * 441.27, 2_412_345.67 * months * factor),
    ]
    return Period(kind, text, label, tuple(found))


def group(key, label, persons, won, lost):
    """A group; small ones are masked."""
    told = {
        "personnes": ("Personnes", "personnes", persons),
        "gagnants": ("Gagnants", "personnes", won),
        "perdants": ("Perdants", "personnes", lost),
        "inchanges": ("Inchangés", "personnes", persons - won - lost),
        "gain_moyen": ("Gain moyen", "€", 31.42),
        "perte_moyenne": ("Perte moyenne", "€", -12.08),
    }
    levels = {
        "personnes_payees": ("Personnes payées", "personnes", persons * 0.9, 25.0),
        "montant_moyen": ("Montant moyen", "€", 441.27, 12.5),
        "total": ("Total dû", "€", persons * 4_000.0, persons * 120.0),
    }
    if persons < 11:
        masked = [hidden(name, label, unit) for name, (label, unit, _) in told.items()]
        masked += [hidden(name, label, unit) for name, (label, unit, *_) in levels.items()]
        return GroupEffect(key, label, tuple(masked))
    found = [alone(name, *values) for name, values in told.items()]
    found += [measure(name, *values) for name, values in levels.items()]
    return GroupEffect(key, label, tuple(found))


def households():
    """Living standards by decile; those of the last one are masked under the reform."""
    groups = []
    for rank in range(10):
        count = Measure("personnes", "Personnes", "personnes", 500.0, 500.0, 0.0)
        mean = 9_000.0 + 3_000 * rank
        name, label = "niveau_de_vie_moyen", "Niveau de vie moyen"
        standard = Measure(name, label, "€", mean, mean + 90 - 10 * rank, 90.0 - 10 * rank)
        if rank == 9:
            standard = Measure(name, label, "€", mean, None, None, masked=True)
        groups.append(GroupEffect(f"D{rank + 1:02d}", f"Décile {rank + 1}", (count, standard)))
    indices = (
        Measure("gini", "Indice de Gini", "indice", 0.2912, 0.2874, -0.0038),
        Measure("taux_pauvrete", "Taux de pauvreté", "part", 0.144, 0.139, -0.005),
    )
    found = Breakdown("deciles", "Décile de niveau de vie", tuple(groups))
    return Households(found, indices, 13_860.5, "Niveau de vie donné par les données.")


def comparison(**changes):
    """The comparison, some of its fields changed."""
    reform = reforms.reform("bareme_lineaire")
    law, reformed = systeme(), reform(systeme())
    drawn = [
        curve(read(SITUATION, system), "2026-11", "jeune", "salaire_net")
        for system in (law, reformed)
    ]
    months = [
        period(MONTH, text, month_name(month_number(text)), 1, 1 + 0.02 * rank)
        for rank, text in enumerate(MONTHS)
    ]
    fields = {
        "title": "Dégressivité linéaire de 0,5",
        "reform": {"name": "bareme_lineaire", "content": reform.content},
        "verifiable": True,
        "summary": "Chaque euro de salaire au-delà de 300 € retire 0,50 € d'allocation.",
        "changes": (
            Change(
                "cej_coefficient_degressivite",
                "Coefficient de dégressivité",
                "2022-03-01",
                None,
                "montant forfaitaire / (80 % du SMIC mensuel brut − 300 €)",
                "0.5",
                {
                    "title": "Article D5131-23 du code du travail, 2°",
                    "href": "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202337",
                },
                "Le coefficient de dégressivité devient 0,5 à partir du 1er mars 2022.",
            ),
        ),
        "months": MONTHS,
        "people": People(
            "entrants de France 2022, synthétiques",
            "fichier",
            12_000,
            171_000.0,
            True,
            ({"file": "population.csv", "size": 1_234_567, "sha256": "0a1b" * 16},),
            {"graine": 7},
        ),
        "threshold": 1.0,
        "min_group": 11,
        "drivers": (
            Driver("part_formes", "Part des <formés>", "0,2", "0,4", 1e6, 3e6, 2_412_345.67),
        ),
        "bias": ("Biais connu : 400 euros simulés pour 440 à 474 publiés.",),
        "sampling": Sampling(200, 0.95, 0, "rééchantillonnage de Poisson par grappe"),
        "periods": (
            *months,
            period(YEAR, "2026", "2026, 12 mois", 12),
            period(WINDOW, "2026-01:2026-12", "Toute la période", 12),
        ),
        "whole": group("ensemble", "Ensemble", 171_000.0, 62_000.0, 21_000.0),
        "breakdowns": (
            Breakdown(
                "tier",
                "Tranche du foyer fiscal",
                (
                    group("non_imposable", "Foyer non imposable", 120_000.0, 50_000.0, 9_000.0),
                    group(
                        "premiere_tranche",
                        "Foyer imposable dont chaque part est dans la première tranche",
                        50_995.0,
                        12_000.0,
                        12_000.0,
                    ),
                    group("au_dela", "Foyer au-delà de la première tranche", 5.0, 0.0, 0.0),
                ),
                "Au premier mois de contrat.",
            ),
        ),
        "published": (
            Published(
                "depense_2023",
                "Dépense d'allocation",
                "2026-03",
                "Versements de l'année",
                "M€",
                (748.0, 760.5),
                "publié",
                SOURCE,
                755.25,
                790.0,
            ),
        ),
        "cases": (
            TypicalCase("plein", "20 ans <seul>", MONTHS[-1], SITUATION, 421.5, 418.0, -3.5, -0.47),
        ),
        "curves": (CaseCurve("plein", "salaire_net", *drawn),),
        "assumptions": (
            Assumption("population", "x", "Part des mineurs", "0.12", "0.1 à 0.15", "publié"),
            Assumption("convention", "mois", "Les ressources du mois précédent comptent."),
        ),
        "limits": ("Les données n'ont pas le revenu du ménage : rien n'est dit des déciles.",),
        "remarks": ("salaire_net lu comme 0 en 2025.",),
        "versions": {"openfisca-cej": "1.1.0", "python": "3.11"},
        "households": households(),
        "law": {"verifie_jusqu_au": "2026-08-20"},
    }
    return Comparison(**{**fields, **changes})
