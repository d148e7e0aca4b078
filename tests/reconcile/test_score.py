"""Facts hidden from persons of the embedded population are found: see ``make reconcile``."""

from reconcile.score import Score, cases, held


def test_nine_single_facts_in_ten_are_in_the_first_group():
    score = Score()
    for _, hidden, answer in cases(12, 1, amounts=False):
        score.add(hidden[0], answer, hidden)
    assert sum(score.asked.values()) == 12
    assert score.share() >= 0.9


def test_an_amount_that_was_hidden_is_solved_for():
    for person, hidden, answer in cases(2, 1, amounts=True):
        assert held(hidden[0], person, answer)
