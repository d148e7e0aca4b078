"""The tables of docs/validation.md: what was published, what was predicted, what it rests on.

« python -m docs.pages.calibrated » prints them; a test checks that the page has them.
"""

from collections.abc import Iterator
from typing import Any

from docs.pages import text
from openfisca_cej.french import plain_number as number
from openfisca_cej.population import protocol
from openfisca_cej.population.garantie_jeunes import FILE
from openfisca_cej.population.synthetic import load

STAGES = ("pose", "apres_garantie_jeunes", "cale")


def shown(value: float, unit: str) -> str:
    """A result in its unit."""
    return number(100 * value, 1) if unit == "part" else number(value)


def interval(found: list[float], unit: str) -> str:
    """Median and bounds."""
    low, median, high = (shown(value, unit) for value in found)
    return f"{median} [{low} ; {high}]"


def published(entry: dict[str, Any]) -> str:
    """What was published."""
    low, high = (shown(value, entry["unite"]) for value in entry["publie"])
    if entry.get("au_moins"):
        return f"> {low}"
    return low if low == high else f"{low} à {high}"


def verdict(found: list[float], entry: dict[str, Any]) -> str:
    """Whether the interval meets what was published, else by how much it is outside."""
    low, high = entry["publie"]
    if protocol.covered(tuple(found), (low, high)):
        return "dedans"
    gap = found[0] - high if found[0] > high else found[2] - low
    return f"dehors de {'+' if gap > 0 else '−'}{shown(abs(gap), entry['unite'])}"


def outcomes() -> Iterator[str]:
    """The table of outcomes."""
    told = protocol.calibration()
    rows = []
    for name, entry in load("validation").items():
        if "definition" not in entry or isinstance(entry["publie"], dict):
            continue
        found = [told[stage]["intervalles"][name] for stage in STAGES]
        cells = [interval(values, entry["unite"]) for values in found]
        judged = protocol.set_of(name), verdict(found[-1], entry)
        rows.append((entry["libelle"], published(entry), *cells, *judged))
    heads = ("Résultat", "Publié", "Posé", "Après la garantie jeunes", "Calé", "Sert à", "Verdict")
    yield from text.table(heads, rows)


def groups() -> Iterator[str]:
    """The verdicts of the six groups, and the sizes, of each stage."""
    told = protocol.calibration()
    names = {
        "pose": "Posé",
        "apres_garantie_jeunes": "Après la garantie jeunes",
        "cale": "Calé",
        "variante": "Variante (aussi « payés au moins une fois »)",
    }
    heads = ("Étape", "Taille efficace", *protocol.GROUPS.values(), "Réussis")
    rows = []
    for stage, label in names.items():
        one = told[stage]
        cells = (one.get("groupes") or dict.fromkeys(protocol.GROUPS)).values()
        words = ({True: "réussi", False: "manqué", None: "—"}[cell] for cell in cells)
        counted = str(one.get("reussis", "—"))
        rows.append((label, number(one["taille_efficace"]), *words, counted))
    yield from text.table(heads, rows)


def garantie() -> Iterator[str]:
    """The stage of the Garantie jeunes."""
    told = protocol.calibration()
    rows = []
    for name, entry in load(FILE)["publie"].items():
        found = [told[stage]["intervalles"][f"gj_{name}"] for stage in STAGES]
        target = f"{shown(entry['valeur'], 'part')} ± {shown(entry['ecart'], 'part')}"
        rows.append((entry["libelle"], target, *(interval(values, "part") for values in found)))
    heads = ("Garantie jeunes, 2021", "Publié", "Posé", "Après cette étape", "Calé")
    yield from text.table(heads, rows)


def assumptions() -> Iterator[str]:
    """Prior against posterior of each assumption, the most moved first."""
    moved = protocol.calibration()["hypotheses"]
    limit = load(protocol.FILE)["deplacement_signale"]
    ordered = sorted(moved.items(), key=lambda item: -abs(item[1]["deplacement"]))
    rows = []
    for name, one in ordered:
        before, after = (
            f"{number(one[value], 3)} ± {number(one[spread], 3)}"
            for value, spread in (("avant", "ecart_type"), ("apres", "ecart_type_apres"))
        )
        move = one["deplacement"]
        flag = " (signalée)" if abs(move) > limit else ""
        sign = "+" if move > 0 else "−"
        rows.append((f"`{name}`", before, after, f"{sign}{number(abs(move), 2)}{flag}"))
    yield from text.table(("Hypothèse", "Avant", "Après", "Déplacement (écarts-types)"), rows)


def converse() -> Iterator[str]:
    """The converse fold: what 2023 and 2024 predict of 2022."""
    told, known = protocol.calibration()["inverse"], load("validation")
    rows = []
    for name in load(protocol.FILE)["calage"]:
        entry, found = known[name], told["intervalles"][name]
        cells = (published(entry), interval(found, entry["unite"]), verdict(found, entry))
        rows.append((entry["libelle"], *cells))
    yield f"Taille efficace : {number(told['taille_efficace'])}."
    yield ""
    yield from text.table(("Prédit par 2023 et 2024", "Publié", "Prédit", "Verdict"), rows)


def variant() -> Iterator[str]:
    """What the variant that also calibrates on those paid at least once finds."""
    told, known = protocol.calibration()["variante"], load("validation")
    yield f"Taille efficace : {number(told['taille_efficace'])}."
    yield ""
    if "intervalles" in told:
        names = ("payes_ml", "payes_ft", "payes", "ratio_2023", "montant_moyen_2023")
        rows = []
        for name in names:
            entry = known[name]
            found = interval(told["intervalles"][name], entry["unite"])
            rows.append((entry["libelle"], published(entry), found))
        yield from text.table(("Variante", "Publié", "Trouvé"), rows)


TABLES = (groups, outcomes, garantie, assumptions, converse, variant)


if __name__ == "__main__":
    for table in TABLES:
        print(f"<!-- {table.__name__} -->", *table(), sep="\n")
