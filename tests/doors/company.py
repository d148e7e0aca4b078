"""Random situations: a person alone and in company, one fact and its other spellings.

What one person gives never changes another's amount, whoever comes first and whatever the door; a
fact written otherwise gives the same amount. No amount is written here: each door is compared with
``/calculate`` on the household by itself.

    python tests/doors/company.py --comparisons 200000 [--seed …] [--workers …]
"""

import argparse
import collections
import copy
import itertools
import multiprocessing
import os
import random
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    TESTS = Path(__file__).resolve().parent.parent
    sys.path[:0] = [str(TESTS), str(TESTS / "helpers")]

from doors.ways import DOORS, Case, Outcome, one_system
from openfisca_core.indexed_enums import Enum
from simulations import systeme

from openfisca_cej.reading import largest, smallest

#: Doors that take several persons, from the quickest. The others are for one situation.
TOGETHER = ["/calculate", "/cej/batch JSON", "/cej/batch CSV", "dict", "pandas", "Polars", "Arrow"]
SLOW = ["flat CSV", "long CSV", "long pandas", "long Arrow", "Parquet", "/trace"]
#: Doors that answer for one person at a time.
ONE = ["/cej/explain", "/cej/missing", "/cej/timeline", "/cej/compare", "/cej/case"]

AMOUNTS = [0, 0.01, 150.5, 299.99, 300, 450.35, 612.4, 1200, 1801.8]
OWN = [
    *("salaire_net", "chomage_net", "indemnites_journalieres", "remuneration_apprenti"),
    *("revenus_stage_formation_pro", "indemnites_volontariat", "rpns_auto_entrepreneur_CA_bic"),
]
COMPUTED = {
    "cej_situation_fiscale": ["non_imposable", "premiere_tranche", "au_dela"],
    "cej_situation_fiscale_rattachement": ["non_imposable", "premiere_tranche", "au_dela"],
    "cej_eligibilite": [True, False],
    "cej_en_cours": [True, False],
    "cej_mineur": [True, False],
    "cej_montant_forfaitaire": [224.68, 561.68],
    "cej_ressources_partiellement_deductibles": [0, 600],
    "cej_ressources_deductibles": [0, 161.68],
    "cej_coefficient_degressivite": [0, 0.2],
    "cej_impot_du": [0, 500],
}
FACTS = {
    "activite": ["chomeur", "etudiant", "inactif"],
    "en_formation": [True, False],
    "inscrit_demandeur_emploi": [True, False],
    "cej_autonomie_fiscale": [True, False],
    "cej_sanction_motif": ["aucun", "manquement", "refus_contrat", "fraude"],
    "cej_rang_manquement": [0, 1, 2, 3],
}
#: Facts that are given for one month at a time.
EVENTS = ("cej_sanction_motif", "cej_rang_manquement")
INCOMES = [0, 12000, 20000, 20800, 37000, 60000]
PLACES = ["mayotte", "guadeloupe", "guyane", "reunion"]


def month_after(month: str, count: int) -> str:
    """The month so many months later."""
    number = 12 * int(month[:4]) + int(month[5:]) - 1 + count
    return f"{number // 12}-{number % 12 + 1:02d}"


class Draw:
    """Households in which everything is chosen at random; ``plain``: as rows can say it."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        self.plain = self.rng.random() < 0.6
        self.month = month_after("2022-04", self.rng.randrange(56))
        self.months = [self.month, month_after(self.month, 1)]
        #: What a column holds, everyone must say: said by all or by none.
        self.says_couple = self.rng.random() < 0.5
        self.disability = self.rng.choice(["rqth", "handicap"])

    def households(self) -> list[dict[str, Any]]:
        """The documents of two to five households."""
        names = (f"{letter}{self.rng.randrange(100)}" for letter in "abcdefghijklmnopqrst")
        return [self.household(names) for _ in range(self.rng.randint(2, 5))]

    def household(self, names: Iterator[str]) -> dict[str, Any]:
        """A young person, sometimes with parents or a spouse, in groups or in none."""
        young = next(names)
        people = {young: self.young()}
        document: dict[str, Any] = {"individus": people}
        kind = self.rng.choice(["alone", "alone", "parents", "couple", "none"])
        others = [next(names) for _ in range({"parents": 2, "couple": 1}.get(kind, 0))]
        if kind == "parents" and self.rng.random() < 0.4:
            others = others[:1]
        for other in others:
            people[other] = {"date_naissance": {"ETERNITY": "1975-03-02"}}
        if kind == "parents":
            foyer = {"declarants": others, "personnes_a_charge": [young]}
            family = {"parents": others, "enfants": [young]}
            home = {"personne_de_reference": others[:1], "enfants": [young]}
        else:
            foyer = {"declarants": [young, *others]}
            family = {"parents": [young, *others]}
            home = {"personne_de_reference": [young]}
        if kind != "none":
            document["foyers_fiscaux"] = {f"f{young}": {**foyer, **self.taxes()}}
            document["familles"] = {f"x{young}": {**family, **self.benefits()}}
            if kind != "couple":
                document["menages"] = {f"m{young}": {**home, **self.place()}}
        return document

    def young(self) -> dict[str, Any]:
        """What a young person says."""
        month, day = self.rng.randint(1, 12), self.rng.choice([1, 17])
        born = f"{self.rng.randint(1995, 2009)}-{month:02d}-{day:02d}"
        said: dict[str, Any] = {"date_naissance": {"ETERNITY": born}}
        for name in self.rng.sample(OWN, self.rng.randint(0, 2)):
            said[name] = self.amounts()
        for name in self.rng.sample(list(FACTS), self.rng.choice([0, 0, 1, 2])):
            said[name] = self.fact(name)
        if self.rng.random() < 0.25:
            name = self.rng.choice(list(COMPUTED))
            said[name] = {self.month: self.rng.choice(COMPUTED[name])}
        if self.rng.random() < 0.2:
            said[self.disability] = self.fact(self.disability)
        if self.rng.random() < 0.4:
            signed = month_after(self.month, -self.rng.randint(0, 14))
            if signed >= "2022-03":
                said["cej_date_signature"] = {"ETERNITY": f"{signed}-10"}
        if self.rng.random() < 0.2:
            said["cej_rni_autonome"] = {self.year(): self.rng.choice(INCOMES)}
        return said

    def year(self) -> str:
        """A year of incomes that the law may read, or the one before."""
        return str(int(self.month[:4]) - self.rng.choice([1, 2, 2, 3]))

    def amounts(self) -> dict[str, float]:
        """An amount of some months, of a quarter or of the year."""
        before = month_after(self.month, -1)
        given = {before: self.rng.choice(AMOUNTS)}
        if self.rng.random() < 0.5:
            given[self.month] = self.rng.choice(AMOUNTS)
        if not self.plain and self.rng.random() < 0.5:
            start = month_after(self.month, -2)
            year = f"{before[:4]}"
            given = self.rng.choice(
                [
                    {f"month:{start}:3": 3 * self.rng.choice(AMOUNTS)},
                    {year: 12 * self.rng.choice(AMOUNTS)},
                    {year: 20000, before: self.rng.choice(AMOUNTS)},
                ]
            )
        return given

    def fact(self, name: str) -> dict[str, Any]:
        """A fact of the month, or of the year where a form may say so."""
        if self.plain or name in EVENTS:
            moment = self.month
        else:
            moment = self.rng.choice([self.month, self.month[:4]])
        return {moment: self.rng.choice(FACTS.get(name, [True, False]))}

    def taxes(self) -> dict[str, Any]:
        """What a foyer says of one or two tax notices."""
        said: dict[str, Any] = {}
        for year in {self.year() for _ in range(self.rng.choice([0, 1, 1, 2]))}:
            said.setdefault("rni", {})[year] = self.rng.choice(INCOMES)
            said.setdefault("nbptr", {})[year] = self.rng.choice([1, 1.5, 2, 3])
            if self.rng.random() < 0.2:
                said.setdefault("cej_impot_restant_a_payer", {})[year] = self.rng.choice([0, 400])
            if self.says_couple:
                said.setdefault("maries_ou_pacses", {})[year] = self.rng.random() < 0.5
        return said

    def benefits(self) -> dict[str, Any]:
        """What a family says of its benefits."""
        if self.rng.random() < 0.7:
            return {}
        return {self.rng.choice(["rsa", "ppa"]): {self.month: self.rng.choice([0, 0.004, 350.5])}}

    def place(self) -> dict[str, Any]:
        """Where a household lives, said or not."""
        if self.rng.random() < 0.7:
            return {}
        lived = {self.month: True, self.months[1]: True}
        return {f"residence_{self.rng.choice(PLACES)}": lived}

    def together(self, households: list[dict[str, Any]]) -> dict[str, Any]:
        """One document of all of them, everyone and everything in any order."""
        found: dict[str, Any] = {}
        for household in self.rng.sample(households, len(households)):
            for plural, instances in household.items():
                found.setdefault(plural, {}).update(copy.deepcopy(instances))
        return {plural: self.shuffled(instances) for plural, instances in found.items()}

    def shuffled(self, content: dict[str, Any]) -> dict[str, Any]:
        """The same, its keys in another order."""
        return {key: content[key] for key in self.rng.sample(list(content), len(content))}

    def respelled(self, document: dict[str, Any]) -> dict[str, Any]:
        """The same facts: periods written otherwise, months of a year one by one, keys moved."""
        return {
            plural: self.shuffled(
                {
                    name: self.shuffled(
                        {
                            key: self.spelled(key, said) if isinstance(said, dict) else said
                            for key, said in instance.items()
                        }
                    )
                    for name, instance in instances.items()
                }
            )
            for plural, instances in document.items()
        }

    def spelled(self, name: str, said: dict[str, Any]) -> dict[str, Any]:
        """The values of an input, each period in another spelling."""
        found: dict[str, Any] = {}
        for written, value in said.items():
            months = [f"{written}-{month:02d}" for month in range(1, 13)]
            if name in FACTS and len(written) == 4 and self.rng.random() < 0.5:
                found |= dict.fromkeys(months, value)
            elif name in OWN and len(said) == 1 and len(written) == 4 and self.rng.random() < 0.5:
                found |= dict.fromkeys(months, value / 12)
            elif len(written) in (4, 7) and self.rng.random() < 0.5:
                unit = "year" if len(written) == 4 else "month"
                found[f"{unit}:{written}"] = value
            else:
                found[written] = value
        return self.shuffled(found)


def amounts_of(door: str, document: dict[str, Any], months: list[str]) -> Outcome | None:
    """What a door gives for everyone of a document."""
    return DOORS[door](Case("drawn", "drawn", document, months=tuple(months)))


def differences(seed: str, doors: list[str]) -> tuple[collections.Counter, list[str]]:
    """How many amounts were compared by door, and those that differ."""
    draw = Draw(seed)
    households = draw.households()
    alone: dict[str, dict[str, float]] = {}
    for household in households:
        outcome = amounts_of("/calculate", household, draw.months)
        assert outcome is not None, (seed, household)
        assert not outcome.refused, (seed, household, outcome)
        alone |= outcome.amounts
    document = draw.together(households)
    tries = [(door, document) for door in doors]
    tries += [("/calculate", draw.respelled(document)), ("/calculate", draw.together(households))]
    counts: collections.Counter = collections.Counter()
    found = []
    for door, content in tries:
        outcome = amounts_of(door, content, draw.months)
        if outcome is None:
            continue  # This form cannot say it.
        if outcome.refused:
            found.append(f"{seed}, {door}: refused, {outcome.text[:300]}")
            continue
        kind = door if content is document else f"{door}, written otherwise"
        for person, month in itertools.product(alone, draw.months):
            counts[kind] += 1
            one, other = alone[person][month], outcome.amounts[person][month]
            if round(one, 2) != round(other, 2):
                found.append(f"{seed}, {kind}, {person}, {month}: alone {one}, here {other}")
    return counts, found


#: Facts that decide alone: whatever else is said, nothing is due.
DECISIVE = {
    "date_naissance": {"ETERNITY": "1980-05-05"},
    "activite": "etudiant",
    "en_formation": True,
    "cej_situation_fiscale": "au_dela",
    "inscrit_demandeur_emploi": False,
    "difficultes_acces_emploi_durable": False,
    "cej_montant_forfaitaire": 0,
    "cej_en_cours": False,
}


def inputs() -> list[Any]:
    """The inputs that may be added to a situation."""
    system = systeme()
    return [
        known
        for known in system.variables.values()
        if not known.formulas and known.value_type in (bool, int, float, Enum)
    ]


def certain_differences(seed: str) -> tuple[int, list[str]]:
    """Inputs added to a situation whose answer is certain, and those that change it."""
    draw = Draw(seed)
    month = draw.month
    person = draw.young()
    name = draw.rng.choice(list(DECISIVE))
    decided = DECISIVE[name]
    person[name] = decided if isinstance(decided, dict) else {month: decided}
    document = {"individus": {"a": person}}
    told = amounts_of("/cej/missing", document, [month])
    if told is None or not told.certain:
        return 0, []  # Something else that was drawn keeps it open.
    found = []
    added = draw.rng.sample(inputs(), 12)
    for variable in added:
        more = copy.deepcopy(document)
        value = draw.rng.choice(values_of(variable))
        moments = {
            "month": [month_after(month, -1), month],
            "year": [str(int(month[:4]) - back) for back in (1, 2)],
        }.get(str(variable.definition_period), ["ETERNITY"])
        place = more["individus"]["a"]
        if not variable.entity.is_person:
            roles = variable.entity.roles[0]
            place = {roles.plural or roles.key: ["a"]}
            more[variable.entity.plural] = {"g": place}
        if variable.name in place:
            continue  # It was said already: to say something else is no addition.
        place[variable.name] = dict.fromkeys(moments, value)
        outcome = amounts_of("/calculate", more, [month])
        if outcome is None or outcome.refused:
            continue  # It contradicts what was said, and is told so.
        if outcome.amounts["a"][month] != told.amounts["a"][month]:
            found.append(f"{seed}: {name} was certain, yet {variable.name} = {value} changes it")
    return len(added), found


def values_of(variable: Any) -> list[Any]:
    """Values that an input may take, far from the usual one."""
    if variable.value_type is bool:
        return [True, False]
    if variable.value_type is Enum:
        return [item.name for item in variable.possible_values]
    return [smallest(variable), min(1, largest(variable)), largest(variable)]


def of_a_batch(seeds: list[str]) -> tuple[collections.Counter, list[str]]:
    """The differences of several draws: one in forty tries the slow doors too."""
    counts: collections.Counter = collections.Counter()
    found = []
    warnings.simplefilter("ignore")
    with one_system():
        for rank, seed in enumerate(seeds):
            more = [*SLOW, *ONE] if rank % 40 == 0 else []
            count, differing = differences(seed, [*TOGETHER, *more])
            counts += count
            found += differing
            if rank % 2 == 0:
                tried, differing = certain_differences(f"{seed}-certain")
                counts["certain, and one input more"] += tried
                found += differing
    return counts, found


def main() -> None:
    """Compare until there are enough; exit status 1 when something differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comparisons", type=int, default=200_000)
    parser.add_argument("--seed", default="long")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    batches = (
        [f"{options.seed}-{batch}-{rank}" for rank in range(40)] for batch in itertools.count()
    )
    counts: collections.Counter = collections.Counter()
    differing: list[str] = []
    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        while counts.total() < options.comparisons:
            for count, found in pool.map(
                of_a_batch, itertools.islice(batches, 2 * options.workers), chunksize=1
            ):
                counts += count
                differing += found
            print(f"{counts.total():,} comparisons, {len(differing)} differences", flush=True)
            if len(differing) > 50:
                break
    for line in differing[:50]:
        print(line)
    for door, count in sorted(counts.items()):
        print(f"  {door:<40}{count:>10,}")
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
