from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

from steward.audio.wake import Word
from steward.lab.wake import report
from steward.lab.wake.network import Point
from steward.lab.wake.thresholds import Heard, choose
from steward.lab.wake.train import Trained


def test_the_report_says_what_was_measured(tmp_path: Path) -> None:
    heard = Heard((5.0, 5.0, 5.0, -2.0), (-3.0,) * 5, (-1.0, -1.5), 1.0)
    chosen = choose(heard, False, 0.5, 0.1)
    word = Word(name="jarvis", phrases=("Jarvis",), first=0.1, second=chosen.second)
    curve = tuple(Point(n, 1 / n, 2 / n, 0.1) for n in (1, 2, 3))
    trained = Trained(word, chosen, curve, curve, {"wake": 4, "near": 5, "other": 2}, 90.0)
    report.write(trained, tmp_path)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    # 1 of 4: Wilson's interval; none in an hour: at most 3.
    assert "missed 25.0% (4.6% to 69.9%) of 4 wakes" in text
    assert "false wakes: 0 in 1.00 h of speech, so at most 3.0 an hour" in text
    whole = json.loads((tmp_path / "report.json").read_text())
    assert whole["chosen"]["bound"] == chosen.bound
    assert whole["word"]["second"] == chosen.second
    picture = ET.fromstring((tmp_path / "curve.svg").read_text())
    assert len(picture.findall(".//{*}polyline")) == 6
