"""Charts pass where their values say, in every frame."""

import re
from collections import defaultdict
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from openfisca_cej import charts


def drawn(chart: charts.Chart) -> Iterator[tuple[charts.Frame, dict[str, list[Element]]]]:
    """Each picture of a chart: its frame, and its elements by class."""
    for frame, picture in zip(charts.FRAMES.values(), chart.pictures, strict=True):
        found = defaultdict(list)
        for element in ElementTree.fromstring(picture).iter():
            found[element.get("class", element.text)].append(element)
        yield frame, found


def place(element: Element, name: str) -> float:
    return float(element.get(name))


def test_a_line_passes_where_its_values_say_and_jumps_between_its_pieces() -> None:
    pieces = (((0.0, 0.0), (10.0, 50.0)), ((10.0, 20.0), (20.0, 20.0)))
    series = [charts.Series("avant", "Avant", pieces, ((10.0, 50.0),))]
    for frame, found in drawn(charts.Lines("x", "t", "d", series, [(0.0, "0")], "euros")):
        first, last = (one.get("points").split() for one in found["trait avant"])
        (start, end), (jumped, flat) = (
            [tuple(map(float, point.split(","))) for point in line] for line in (first, last)
        )
        assert start == (frame.left, frame.height - frame.bottom)
        # Half way, and at the mark of 50, whose number is written four lower.
        assert end[0] == (frame.left + frame.width - frame.right) / 2
        assert end[1] == pytest.approx(place(found["50"][0], "y") - 4, abs=0.06)
        assert (jumped[0], flat) == (end[0], (frame.width - frame.right, jumped[1]))
        assert found["trait saut avant"][0].get("points") == f"{first[1]} {last[0]}"
        (dot,) = found["point avant"]
        assert (place(dot, "cx"), place(dot, "cy")) == end


def test_bars_go_up_and_down_from_zero_with_their_interval() -> None:
    values = [("a", 30.0, (20.0, 40.0)), ("b", -10.0, None)]
    for frame, found in drawn(charts.Bars("x", "t", "d", values, "euros")):
        (up,), (down,) = found["hausse"], found["baisse"]
        # From −10 to 40: fifty euros in the height of the frame.
        euro = (frame.height - frame.top - frame.bottom) / 50
        zero = place(found["axe"][0], "y1")
        assert zero == pytest.approx(frame.top + 40 * euro, abs=0.06)
        assert place(up, "y") == pytest.approx(zero - 30 * euro, abs=0.11)
        assert place(up, "height") == pytest.approx(30 * euro, abs=0.06)
        (whisker,) = found["moustache"]
        low, high = re.match(r"M[\d.]+ ([\d.]+)V([\d.]+)M", whisker.get("d")).groups()
        assert float(low) == pytest.approx(zero - 20 * euro, abs=0.11)
        assert float(high) == pytest.approx(zero - 40 * euro, abs=0.11)
        assert place(down, "y") == zero
        assert place(down, "height") == pytest.approx(10 * euro, abs=0.06)


def test_shares_of_a_group_stand_side_by_side_under_its_name_and_a_secret_is_an_empty_bar() -> None:
    long = "Un nom qui ne tient pas sur une seule ligne d'un téléphone, et de loin"
    groups = [(long, [("gagnant", 0.25), ("perdant", 0.75)]), ("b", None)]
    stacked = charts.Stacked("x", "t", "d", groups, lambda shares: f"{len(shares)} parts", [])
    for frame, found in drawn(stacked):
        # 320 ÷ 7.8 = 41 letters a line, 720 ÷ 7.8 = 92: 70 letters take two lines, or one.
        lines = 2 if frame.width == 320 else 1
        assert len(found["fort"]) == lines + 1
        (gain,), (loss,), (_, secret) = found["gagnant"], found["perdant"], found["secret"]
        assert place(gain, "x") == 0
        assert place(loss, "x") == frame.width / 4
        assert place(gain, "y") == place(loss, "y") == 34 + 16 * (lines - 1)
        assert place(secret, "y") == place(gain, "y") + 56.5
        assert "2 parts" in found


def test_large_amounts_are_counted_in_millions():
    assert charts.unit_of([2.5e6], "euros") == (1e6, "millions d’euros")
    assert charts.unit_of([3e4], "personnes") == (1e3, "milliers de personnes")
    assert charts.unit_of([500.0], "euros par mois") == (1, "euros par mois")
