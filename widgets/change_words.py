"""A Change in words, the same in panes, alerts and pages. Needs no Textual."""

from ..signals.board import Board, Change
from .tones import STATE_TONES, state_word


def subject_words(board: Board, change: Change) -> str:
    """What a change is of, as people say it."""
    first, _, rest = change.subject.partition(".")
    if first == "levels" and rest in board.levels:  # whose names may hold a dot
        return board.levels[rest].title
    match change.subject.split("."):
        case ["markets", market, "tenors", tenor, *_]:
            return f"{_market(board, market)} {tenor.upper()} move"
        case ["markets", market, *_]:
            return f"{_market(board, market)} {change.kind}"
        case ["watch", key, *_]:
            return f"{key} {board.watch[key].title}" if key in board.watch else key
        case ["groups", key, *_] if key in board.groups:
            return board.groups[key].title
        case ["sequence", "loops", name, "late"]:
            return f"Loop {name} in time"
        case ["sequence", "loops", name, gate]:
            return f"Loop {name} gate {gate}"
        case ["sequence", "loops", name]:
            return f"Loop {name}"
        case ["inputs", *name]:
            return f"series {'.'.join(name)}"
        case ["composite", "band"]:
            return "DCI band"
        case ["spillover", "beta", tenor, *_]:
            return f"JGB→UST bleed-over {tenor.upper()}"
        case ["carry", *_]:
            return "carry unwind"
        case ["regime"]:
            return "regime"
        case ["long_regime", *part]:
            return " ".join(("30Y", *(part or ["regime"])))
    return change.subject.replace(".", " ")


def turn_words(change: Change) -> tuple[str, str]:
    """What it was and what it is; the states of conditions as people say them."""
    before, after = (state_word(each) if each in STATE_TONES else each or "unknown" for each in (change.before, change.after))
    return before, after


def _market(board: Board, key: str) -> str:
    return board.markets[key].name if key in board.markets else key.upper()


def searched(change: Change, subject: str) -> str:
    """The text in which a filter's words are looked for."""
    turn = (change.before, change.after, *turn_words(change))
    return " ".join((change.kind, subject, change.subject, *turn, change.severity, change.evidence, change.at.isoformat()))
