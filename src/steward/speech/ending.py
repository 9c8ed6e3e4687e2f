"""When has somebody finished speaking? A pure machine over voice activity and the meaning so far.

A pause alone cannot tell: people halt longer inside a read sentence than they should have to wait
after a command. So the pause that ends a turn depends on what was said before it. After a whole
command it is as short as the voice activity allows; after "turn on the" somebody is thinking; and
where the words tell nothing, whoever has spoken for long, or halted for long before, may again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from steward.hearing import NOBODY, Completeness
from steward.speech.activity import ENTER, LEAVE, RATE, WINDOW

STEP = WINDOW / RATE
"""Seconds of one window."""
FINISHED = 3 * STEP
"""Seconds without speech that end a turn after a whole command. The first window without speech is
about 90 ms behind the last sound, so that this makes about 160 ms of silence."""
UNSURE, UNSURE_MOST = 1.0, 2.0
"""After words that tell nothing: for a short turn, and at most for one that has gone on."""
PATIENCE = 0.15
"""How much longer a second of speech beyond the first two makes that pause, in seconds."""
HALTING = 1.5
"""Who halted before may halt so much longer again."""
OPEN = 2.2
"""After words that something must follow."""
KEPT = 31
"""Windows that are remembered while nobody speaks: one second."""
LONGEST = 60.0
"""Seconds of a turn; what goes on longer is a television."""
RESIDUE = 13
"""Windows after a wake word, 0.4 s, in which a voice that halts may be that of the word."""
_CLICK = 3
"""Windows of speech that begin a turn."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What has been heard of a turn, counted in windows.

    `voiced` is how many held speech, `pause` how many have not since the last that did, `halt` the
    longest such pause inside the turn, `said` the window after the last that held speech. Of the
    silence before a turn only the last second counts; `skipped` are the windows before that.
    In the first `residue` windows somebody else's end may be heard: that of a wake word.
    """

    heard: int = 0
    voiced: int = 0
    pause: int = 0
    halt: int = 0
    said: int = 0
    skipped: int = 0
    residue: int = 0

    @property
    def begun(self) -> bool:
        """Whether somebody has spoken, longer than a click."""
        return self.voiced >= _CLICK

    @property
    def spoken_until(self) -> float:
        """Seconds from the begin of the sound to where the last speech ended."""
        return (self.skipped + self.said) * STEP

    @property
    def heard_until(self) -> float:
        """Seconds from the begin of the sound."""
        return (self.skipped + self.heard) * STEP


def step(turn: Turn, probability: float) -> Turn:
    """Return `turn` after one more window, in which there is speech with `probability`."""
    heard = turn.heard + 1
    speaking = turn.voiced > 0 and turn.pause == 0
    if probability >= (LEAVE if speaking else ENTER):
        halt = max(turn.halt, turn.pause) if turn.begun else 0
        return replace(turn, heard=heard, voiced=turn.voiced + 1, pause=0, halt=halt, said=heard)
    pause = turn.pause + 1 if turn.voiced else 0
    if turn.voiced and not turn.begun and pause * STEP > UNSURE:
        return Turn(heard, skipped=turn.skipped)
    turn = replace(turn, heard=heard, pause=pause)
    word = 0 < turn.said <= turn.residue and pause * STEP >= FINISHED
    return begin_anew(turn) if word else turn


def is_residue(turn: Turn, meaning: Completeness) -> bool:
    """Tell whether all that was said may be the wake word yet: slowly spoken, or heard early.

    It goes on from where the sound begins, for at most twice the residue; `meaning` is what it
    would be as a sentence.
    """
    unbroken = turn.said - turn.voiced < _CLICK
    return unbroken and 0 < turn.said <= 2 * turn.residue and meaning is not Completeness.FINISHED


def begin_anew(turn: Turn) -> Turn:
    """Return `turn` as if the sound began with the pause that it is in."""
    return Turn(turn.pause, skipped=turn.skipped + turn.heard - turn.pause)


def patience(turn: Turn, meaning: Completeness) -> float:
    """Return the seconds without speech that end `turn`, whose words so far have this `meaning`."""
    if meaning is Completeness.FINISHED:
        return FINISHED
    if meaning is Completeness.OPEN:
        return OPEN
    grown = UNSURE + PATIENCE * max(0.0, turn.voiced * STEP - 2.0)
    return min(UNSURE_MOST, max(grown, HALTING * turn.halt * STEP))


def forget(turn: Turn) -> Turn:
    """Return `turn` without the silence that is long before it."""
    if turn.voiced or turn.heard <= KEPT:
        return turn
    return replace(turn, heard=KEPT, skipped=turn.skipped + turn.heard - KEPT)


def too_long(turn: Turn) -> bool:
    """Tell whether `turn` has gone on for longer than anybody speaks."""
    return turn.heard * STEP >= LONGEST


def ended(turn: Turn, meaning: Completeness, nobody: float = NOBODY) -> bool:
    """Tell whether `turn` is over. `meaning` is that of all the words up to its last speech.

    `nobody` are the seconds in which somebody must begin.
    """
    if too_long(turn):
        return True
    if not turn.begun:
        return turn.heard_until >= nobody and not turn.voiced
    return turn.pause * STEP >= patience(turn, meaning) - 1e-9
