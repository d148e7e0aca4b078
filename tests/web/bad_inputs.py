"""What is sent wrong to a running server: bytes of HTTP, and what must be said of each."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ABOUT = "?month=2024-11"
FORFAIT = "contrat_engagement_jeune.montant_forfaitaire.general.mineur"


@dataclass(frozen=True)
class Bad:
    """A request that is wrong: its name in French, its bytes, the status, the pointer if any."""

    name: str
    request: bytes
    status: int
    pointer: str | None = None


def http(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request; header names with « _ » for « - »."""
    told = {"Host": "localhost", "Connection": "close", "Content-Length": str(len(body))}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def sent(document: Any, path: str = "/calculate") -> bytes:
    """A document in JSON."""
    return raw(json.dumps(document).encode(), path)


def raw(body: bytes, path: str = "/calculate") -> bytes:
    """A body that says that it is JSON."""
    return http("POST", path, body, Content_Type="application/json")


def person(**values: Any) -> dict:
    """A situation of one person."""
    return {"individus": {"a": {"cej_allocation": {"2024-11": None}, **values}}}


def reform(changed: Any) -> bytes:
    """A comparison with a reform."""
    return sent({"situation": person(), "reform": changed}, f"/cej/compare{ABOUT}")


def ten_kinds() -> Iterator[Bad]:
    """The ten kinds of requests to which OpenFisca-Core 46 answers 500, or badly."""
    at = "/individus/a"
    wage = f"{at}/salaire_net/2024-10"
    yield Bad("liste en valeur", sent(person(salaire_net={"2024-10": [600]})), 422, wage)
    yield Bad(
        "mois demandé d'une variable annuelle",
        sent({**person(), "foyers_fiscaux": {"f": {"rni": {"2024-01": None}}}}),
        422,
        "/foyers_fiscaux/f/rni/2024-01",
    )
    yield Bad(
        "année demandée d'une variable mensuelle",
        sent(person(cej_eligibilite={"2024": None})),
        422,
        f"{at}/cej_eligibilite/2024",
    )
    yield Bad("nom vide", sent({"individus": {"": {}}}), 422, "/individus/")
    wrong = {"a/b": {"salaire_net": {"2024-10": "x"}}}
    yield Bad(
        "nom avec « / » (faute ailleurs)",
        sent({"individus": wrong}),
        422,
        "/individus/a~1b/salaire_net/2024-10",
    )
    yield Bad("axes", sent({**person(), "axes": [[{"name": "rni", "count": 3}]]}), 422, "/axes")
    yield Bad(
        "année 0001",
        sent(person(cej_eligibilite={"0001-01": None})),
        422,
        f"{at}/cej_eligibilite/0001-01",
    )
    yield Bad("sans Content-Type", http("POST", "/calculate", b"{}"), 415)
    plain = http("POST", "/calculate", b"{}", Content_Type="text/plain")
    yield Bad("autre Content-Type", plain, 415)
    yield Bad("{}", sent({}), 422, "/individus")
    yield Bad("corps de plus de 5 Mo", raw(b" " * 5_000_001), 413)
    yield Bad("30 objets imbriqués", raw(b'{"a":' * 30 + b"1" + b"}" * 30), 400, "")
    yield Bad("200 000 listes imbriquées", raw(b"[" * 200_000), 400, "")
    yield Bad(
        "rang d'énumération hors de portée",
        sent(person(cej_situation_fiscale={"2024-11": 999})),
        422,
        f"{at}/cej_situation_fiscale/2024-11",
    )
    yield Bad("« 1+1 » en valeur", sent(person(salaire_net={"2024-10": "1+1"})), 422, wage)


def values() -> Iterator[Bad]:
    """Values, names and JSON that are wrong."""
    wage = "/individus/a/salaire_net/2024-10"
    yield Bad("variable inconnue", sent(person(salaire_nett={})), 422, "/individus/a/salaire_nett")
    yield Bad("entité inconnue", sent({"individu": {"a": {}}}), 422, "/individu")
    yield Bad("variable d'une autre entité", sent(person(rni={})), 422, "/individus/a/rni")
    yield Bad("personne inconnue", sent({**person(), "familles": {"f": {"parents": ["b"]}}}), 422)
    yield Bad("montant négatif", sent(person(salaire_net={"2024-10": -1})), 422, wage)
    yield Bad("montant de 10¹⁰", sent(person(salaire_net={"2024-10": 10**10})), 422, wage)
    yield Bad("30 février", sent(person(date_naissance={"ETERNITY": "2004-02-30"})), 422)
    yield Bad("NaN", raw(b'{"individus":{"a":{"salaire_net":{"2024-10":NaN}}}}'), 400, "")
    yield Bad("-Infinity", raw(b'{"individus":{"a":{"salaire_net":{"2024-10":-Infinity}}}}'), 400)
    yield Bad("1e999", raw(b'{"individus":{"a":{"salaire_net":{"2024-10":1e999}}}}'), 422, wage)
    yield Bad("entier de 5 000 chiffres", raw(b"9" * 5_000), 400, "")
    yield Bad("clé écrite deux fois", raw(b'{"individus":{"a":{},"a":{}}}'), 400, "")
    yield Bad("demi-caractère (\\ud800)", raw(b'{"individus":{"\\ud800":{}}}'), 400, "")
    yield Bad("caractère nul dans un nom", sent({"individus": {"a\0": {}}}), 422)
    yield Bad("latin-1", raw('{"individus":{"Inès":{}}}'.encode("latin-1")), 400, "")
    yield Bad("JSON tronqué", raw(b'{"individus":'), 400, "")
    yield Bad("corps vide", raw(b""), 400, "")
    yield Bad("null", raw(b"null"), 422, "")
    many = {str(rank): {} for rank in range(2_001)}
    yield Bad("2 001 personnes", sent({"individus": many}), 422, "/individus")
    months = {f"{2010 + rank // 12}-{rank % 12 + 1:02d}": None for rank in range(120)}
    yield Bad("121 mois demandés", sent(person(cej_eligibilite=months)), 422, "")


def addresses() -> Iterator[Bad]:
    """Addresses, parameters, methods and comparisons that are wrong."""
    yield Bad("sans mois", sent(person(), "/cej/explain"), 422)
    yield Bad("mois 13", sent(person(), "/cej/explain?month=2024-13"), 422, "")
    yield Bad("paramètre inconnu", sent(person(), f"/cej/explain{ABOUT}&persone=a"), 422, "")
    yield Bad(
        "personne absente", sent(person(), f"/cej/missing{ABOUT}&person=b"), 422, "/individus"
    )
    yield Bad("121 mois de suite", sent(person(), f"/cej/timeline{ABOUT}&months=121"), 422, "")
    yield Bad("courbe d'avant le droit", sent(person(), "/cej/curve?month=2021-11"), 422, "")
    yield Bad("courbe jusqu'à un million", sent(person(), f"/cej/curve{ABOUT}&max=1e6"), 422, "")
    yield Bad(
        "lot sans date de naissance",
        http("POST", "/cej/batch?months=2024-11", b"a\n1\n", Content_Type="text/csv"),
        422,
        "",
    )
    where = "/reform/parameters"
    yield Bad(
        "réforme d'un paramètre inconnu",
        reform({"parameters": {"montant_forfaitaire.general.mineurs": {}}}),
        422,
        f"{where}/montant_forfaitaire.general.mineurs",
    )
    yield Bad(
        "réforme sans date",
        reform({"parameters": {FORFAIT: 300}}),
        422,
        f"{where}/{FORFAIT}",
    )
    loop = "contrat_engagement_jeune.ressources.partiellement_deductibles.activite"
    yield Bad(
        "réforme qui tourne en rond",
        reform({"parameters": {loop: {"2024-01-01": ["cej_allocation"]}}}),
        422,
        f"{where}/{loop}/2024-01-01",
    )
    yield Bad(
        "réforme en Python", reform({"switches": ["__import__('os')"]}), 422, "/reform/switches/0"
    )
    yield Bad("réforme trop longue", reform({"title": "a" * 20_001}), 422, "/reform")
    yield Bad("adresse inconnue", http("GET", "/cej/nope"), 404)
    yield Bad("chemin qui remonte", http("GET", "/cej/docs/..%2f..%2fetc%2fpasswd"), 404)
    yield Bad("GET /calculate", http("GET", "/calculate"), 405)
    yield Bad("DELETE /variables", http("DELETE", "/variables"), 405)


def protocol() -> Iterator[Bad]:
    """What is no good HTTP, or asks for more than is served."""
    yield Bad("adresse de 9 000 caractères", http("GET", "/?nom=" + "a" * 9_000), 414)
    yield Bad("adresse de 200 000 caractères", http("GET", "/?nom=" + "a" * 200_000), 414)
    yield Bad("en-tête de 9 000 caractères", http("GET", "/", X="a" * 9_000), 431)
    yield Bad("100 en-têtes", http("GET", "/", **{f"X{rank}": "a" for rank in range(100)}), 431)
    yield Bad("ce n'est pas de l'HTTP", b"bonjour\r\n\r\n", 400)
    yield Bad("longueur négative", http("POST", "/calculate", Content_Length="-1"), 400)
    body = gzip.compress(json.dumps(person()).encode())
    zipped = http(
        "POST", "/calculate", body, Content_Type="application/json", Content_Encoding="gzip"
    )
    yield Bad("corps gzip", zipped, 415)
    head = b"POST /calculate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    chunked = head + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield Bad("morceau sans longueur", chunked + b"zz\r\n{}\r\n0\r\n\r\n", 400)
    yield Bad(
        "morceaux de plus de 5 Mo",
        chunked + b"5b8d80\r\n" + b" " * 6_000_000 + b"\r\n0\r\n\r\n",
        413,
    )


EVERY = [*ten_kinds(), *values(), *addresses(), *protocol()]
