"""The watch: known changes of the law are found, and nothing else."""

import datetime
import functools
import json
import stat
import tarfile
from pathlib import Path

import dated_values
import pytest
from click.testing import CliRunner

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.cli import main
from openfisca_cej.droit import veille

OLDER = Path(__file__).with_name("index_2025-05-28.json")
CODE = "LEGITEXT000006072050.json"
TODAY = "2026-08-20"
# Before the SMIC of June 2026, that of Mayotte was checked.
QUIET = "2026-05-31"

# The decree of 30 May 2025, in force on 1 June 2025 (décret 2025-478).
REPEALED = ["R5131-14", "R5131-17", "R5131-18"]
CHANGED = [f"R5412-{number}" for number in ("1", "4", "5", "6", "7", "7-1")]
CREATED = [f"R5412-{number}" for number in ("2", "3", "3-1", "3-2", "3-3", "3-4")]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def run(*arguments: str):
    return CliRunner().invoke(main, ["law", "watch", *map(str, arguments)])


def told(*arguments: str) -> dict:
    return json.loads(run(*arguments, "--format", "json").stdout)


def subjects(answer: dict, kind: str) -> list[str]:
    return [one["subject"] for one in answer["findings"] if one["kind"] == kind]


def drift(answer: dict) -> list[dict]:
    """What the index says of articles: neither its age nor the values to check."""
    others = ("index ancien", "à revérifier")
    return [one for one in answer["findings"] if one["kind"] not in others]


def extract() -> dict:
    return json.loads(veille.EXTRACT.read_text(encoding="utf-8"))


def saved(path: Path, content: dict) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def july_2026() -> dict:
    """The extract as it became with the version of R5131-22 of 1 July 2026."""
    content = extract() | {"day": "2026-07-02"}
    row = content["articles"]["R5131-22"]
    row["id"] = "LEGIARTI000054167633"
    row["dates"][-1][2] = "2026-06-30"
    row["dates"].append(["LEGIARTI000054167633", "2026-07-01", None])
    return content


# --- Against the register -------------------------------------------------------------------------


def test_the_extract_of_the_package_agrees_with_the_register() -> None:
    assert drift(told("--today", TODAY)) == []
    result = run("--today", QUIET)
    assert result.exit_code == 0
    assert "Rien à regarder." in result.output


def test_the_repeals_of_june_2025_are_found_by_a_register_that_stops_before() -> None:
    answer = told("--register-on", "2025-05-31", "--today", TODAY)
    assert subjects(answer, "abrogé") == REPEALED
    assert subjects(answer, "modifié") == CHANGED
    assert subjects(answer, "nouveau") == CREATED
    assert len(drift(answer)) == 15
    result = run("--register-on", "2025-05-31", "--today", QUIET)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert any(line.startswith("- abrogé : R5131-17 n'est plus dans le code") for line in lines)
    assert any(line.startswith("- nouveau : R5412-2 ") for line in lines)


def test_the_version_of_july_2026_is_found_by_a_register_that_stops_before(tmp_path) -> None:
    index = saved(tmp_path / "juillet.json", july_2026())
    answer = told("--index", index, "--register-on", "2026-06-30", "--today", TODAY)
    (found,) = drift(answer)
    assert (found["kind"], found["subject"]) == ("modifié", "R5131-22")
    assert "LEGIARTI000054167633, à partir du 01/07/2026" in found["sentence"]
    assert found["link"].endswith("LEGIARTI000054167633")
    assert drift(told("--index", index, "--today", TODAY)) == []


def test_an_older_index_is_no_drift_and_the_later_changes_are_named() -> None:
    answer = told("--index", OLDER, "--today", TODAY)
    assert drift(answer) == []
    assert answer["index_day"] == "2025-05-28"
    known = next(remark for remark in answer["remarks"] if "postérieurs" in remark)
    named = {name.strip(" .") for name in known.split(":")[1].split(",")}
    assert named == {*REPEALED, *CHANGED, *CREATED, "R5131-22"}


def test_an_index_too_old_to_show_a_change_is_itself_something_to_look_at() -> None:
    recent, old = (str(day(extract()["day"]) + datetime.timedelta(days=age)) for age in (183, 184))
    assert subjects(told("--today", recent), "index ancien") == []
    (found,) = [one for one in told("--today", old)["findings"] if one["kind"] == "index ancien"]
    assert "184 jours" in found["sentence"]
    assert "--fetch" in found["sentence"]
    # From 28 May 2025 to 31 May 2026: 368 days; nothing else is to be looked at.
    result = run("--index", OLDER, "--today", QUIET)
    assert result.exit_code == 1
    assert "- index ancien : l'index a 368 jours" in result.output
    assert "1 à regarder." in result.output


def test_an_article_in_force_in_the_older_index_is_missed_if_it_goes(tmp_path) -> None:
    content = json.loads(OLDER.read_text(encoding="utf-8"))
    del content["articles"]["R5131-18"]
    answer = told("--index", saved(tmp_path / "x.json", content), "--today", TODAY)
    (found,) = drift(answer)
    assert (found["kind"], found["subject"]) == ("abrogé", "R5131-18")


def expiring(tmp_path, end: str) -> Path:
    content = json.loads(OLDER.read_text(encoding="utf-8"))
    content["articles"]["R5131-17"]["dates"][-1][2] = end
    return saved(tmp_path / "fin.json", content)


def test_an_end_that_is_announced_and_near_is_told(tmp_path) -> None:
    index = expiring(tmp_path, "2025-05-31")
    answer = told("--index", index, "--register-on", "2025-05-28", "--today", "2025-05-28")
    (found,) = [one for one in answer["findings"] if one["kind"] == "expire"]
    assert found["subject"] == "R5131-17"
    assert "jusqu'au 31/05/2025" in found["sentence"]
    assert subjects(told("--index", index, "--today", "2025-05-28"), "expire") == []


def test_an_end_that_is_far_is_not_told_yet(tmp_path) -> None:
    index = expiring(tmp_path, "2026-01-01")
    arguments = ("--index", index, "--register-on", "2025-05-28")
    # 183 days before 1 January 2026: 2 July 2025.
    assert subjects(told(*arguments, "--today", "2025-07-01"), "expire") == []
    assert subjects(told(*arguments, "--today", "2025-07-02"), "expire") == ["R5131-17"]


def test_an_identifier_that_was_replaced_for_the_same_days_is_found(tmp_path) -> None:
    """As R5412-3, consolidated late under another identifier."""
    content = extract()
    row = content["articles"]["R5131-20"]
    row["id"] = row["dates"][0][0] = "LEGIARTI000099999999"
    answer = told("--index", saved(tmp_path / "x.json", content), "--today", TODAY)
    assert subjects(answer, "modifié") == ["R5131-20"]


def test_an_article_comes_back_after_its_repeal(tmp_path) -> None:
    content = extract()
    dates = [["LEGIARTI000099999999", "2026-03-01", None]]
    content["articles"]["R5131-17"] = {"id": dates[0][0], "section": True, "dates": dates}
    answer = told("--index", saved(tmp_path / "x.json", content), "--today", TODAY)
    assert subjects(answer, "modifié") == ["R5131-17"]


def test_a_new_article_counts_only_in_the_section(tmp_path) -> None:
    content = extract()
    dates = [["LEGIARTI000099999999", "2026-01-01", None]]
    for number, inside in (("R5131-27", True), ("R5411-99", False)):
        content["articles"][number] = {"id": dates[0][0], "section": inside, "dates": dates}
    answer = told("--index", saved(tmp_path / "x.json", content), "--today", TODAY)
    assert [(one["kind"], one["subject"]) for one in drift(answer)] == [("nouveau", "R5131-27")]


# --- Reading, fetching, writing -------------------------------------------------------------------


def moment(text: str) -> int:
    return (day(text) - day("1970-01-01")).days * 86_400_000


def whole_code(versions: list[tuple[str, str, str]]) -> dict:
    """A code as the npm package has it, with one article in the section and one outside."""
    article = {
        "type": "article",
        "data": {
            "num": "R5131-22",
            "id": versions[-1][0],
            "articleVersions": [
                {"id": name, "dateDebut": moment(first), "dateFin": moment(end)}
                for name, first, end in versions
            ],
        },
    }
    elsewhere = {"type": "article", "data": {"num": "R1111-1", "id": "x", "articleVersions": []}}
    section = {"type": "section", "data": {"title": f"Section 3 : {veille.SECTIONS[0]}"}}
    return {
        "type": "code",
        "data": {"cid": "LEGITEXT000006072050", "dateDebutVersion": "2026-07-02"},
        "children": [section | {"children": [article]}, elsewhere],
    }


VERSIONS = [
    ("LEGIARTI000045207433", "2022-03-01", "2026-07-01"),
    ("LEGIARTI000054167633", "2026-07-01", "2999-01-01"),
]


def test_the_whole_code_is_read_as_its_extract(tmp_path) -> None:
    index = veille.read(saved(tmp_path / CODE, whole_code(VERSIONS)))
    assert index.day == day("2026-07-02")
    assert list(index.articles) == ["R5131-22"]
    listed = index.articles["R5131-22"]
    assert listed.in_section
    assert listed.versions == (
        ("LEGIARTI000045207433", day("2022-03-01"), day("2026-06-30")),
        ("LEGIARTI000054167633", day("2026-07-01"), None),
    )
    (tmp_path / "extrait.json").write_text(veille.text(index), encoding="utf-8")
    assert veille.read(tmp_path / "extrait.json") == index


def test_an_extract_is_written_by_the_command(tmp_path) -> None:
    target = tmp_path / "extrait.json"
    assert run("--today", QUIET, "--extract", target).exit_code == 0
    assert target.read_text(encoding="utf-8") == veille.EXTRACT.read_text(encoding="utf-8")


def extract_with(**changes) -> str:
    """An extract of one article, changed."""
    row = {"id": "LEGIARTI000045207433", "section": True, "dates": []} | changes
    return json.dumps({"source": "x", "day": "2026-01-01", "articles": {"R5131-22": row}})


def whole_with_start(moment: int) -> str:
    """A whole code whose article begins at a moment (milliseconds) that is no day."""
    code = whole_code(VERSIONS)
    article = code["children"][0]["children"][0]["data"]
    article["articleVersions"][0]["dateDebut"] = moment
    return json.dumps(code)


def test_what_is_not_watched_is_told() -> None:
    unwatched = told("--today", TODAY)["unwatched"]
    assert {"article 197 du code général des impôts", "arrêté du 22 mai 2026"} <= set(unwatched)
    # Texts whose paragraphs are in the register and whose versions are not.
    assert [title for title in unwatched if "code du travail" in title] == [
        "article L5411-1 du code du travail"
    ]
    assert {
        "circulaire DGEFP/MAJE/2022/45 du 21 février 2022",
        "article 12 du décret n° 2025-478 du 30 mai 2025",
    } < set(unwatched)
    assert len(set(unwatched)) == len(unwatched)
    last = run("--today", TODAY).stdout.splitlines()[-1]
    assert last.startswith(f"{len(unwatched)} textes du registre ne sont pas surveillés")
    assert all(title in last for title in unwatched)


@pytest.mark.parametrize(
    "content",
    [
        "pas du JSON",
        "[]",
        "{}",
        '{"type": "code", "data": {"cid": "LEGITEXT000006073189"}}',
        '{"source": "x", "day": "hier", "articles": {}}',
        '{"source": "x", "day": "2026-01-01", "articles": {"R5131-22": {}}}',
        extract_with(id=5),
        extract_with(dates=[[5, "2022-03-01", None]]),
        extract_with(dates=[["LEGIARTI000045207433", None, None]]),
        '{"type": "code", "data": {"cid": "LEGITEXT000006072050"}, "children": ' + 9999 * "[",
        whole_with_start(10**30),
    ],
)
def test_a_file_that_is_no_index_is_refused(tmp_path, content: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content, encoding="utf-8")
    result = run("--index", file, "--extract", tmp_path / "sortie.json")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{file}: not an index of the code")
    assert not (tmp_path / "sortie.json").exists()


def fake_npm(folder: Path, script: str) -> None:
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def bin_folder(monkeypatch, tmp_path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")
    return folder


def packed(tmp_path, name: str, content: dict) -> Path:
    archive = tmp_path / "socialgouv-legi-data-9.9.9.tgz"
    with tarfile.open(archive, "w:gz") as files:
        files.add(saved(tmp_path / "code.json", content), f"package/data/{name}")
    return archive


def test_the_newest_index_is_fetched_with_npm(bin_folder, tmp_path) -> None:
    archive = packed(tmp_path, CODE, whole_code(VERSIONS))
    # npm pack NAME --silent --pack-destination FOLDER
    fake_npm(bin_folder, f'test "$1 $2" = "pack @socialgouv/legi-data" && cp {archive} "$5"')
    answer = told("--fetch", "--today", TODAY)
    assert answer["index"] == "npm socialgouv-legi-data-9.9.9"
    # All that the register holds in force and that this one-article code lacks.
    assert "R5131-22" not in subjects(answer, "abrogé")
    assert "R5131-20" in subjects(answer, "abrogé")


def test_a_package_that_no_longer_moves_is_told(bin_folder, tmp_path) -> None:
    """The newest package may be as old as the extract: fetching it again is no remedy."""
    archive = packed(tmp_path, CODE, whole_code(VERSIONS))
    fake_npm(bin_folder, f'cp {archive} "$5"')
    answer = told("--fetch", "--today", "2027-03-31")
    (found,) = [one for one in answer["findings"] if one["kind"] == "index ancien"]
    assert found["subject"] == "npm socialgouv-legi-data-9.9.9"
    # From 2 July 2026 to 31 March 2027.
    assert "272 jours" in found["sentence"]
    assert "le paquet npm n'a rien de plus récent" in found["sentence"]
    assert "--fetch" not in found["sentence"]
    assert subjects(told("--fetch", "--today", "2026-12-31"), "index ancien") == []


def test_npm_that_fails_is_told(bin_folder) -> None:
    fake_npm(bin_folder, "echo 'npm error network' >&2; exit 7")
    result = run("--fetch")
    assert result.exit_code == 2
    assert "could not fetch @socialgouv/legi-data (npm error network)" in result.stderr
    assert "--index FILE" in result.stderr


def test_npm_that_is_absent_is_told(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("--fetch")
    assert result.exit_code == 2
    assert "npm is not installed" in result.stderr


def test_a_package_without_the_code_is_told(bin_folder, tmp_path) -> None:
    archive = packed(tmp_path, "autre.json", whole_code(VERSIONS))
    fake_npm(bin_folder, f'cp {archive} "$5"')
    result = run("--fetch")
    assert result.exit_code == 2
    assert "is not as expected" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--today", "hier"), "--today: « hier » is not a date"),
        (("--register-on", "2025-13-01"), "--register-on: « 2025-13-01 » is not a date"),
        (("--fetch", "--index", str(OLDER)), "keep one"),
        (("--index", "/nulle/part.json"), "does not exist"),
        (("--extract", "/nulle/part.json"), "/nulle/part.json: No such file or directory."),
    ],
)
def test_wrong_usage_has_status_2(arguments, said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


# --- Parameters -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def system() -> CountryTaxBenefitSystem:
    return CountryTaxBenefitSystem()


def unchecked(system, on: str) -> set[str]:
    return {found.subject for found in veille.outdated(system, day(on))}


SMIC = "marche_travail.salaire_minimum.smic.smic_b_mensuel"
MAYOTTE = "contrat_engagement_jeune.ressources.degressivite.smic_mayotte"
GARANTIE = "contrat_engagement_jeune.garantie_jeunes.montant"

#: Until when the SMIC was checked, and the first 1 January or 1 April after.
CHECKED = str(dated_values.node(SMIC).metadata["last_value_still_valid_on"])
OUTDATED = next(
    first
    for year in (int(CHECKED[:4]), int(CHECKED[:4]) + 1)
    for first in (f"{year}-01-01", f"{year}-04-01")
    if first > CHECKED
)


def written(date: str) -> str:
    """A day as the watch writes it."""
    return "/".join(reversed(date.split("-")))


def test_values_are_outdated_from_the_next_first_of_january_or_april(system) -> None:
    """All were checked (what the garantie jeunes rests on, as long as it could last)."""
    assert unchecked(system, TODAY) == set()
    before = str(day(OUTDATED) - datetime.timedelta(days=1))
    assert unchecked(system, before).isdisjoint({SMIC, MAYOTTE})
    assert {SMIC, MAYOTTE} <= unchecked(system, OUTDATED)
    later = day(OUTDATED) + datetime.timedelta(days=80)
    found = next(one for one in veille.outdated(system, later) if one.subject == SMIC)
    assert f"depuis le {written(CHECKED)}" in found.sentence
    assert f"le {written(OUTDATED)}" in found.sentence


def test_the_smic_of_mayotte_is_to_be_checked_once_the_smic_has_moved(system, monkeypatch) -> None:
    """The SMIC moved on 1 June 2026: as if that of Mayotte had been checked the day before."""
    mayotte = functools.reduce(getattr, MAYOTTE.split("."), system.parameters)
    monkeypatch.setitem(mayotte.metadata, "last_value_still_valid_on", "2026-05-31")
    assert MAYOTTE not in unchecked(system, "2026-05-31")
    (found,) = veille.outdated(system, day("2026-06-01"))
    assert found.subject == MAYOTTE
    assert "depuis le 31/05/2026" in found.sentence
    assert "le 01/06/2026" in found.sentence


def test_values_whose_paragraphs_have_all_ended_are_not(system) -> None:
    assert GARANTIE not in unchecked(system, OUTDATED)


def test_status_is_1_as_soon_as_a_value_is_outdated() -> None:
    result = run("--today", OUTDATED)
    assert result.exit_code == 1
    assert f"{SMIC} n'a pas été vérifié depuis le {written(CHECKED)}" in result.output
