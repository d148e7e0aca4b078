"""What every YAML case of the law says of itself."""

from collections.abc import Iterator

from health.common import ARTICLE, PARAMETERS, TESTS, files, read_cases, report


def yaml_tests() -> Iterator[tuple[str, dict]]:
    for file in files("*.yaml"):
        for case in read_cases(file):
            yield file.relative_to(TESTS).as_posix(), case


def test_yaml_tests_have_a_name_of_their_own_that_cites_the_law() -> None:
    offenders = []
    seen: dict[str, str] = {}
    for file, case in yaml_tests():
        name = str(case.get("name", ""))
        if len(name.split()) < 4:
            offenders.append(f"{file}: « {name} » is not a sentence")
        elif not ARTICLE.search(name):
            offenders.append(f"{file}: « {name} » cites no text")
        if name in seen:
            offenders.append(f"{file}: « {name} » is also in {seen[name]}")
        seen[name] = file
    report(offenders)


def test_topics_of_the_law_have_their_parameters_and_their_tests() -> None:
    """The three trees mirror each other: who holds an article finds all under the same name.

    A topic with much to prove has several files (`ressources_deductibles.yaml`), and a long name
    may be shortened (`complementaire_sante.yaml`).
    """
    topics = {
        path.name
        for path in (PARAMETERS / "contrat_engagement_jeune").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }
    tests = {path.stem for path in (TESTS / "contrat_engagement_jeune").iterdir()}
    report(
        [
            f"no test for the topic {topic}"
            for topic in topics
            if not any(test.startswith(topic) or topic.startswith(test) for test in tests)
        ]
    )
