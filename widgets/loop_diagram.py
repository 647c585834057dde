"""The two loops and their outside starter, gate by gate: what is latched, what is waited for, how much of the window is used."""

from ..signals.board import Board, Gate, Loop
from .glyphs import Glyphs, fit, gauge
from .pane import Pane, Pieces
from .sheet import Sheet
from .table import put_tail
from .tones import Tone, state_tone

TITLES = {"A": "Loop A   stress → Fed → repo → basis", "B": "Loop B   yields → hedging cost → buyers"}
LEAST_BOX, MOST_BOX = 26, 36  # cells of a gate's box
LINK = 4  # cells of the arrow between two boxes
WORDS = {"MET": "met", "APPROACHING": "approaching", "NOT": "not met", "REVERSED": "reversed", "MANUAL": "by judgement", "STALE": "stale"}
ENTRY = {"A": "A3", "B": "B1'"}  # where the starter comes in


class LoopDiagram(Pane):
    """Boxes joined by arrows where there is room, else a list; notices in words under each loop."""

    title = "Sequence: what must happen, in order"

    def aside(self, board: Board) -> Pieces:
        """The state of the starter."""
        starter = board.sequence.starter
        return (("outside starter T ", Tone.DIM), (self._state(starter), state_tone(starter.state)))

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """The starter, then loop by loop."""
        self._starter(sheet, board)
        if not board.sequence.loops:
            sheet.words(f"{self.look.glyphs.unknown} the loops are not known", Tone.DIM)
        for key, loop in board.sequence.loops.items():
            sheet.row()
            self._loop(sheet, key, loop)

    # ---------------------------------------------------------------------------------------------------------- starter
    def _starter(self, sheet: Sheet, board: Board) -> None:
        starter, y = board.sequence.starter, sheet.row()
        x = sheet.put(y, 0, f"T  {starter.title}", Tone.STRONG) + 2
        x = sheet.put(y, x, self._state(starter), state_tone(starter.state)) + 2
        group = board.groups.get("T")
        if group is not None:
            if x + 24 + 6 * len(group.members) > sheet.width:
                y, x = sheet.row(), 3
            x = sheet.put(y, x, f"{group.met} of {len(group.members)} conditions met: ", Tone.DIM)
            for member in group.members:
                item = board.watch.get(member)
                if item is not None:
                    sign = f"{member} {self.look.glyphs.state(item.state)}"
                    x = sheet.put(y, x, sign, state_tone(item.state), path=f"watch.{member}.value") + 2
        sheet.words("A loop is closed: each member waits for another. T can start B at B1', and shorten A to A3 once repo eases.", Tone.DIM)

    # ------------------------------------------------------------------------------------------------------------- loops
    def _loop(self, sheet: Sheet, key: str, loop: Loop) -> None:
        y = sheet.row()
        sheet.put(y, 0, TITLES.get(key, f"Loop {key}"), Tone.TITLE)
        self._status(sheet, loop)
        box = min((sheet.width + LINK) // max(len(loop.gates), 1) - LINK, MOST_BOX)
        if box >= LEAST_BOX:
            self._boxes(sheet, key, loop, box)
        else:
            self._list(sheet, key, loop)
        self._notices(sheet, loop)

    def _status(self, sheet: Sheet, loop: Loop) -> None:
        y = sheet.row()
        tone = Tone.ALARM if loop.late else Tone.WATCH if any(g.latched_on for g in loop.gates) else Tone.TEXT
        put_tail(sheet, y, 0, loop.sentence or loop.status or f"{self.look.glyphs.unknown} unknown", tone, indent=0)

    def _boxes(self, sheet: Sheet, key: str, loop: Loop, box: int) -> None:
        g = self.look.glyphs
        gates, first = loop.gates, sheet.height
        lines = [self._lines(gate, loop, key) for gate in gates]
        for row in range(-1, 5):
            y = first + row + 1
            for i, gate in enumerate(gates):
                x, tone = i * (box + LINK), self._frame_tone(gate, loop)
                if row == -1:
                    sheet.put(y, x, g.corners[0] + g.horizontal * (box - 2) + g.corners[1], tone)
                elif row == 4:
                    sheet.put(y, x, g.corners[2] + g.horizontal * (box - 2) + g.corners[3], tone)
                else:
                    text, inner = lines[i][row]
                    sheet.put(y, x, g.vertical + " ", tone)
                    sheet.put(y, x + 2, fit(g.shown(text), box - 4, g), inner)
                    sheet.put(y, x + box - 2, " " + g.vertical, tone)
                if row == 1 and i < len(gates) - 1:
                    sheet.put(y, x + box, f"{g.horizontal * 2}{g.pointer} ", Tone.MET if gate.latched_on else Tone.FRAME)

    def _list(self, sheet: Sheet, key: str, loop: Loop) -> None:
        """One gate under the other, joined downwards."""
        g = self.look.glyphs
        for i, gate in enumerate(loop.gates):
            lines, tone = self._lines(gate, loop, key), self._frame_tone(gate, loop)
            if i:
                sheet.put(sheet.row(), 0, g.vertical, Tone.MET if loop.gates[i - 1].latched_on else Tone.FRAME)
            y = sheet.row()
            x = sheet.put(y, 0, (g.pointer if gate.id == loop.next else g.latched if gate.latched_on else g.not_met) + " ", tone)
            for text, inner in lines:
                if x + len(text) > sheet.width:
                    y, x = sheet.row(), 4
                x = sheet.put(y, x, text, inner) + (2 if text else 0)

    def _lines(self, gate: Gate, loop: Loop, key: str) -> list[tuple[str, Tone]]:
        """Name · state · latch · window of one gate."""
        g = self.look.glyphs
        fragile = " (out of order)" if gate.id in loop.out_of_order else ""
        entry = " < T" if ENTRY.get(key) == gate.id else ""
        latch = "skipped, from outside" if gate.skipped else ""
        if gate.latched_on:
            latch = f"{g.latched} latched {gate.latched_on.day} {gate.latched_on:%b %y}"
        window = self._window(gate, loop, g)
        waiting = "waited for" if gate.id == loop.next else "not latched"
        return [
            (f"{gate.id} {gate.title}{entry}", Tone.STRONG),
            (f"{self._state(gate)}{fragile}", Tone.WATCH if fragile else state_tone(gate.state)),
            (latch or waiting, Tone.MET if gate.latched_on else Tone.KEY if gate.id == loop.next else Tone.DIM),
            (window, Tone.ALARM if window.endswith("over") else Tone.DIM),
        ]

    def _window(self, gate: Gate, loop: Loop, g: Glyphs) -> str:
        """Business days since it latched, against those within which the next gate should come."""
        last = gate.id == loop.gates[-1].id
        if gate.elapsed is None or not gate.window:
            return f"window {gate.window}d{' to hold' if last else ''}" if gate.window else ""
        if last:
            return f"held {loop.held}/20d"
        if gate.id != next((each.id for each in reversed(loop.gates) if each.latched_on), ""):
            return f"{gate.elapsed}d ago"  # the next one came: its window is closed
        return f"{gauge(gate.elapsed / gate.window, 8, g)} {gate.elapsed}/{gate.window}d{' over' if _over(gate) else ''}"

    def _frame_tone(self, gate: Gate, loop: Loop) -> Tone:
        return Tone.MET if gate.latched_on else Tone.KEY if gate.id == loop.next else Tone.FRAME

    def _state(self, gate: Gate) -> str:
        return f"{self.look.glyphs.state(gate.state)} {WORDS.get(gate.state, 'unknown')}"

    # ----------------------------------------------------------------------------------------------------------- notices
    def _notices(self, sheet: Sheet, loop: Loop) -> None:
        g = self.look.glyphs
        if loop.late:
            sheet.words(f"{g.failed} TOO LATE: the order is being set by the stress, not by a response", Tone.ALARM)
        if loop.out_of_order:
            early = ", ".join(loop.out_of_order)
            sheet.words(f"{g.approaching} FRAGILE: {early} met before {loop.next}; out of order, not counted", Tone.WATCH)
        if loop.outside:
            sheet.words(f"{g.manual} started or shortened from outside", Tone.MANUAL)
        if loop.held:
            sheet.words(f"{g.met} complete; held {loop.held} of 20 days", Tone.MET)
        if loop.events:
            sheet.words("latest: " + " · ".join(loop.events[-4:]), Tone.DIM)


def _over(gate: Gate) -> bool:
    return gate.elapsed is not None and gate.window > 0 and gate.elapsed > gate.window
