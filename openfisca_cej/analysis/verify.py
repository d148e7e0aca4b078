"""Redo a run from its run.json, and say what differs: versions, law, reform, input, outputs."""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_cej.analysis import compare, recorded, sources, writing, years, years_record
from openfisca_cej.population import assumptions as named_assumptions
from openfisca_cej.population import jobs, manifest, parts, run
from openfisca_cej.population.frames import asked_months
from openfisca_cej.population.long_format import read_long, whole
from openfisca_cej.population.schema import Others
from openfisca_cej.reforms import InvalidReform
from openfisca_cej.reforms import reform as read_reform
from openfisca_cej.refusals import BadRequest

#: Fields of a manifest that are compared apart, not as a whole.
APART = ("versions", "input", "outputs", "parts", "results", "sha256", "remarks", "defaults")

#: What a check found.
SAME, DIFFERENT, UNKNOWN = "identique", "différent", "non vérifié"


@dataclass(frozen=True)
class Check:
    """One thing that was checked: before (in the manifest), now, and the verdict.

    ``essential``: outputs cannot be said to be redone if it differs; versions of the tools may
    differ without harm.
    """

    name: str
    verdict: str
    before: str = ""
    now: str = ""
    essential: bool = True


@dataclass(frozen=True)
class Verification:
    """All the checks of a run. ``redone``: whether it could be computed again, else ``why``."""

    command: str
    checks: tuple[Check, ...]
    redone: bool
    why: str = ""

    @property
    def verified(self) -> bool:
        """Whether the outputs were redone, all the same."""
        essential = [check for check in self.checks if check.essential]
        return self.redone and all(check.verdict == SAME for check in essential)


def verify(
    path: Path,
    population: Path | None = None,
    attributes: Path | None = None,
    report: writing.Reporter | None = None,
    advance: Callable[[int], None] = lambda person_months: None,
    monthly: Path | None = None,
) -> Verification:
    """Redo the run of a manifest (of ``compare`` or of ``simulate``).

    ``population`` (``attributes``, ``monthly``) say where the input is now, if not where it was.
    Raises BadRequest when the file is no manifest of a run, CannotRake when too few persons are
    asked for, InvalidInput, OSError.
    """
    content = recorded.read(path)
    command = content.get("command", "simulate")
    checks = [*versions(content), *outputs_there(content, path.parent)]
    if not compare.is_verifiable(content["reform"]):
        why = _("the reform is code of Python, which run.json cannot make again")
        checks.append(Check("reform", UNKNOWN, now=why))
        return Verification(command, tuple(checks), False, why)
    try:
        reform = reform_of(content)
    except InvalidReform as error:
        checks.append(Check("reform", DIFFERENT, now=str(error)))
        return Verification(command, tuple(checks), False, str(error))
    checks.append(same_reform(content["reform"], reform))
    if command == recorded.OF_YEARS:
        checks.append(years_again(content, reform))
        return Verification(command, tuple(checks), True)
    try:
        files = input_files(content["input"], population, attributes, monthly)
    except BadRequest as error:
        checks.append(Check("input", UNKNOWN, now=str(error)))
        return Verification(command, tuple(checks), False, str(error))
    checks += [Check(f"input {name}", *told) for name, told in files.compared.items()]
    try:
        if command == recorded.COMMAND:
            checks += compared_again(content, reform, files, report, advance)
        else:
            checks += simulated_again(content, reform, files, advance)
    except run.Incomplete as error:
        checks.append(Check("results", UNKNOWN, now=str(error)))
        return Verification(command, tuple(checks), False, str(error))
    return Verification(command, tuple(checks), True)


def versions(content: dict[str, Any]) -> list[Check]:
    """What computed, then and now: the model is essential, the tools are not."""
    now = manifest.environment()
    before = content["versions"]
    checks = [
        verdict(f"version {name}", before.get(name, ""), now[name], name == "model_sha256")
        for name in now
    ]
    if "parameters_sha256" in content:
        hashes = content["parameters_sha256"], writing.parameters_hash()
        checks.append(verdict("parameters", *hashes))
    return checks


def verdict(name: str, before: Any, now: Any, essential: bool = True) -> Check:
    """Whether a value is still the same."""
    same = SAME if before == now else DIFFERENT
    return Check(name, same, str(before), str(now), essential)


def outputs_there(content: dict[str, Any], folder: Path) -> list[Check]:
    """Whether the outputs beside the manifest are those that were written."""
    checks = []
    for name, sha256 in outputs_of(content).items():
        file = folder / name
        if file.is_file():
            checks.append(verdict(f"file {name}", sha256, manifest.file_hash(file)))
        else:
            checks.append(Check(f"file {name}", UNKNOWN, sha256, "absent"))
    return checks


def outputs_of(content: dict[str, Any]) -> dict[str, str]:
    """The outputs by name, with their hashes."""
    if "outputs" in content:
        return content["outputs"]
    if "sha256" in content:
        return {content["results"]: content["sha256"]}
    told = content.get("parts", [])
    single = len(told) == 1 and told[0]["file"] == content["results"]
    prefix = "" if single else f"{content['results']}/"
    return {f"{prefix}{part['file']}": part["sha256"] for part in told}


def reform_of(manifest_content: dict[str, Any]) -> Any:
    """The reform of a manifest, made again with its words. Raises InvalidReform."""
    told = manifest_content["reform"]
    if told is None:
        return None
    words = {
        "title": manifest_content.get("reform_title") or told["name"],
        "description": manifest_content.get("reform_description", ""),
    }
    return read_reform({**told["content"], **words})


def same_reform(content: dict[str, Any] | None, reform: Any) -> Check:
    """Whether the reform says the same once read by this version."""
    again = manifest.reform_content(reform)
    before, now = (None if told is None else told["content"] for told in (content, again))
    hashes = writing.content_hash(before), writing.content_hash(now)
    return verdict("reform", *hashes)


# The input.


@dataclass(frozen=True)
class Files:
    """Where the input is, and its files then and now; no path: a synthetic population."""

    told: Any
    path: Path | None
    attributes: Path | None
    monthly: Path | None
    compared: dict[str, tuple[str, str, str]]


def hashes(path: Path, monthly: bool) -> dict[tuple[str, bool], str]:
    """The hash of each file of a source, by its name and whether it holds months."""
    return {(part.name, monthly): manifest.file_hash(part) for part, _ in parts.part_files(path)}


def input_files(
    told: Any, population: Path | None, attributes: Path | None, monthly: Path | None
) -> Files:
    """The input of a manifest. Raises BadRequest when it cannot be found."""
    if isinstance(told, dict):
        return Files(told, None, None, None, {})
    if not isinstance(told, list):
        raise BadRequest(_("the data were in memory: run.json does not have them"))
    main = [file for file in told if not (file.get("attributes") or file.get("monthly"))]
    beside = [file for file in told if file.get("attributes")]
    months = [file for file in told if file.get("monthly")]
    path = population or place_of(main)
    if path is None or not path.exists():
        raise BadRequest(_("the input is no longer where it was: say where with --population"))
    if beside and attributes is None:
        attributes = place_of(beside)
        if attributes is None or not attributes.exists():
            raise BadRequest(_("the attributes are no longer where they were: --attributes"))
    if months and monthly is None:
        monthly = place_of(months)
        if monthly is None or not monthly.exists():
            raise BadRequest(_("the months are no longer where they were: --monthly"))
    now = hashes(path, False) | (hashes(monthly, True) if monthly else {})
    if attributes is not None:
        now[attributes.name, False] = manifest.file_hash(attributes)
    compared = {}
    for file in told:
        name = Path(file["file"]).name
        among = now.get((name, bool(file.get("monthly"))), "")
        found = among if len(told) > 1 else next(iter(now.values()))
        same = SAME if found == file["sha256"] else DIFFERENT
        compared[name] = (same, file["sha256"], found)
    return Files(told, path, attributes, monthly, compared)


def place_of(files: Sequence[dict[str, Any]]) -> Path | None:
    """Where the files were: the file, or the folder of several."""
    places = [Path(file["path"]) for file in files if "path" in file]
    if not places:
        return None
    # A part of a folder is named « folder/part », or « folder/column=value/part ».
    deep = files[0]["file"].count("/")
    return places[0].parents[deep - 1] if deep else places[0]


# Again.


def compared_again(
    content: dict[str, Any],
    reform: Any,
    files: Files,
    report: writing.Reporter | None,
    advance: Callable[[int], None],
) -> list[Check]:
    """The outputs of a comparison, computed again."""
    told = content["options"]
    asked = compare.options(content["months"], **{name: told[name] for name in recorded.OPTIONS})
    if files.path is None:
        origin = universe_of(files.told)
    else:
        origin = sources.of_files(files.path, files.attributes, files.monthly)
    comparison = compare.compared(reform, origin, asked, compare.Means(advance=advance))
    with tempfile.TemporaryDirectory(prefix="openfisca-cej-") as folder:
        writing.write(comparison, Path(folder) / "again", report)
        again = manifest.read_json(Path(folder) / "again" / manifest.NAME)
    return [*same_fields(content, again), *same_results(content, again)]


def same_fields(content: dict[str, Any], again: dict[str, Any]) -> list[Check]:
    """Whether the manifest says what the one of the same run, redone, says.

    The versions, the input and the outputs are compared apart, name by name.
    """
    names = [name for name in dict.fromkeys([*content, *again]) if name not in APART]
    checks = [field(name, content.get(name), again.get(name)) for name in names]
    files = (content["input"], again["input"])
    checks.append(field("input", *(of_input(told) for told in files)))
    unknown = sorted(set(content["versions"]) - set(again["versions"]))
    checks += [verdict(f"version {name}", content["versions"][name], "") for name in unknown]
    return checks


def field(name: str, before: Any, now: Any) -> Check:
    """Whether a field of the manifest is still the same; long ones are told by their hash."""
    same = SAME if before == now else DIFFERENT
    if len(f"{before}{now}") > 100:
        before, now = writing.content_hash(before), writing.content_hash(now)
    return Check(f"run.json {name}", same, str(before), str(now))


def of_input(told: Any) -> Any:
    """What the manifest says of the input, but where it was and how it was named."""
    if not isinstance(told, list):
        return told
    return [{key: file[key] for key in file if key not in ("file", "path")} for file in told]


def same_results(content: dict[str, Any], again: dict[str, Any]) -> list[Check]:
    """Whether the outputs are those of the same run, redone: all of them, and no other."""
    before, now = outputs_of(content), outputs_of(again)
    names = dict.fromkeys([*before, *now])
    return [
        verdict(f"result {name}", before.get(name, "not in run.json"), now.get(name, "not written"))
        for name in names
    ]


def universe_of(told: dict[str, Any]) -> sources.Origin:
    """The synthetic universe of a manifest. Raises BadRequest."""
    names = ("universe", "region", "year", "size", "seed")
    asked: dict[str, Any] = {name: told[name] for name in names}
    asked |= {name: told[name] for name in sources.DRAWN_FOR if name in told}
    return sources.of_universe(**asked, assumptions=given_in(told))


def given_in(told: dict[str, Any]) -> dict[str, Any]:
    """The assumptions of a synthetic population of a manifest. Raises BadRequest."""
    try:
        return named_assumptions.replaced(told["assumptions"], manifest.NAME)
    except named_assumptions.BadAssumptions as error:
        raise BadRequest(str(error)) from None


def years_again(content: dict[str, Any], reform: Any) -> Check:
    """The rows of a table of years, computed again."""
    found = list(years.table(reform, content["annees"], years_record.asked_in(content)))
    text = years_record.table_text(found)
    (before,) = content["outputs"].values()
    now = hashlib.sha256(text.encode()).hexdigest()
    return verdict(f"result {years_record.TABLE}", before, now)


def simulated_again(
    content: dict[str, Any],
    reform: Any,
    files: Files,
    advance: Callable[[int], None],
) -> list[Check]:
    """The outputs of a simulation, computed again."""
    window = asked_months(content["months"])
    months = range(window[0], window[-1] + 1)
    names = ("variables", "layout", "format")
    how: dict[str, Any] = {name: content[name] for name in names}
    others = Others(tuple(content.get("keep", ())), bool(content.get("ignore_unknown")))
    with tempfile.TemporaryDirectory(prefix="openfisca-cej-") as folder:
        out = Path(folder) / "again"
        if files.path is None:
            embedded_again(files.told, months, how | {"reform": reform}, out, advance)
        elif files.monthly is not None:
            long_again(files, months, how | {"reform": reform, "others": others}, out, advance)
        elif len(content.get("parts", [])) or "sha256" not in content:
            how |= {"reform": reform, "others": others}
            run.run(files.path, months, out, resume=False, advance=advance, **how)
        else:
            why = _("the long format is not redone: only its files are checked")
            return [Check("results", UNKNOWN, now=why)]
        again = manifest.read_json(out / manifest.NAME)
    return [*same_fields(content, again), *same_results(content, again)]


def long_again(
    files: Files,
    months: range,
    how: dict[str, Any],
    out: Path,
    advance: Callable[[int], None],
) -> None:
    """The persons of the long format, simulated again."""
    assert files.path is not None
    assert files.monthly is not None
    plan, persons, rows = jobs.run_plan(months, **how), whole(files.path), whole(files.monthly)
    population = read_long(persons, rows, plan.system, months, others=plan.others)
    told = run.files_of_both(persons, rows)
    run.write_population(population, plan, out, told, advance)


def embedded_again(
    told: dict[str, Any],
    months: range,
    how: dict[str, Any],
    out: Path,
    advance: Callable[[int], None],
) -> None:
    """The embedded population, simulated again."""
    from openfisca_cej.population import synthetic
    from openfisca_cej.systems import model

    population = synthetic.entrants(model(), told["seed"], given_in(told))
    plan = jobs.run_plan(months, **how)
    run.write_population(population, plan, out, told, advance)
