"""The watch list: fifteen conditions in five groups, the levels, and where the two loops stand."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from ..signals.board import Board, Condition, Group
from ..signals.wording import with_unit
from .filtered import NO_ROW, Filtered
from .glyphs import clip, count_short, gauge, level_text, number
from .look import is_late, status_tone
from .pane import Pieces
from .sheet import Sheet
from .tones import Tone, state_tone, state_word

TWO_COLUMNS_FROM = 96
TITLE_WIDTH = 31
PROXY = "~"  # before the value of a condition that something else stands in for
_MEASURED = re.compile(r"measured ([A-Z]+):")  # in the evidence of a condition that a mark is laid over
UNITS = ("%", "bp", "σ", "bn", "z")
LEAST_WORDS = 16  # cells below which cut words say nothing
ALL_DETAILS = 26  # cells in which value, progress, gauge and the word proxy stand side by side
VALUE_WIDTH = 8  # cells of a value and the blank behind it
OLD_DAYS = 7  # a value whose session lies further back carries its day
LEVELS = "Levels "
GAP = 2  # cells between what shares a line
Item = list[tuple[str, Tone, str]]  # text, tone and path of the pieces of one thing said
Line = list[Item]
Entry = Group | Condition | Line | None


class WatchList(Filtered):
    """Groups with their members in one or two columns, then levels and loops over the whole width."""

    number = 4
    title = "Watch list"

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Groups, levels, loops."""
        blocks = [block for group in board.groups.values() if (block := self._block(board, group))]
        columns = 2 if sheet.width >= TWO_COLUMNS_FROM else 1
        width = (sheet.width - 3 * (columns - 1)) // columns
        lines = _dealt(blocks, columns)
        levels = _flowed(self._levels(board), width, LEVELS)
        if not _at_the_foot(lines, levels):
            lines += [[line] for line in _flowed(self._levels(board), sheet.width, LEVELS)]
        for y, line in enumerate(lines):
            for column, entry in enumerate(line):
                x = column * (width + 3)
                if column:
                    sheet.put(y, x - 2, self.look.glyphs.vertical, Tone.FRAME)
                match entry:
                    case Group():
                        self._group(sheet, y, x, width, entry)
                    case Condition():
                        self._condition(sheet, y, x, width, entry)
                    case list():
                        _put(sheet, y, x, entry)
        if self.filter and not blocks:
            sheet.words(NO_ROW, Tone.DIM)
        for loops in _flowed(self._loops(board), sheet.width):
            _put(sheet, sheet.row(), 0, loops)

    def aside(self, board: Board) -> Pieces:
        """How many conditions are in which state."""
        counts = Counter(c.state for c in board.watch.values())
        manual = counts["MANUAL"] + sum(bool(c.mark) and c.state != "MANUAL" for c in board.watch.values())
        words = (
            (counts["MET"], "met", Tone.MET),
            (counts["APPROACHING"], "approaching", Tone.WATCH),
            (counts["REVERSED"], "reversed", Tone.ALARM),
            (manual, "manual", Tone.MANUAL),
            (counts["STALE"], "stale", Tone.STALE),
            (counts["UNKNOWN"], "unknown", Tone.DIM),
        )
        found = [(n, word, tone) for n, word, tone in words if n]
        return [(f"{' · ' if i else ''}{n} {word}", tone) for i, (n, word, tone) in enumerate(found)]

    def _block(self, board: Board, group: Group) -> list[Group | Condition]:
        """A group and its members; those that pass the filter by their own words, or by the group's."""
        members = [board.watch[m] for m in group.members if m in board.watch]
        if not self.filter:
            return [group, *members]
        kept = [c for c in members if self.passes_filter(f"{group.title} {c.id} {c.title} {c.state} {c.evidence} {c.proxy and 'proxy'}")]
        return [group, *kept] if kept else []

    def _group(self, sheet: Sheet, y: int, x: int, width: int, group: Group) -> None:
        g = self.look.glyphs
        count = f"{g.state(group.state)} {group.met}/{len(group.members)}"
        word = f" {state_word(group.state)}"
        title = clip(g.shown(group.title.upper()), width - len(count) - len(word) - 1, g)
        sheet.put(y, x, title, Tone.TITLE, path=f"groups.{group.id}")
        sheet.put(y, x + width - len(count) - len(word), count + word, state_tone(group.state), path=f"groups.{group.id}")

    def _condition(self, sheet: Sheet, y: int, x: int, width: int, condition: Condition) -> None:
        g = self.look.glyphs
        tone = state_tone(condition.state)
        path = f"watch.{condition.id}"
        end = x + width
        title = min(TITLE_WIDTH, max(width - 18, 12))
        at = sheet.put(y, x, f"{g.state(condition.state)} ", tone, path=path)
        at = sheet.put(y, at, condition.title, Tone.STRONG if condition.key else Tone.TEXT, width=title, path=path) + 1
        for text, each, may_be_cut in self._details(condition, end - at):
            room = end - at
            text = g.shown(text)
            if room >= len(text) or (may_be_cut and room >= LEAST_WORDS):
                at = sheet.put(y, at, clip(text, room, g), each, path=path) + 1

    def _details(self, condition: Condition, room: int) -> list[tuple[str, Tone, bool]]:
        """What a condition is now, how far it has come, and what must be said of it; the last member: whether it may be cut."""
        g, state, value = self.look.glyphs, condition.state, condition.value
        word = {"STALE": "stale", "UNKNOWN": "unknown", "REVERSED": "reversed", "MANUAL": "manual"}.get(state, "")
        found: list[tuple[str, Tone, bool]] = []
        if value.value is not None:
            unit = value.unit if value.unit in UNITS else ""
            sign = PROXY if condition.proxy else ""
            size = number(value.value, 1, g) if unit == "bp" else count_short(value.value, g)
            found.append((f"{sign}{with_unit(size, unit)}".rjust(7), status_tone(value.status), False))
        if word:
            found.append((word, state_tone(state), False))
        if state == "MET" and condition.since:
            since = f"since {_since(condition.since, value.as_of)}"
            found.append((since if room >= VALUE_WIDTH + len(since) else _from(condition.since, value.as_of), Tone.DIM, False))
        day = [(_since(value.as_of, self.now.date()).rjust(6), Tone.DIM, False)] if value.as_of and self._is_old(condition) else []
        proxy = [("proxy", Tone.DIM, False)] if condition.proxy else []
        if state in ("NOT", "APPROACHING") and condition.progress is not None:
            progress = [(condition.progress_text.rjust(7), Tone.TEXT, False)]
            bar = [(gauge(condition.progress, 4, g), state_tone(state), False)]
            if room >= ALL_DETAILS:
                found += progress + bar + proxy + day
            elif proxy:
                found += [("proxy".rjust(7), Tone.DIM, False), *bar]  # its progress in words would read as a share of it
            else:
                found += progress + day + bar
        else:
            found += day + proxy
        if condition.mark:
            if measured := _MEASURED.search(condition.evidence):  # a person's word never hides what the data say
                found.append((f"measured {g.state(measured[1])}", state_tone(measured[1]), False))
            found.append((f"{g.manual} {condition.mark}", Tone.MANUAL if state == "MANUAL" else Tone.DIM, True))  # else it has expired
        elif condition.evidence:
            found.append((condition.evidence, Tone.DIM, True))
        return found

    def _is_old(self, condition: Condition) -> bool:
        """Whether a value must say of which day it is: one that is late, or of a series that is not published every day."""
        day = condition.value.as_of
        if day is None or self.board is None:
            return False
        return condition.state == "STALE" or is_late(condition.value) or (self.board.as_of.date() - day).days > OLD_DAYS

    def _levels(self, board: Board) -> list[Item]:
        """Each level with its state and the distance to it."""
        g = self.look.glyphs
        items: list[Item] = []
        for key, level in board.levels.items():
            path, away = f"levels.{key}", level.distance
            item = [(f"{g.state(level.state)} ", state_tone(level.state), path)]
            item.append((level.title.partition(" (")[0], Tone.TEXT if level.state != "UNKNOWN" else Tone.DIM, path))
            if level.state in ("STALE", "UNKNOWN"):
                item.append((f" {state_word(level.state)}", state_tone(level.state), path))
            elif away.value and level.state != "MET":
                size = with_unit(number(abs(away.value), 1, g), "bp") if away.unit == "bp" else level_text(abs(away.value), g)
                item.append((f" {size} away", Tone.DIM, path))
            items.append(item)
        return items

    def _loops(self, board: Board) -> list[Item]:
        """A sentence for each loop, and the outside starter."""
        g, starter = self.look.glyphs, board.sequence.starter
        items: list[Item] = []
        for key, loop in board.sequence.loops.items():
            words = loop.sentence or f"Loop {key}: {loop.status or 'unknown'}"
            tone = Tone.ALARM if loop.late else Tone.WATCH if any(gate.latched_on for gate in loop.gates) else Tone.TEXT
            items.append([(words, tone, f"sequence.loops.{key}")])
        words = f"Starter T {g.state(starter.state)} {state_word(starter.state)}"
        return [*items, [(words, state_tone(starter.state), "sequence.starter")]]


def _put(sheet: Sheet, y: int, x: int, line: Line) -> None:
    for item in line:
        for text, tone, path in item:
            x = sheet.put(y, x, text, tone, path=path)
        x += GAP


def _flowed(items: Sequence[Item], width: int, heading: str = "") -> list[Line]:
    """Items in lines of no more than that width, as many to a line as fit; the heading before the first, room for it before the others."""
    lines: list[Line] = []
    room = 0
    for item in items:
        length = sum(len(text) for text, _, _ in item)
        if not lines or length > room:
            before = heading if not lines else " " * len(heading)
            lines.append([[(before, Tone.TITLE, ""), *item]])
            room = width - len(heading)
        else:
            lines[-1].append(item)
        room -= length + GAP
    return lines


def _at_the_foot(lines: list[list[Entry]], more: Sequence[Line]) -> bool:
    """Put more lines at the foot of the first column with room for all of them; whether there was one."""
    for column in range(len(lines[0]) if lines else 0):
        free = [y for y, line in enumerate(lines) if line[column] is None]
        if free and len(free) >= len(more):
            for y, line in zip(free, more, strict=False):
                lines[y][column] = line
            return True
    return False


def _from(day: date, now: date | None) -> str:
    """The same in seven cells: `15 Jun–`, `Apr 25–`."""
    return f"{day.day} {day:%b}–".rjust(7) if now and (now - day).days < 300 else f"{day:%b %y}–".rjust(7)


def _since(day: date, now: date | None) -> str:
    """A day of this year, else a month."""
    return f"{day.day} {day:%b}" if now and (now - day).days < 300 else f"{day:%b %Y}"


def _dealt(blocks: Sequence[list[Group | Condition]], columns: int) -> list[list[Entry]]:
    """Lines of entries in columns: blocks stay whole and fill the columns evenly, the first one first."""
    if not blocks:
        return []
    heights = [0] * columns
    dealt: list[list[Group | Condition]] = [[] for _ in range(columns)]
    target = -(-sum(len(b) for b in blocks) // columns)
    column = 0
    for block in blocks:
        if heights[column] and heights[column] + len(block) > target + 1 and column < columns - 1:
            column += 1
        dealt[column] += block
        heights[column] += len(block)
    return [[each[y] if y < len(each) else None for each in dealt] for y in range(max(heights))]
