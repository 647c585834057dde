"""The regime map on paper: common move against divergence, the boundaries in force, and the way of the last month."""

from ...signals.board import Regime
from ...signals.wording import worded
from .charts import FONT
from .markup import Element, tag

WIDTH, HEIGHT = 340.0, 184.0
LEFT, RIGHT, TOP, BOTTOM = 26.0, 332.0, 8.0, 158.0
RECENT = 6  # the last rows of the trail, drawn stronger


def regime_plane(regime: Regime) -> Element:
    """m to the right, D upwards, in σ; the regime that holds is written strong."""
    m, d = regime.m.value, regime.D.value
    if m is None or d is None:
        words = f"State unknown: {regime.held.note or regime.m.note or 'too little history'}"
        return tag("p", words, class_="dim")
    reach = max(1.6, abs(m) * 1.1, *(abs(each) * 1.1 for each, _ in regime.trail))
    top = max(1.2, d * 1.1, *(each * 1.1 for _, each in regime.trail))

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + (x + reach) / (2 * reach) * (RIGHT - LEFT), BOTTOM - y / top * (BOTTOM - TOP)

    def path(*points: tuple[float, float]) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (at(*point) for point in points))

    parts = [tag("rect", x=LEFT, y=TOP, width=RIGHT - LEFT, height=BOTTOM - TOP, class_="plane")]
    corner = max(regime.m0, regime.c * regime.D0)
    for side in (-1, 1):
        edge = [(side * regime.m0, 0.0), (side * regime.m0, min(regime.m0 / regime.c, top))]
        if regime.m0 / regime.c < top:
            end = min(top, reach / regime.c)
            edge.append((side * regime.c * end, end))
        parts.append(tag("path", d=path(*edge), class_="boundary"))
    if top > regime.D0:
        parts.append(tag("path", d=path((-corner, regime.D0), (corner, regime.D0)), class_="boundary"))
    low = at(0, 0)[1] - 7
    names = (
        ("Fragmentation", at(0, top)[0], TOP + 13, "middle"),
        ("Stable", at(0, 0)[0], low, "middle"),
        ("Expansion", LEFT + 7, low, "start"),
        ("Repricing", RIGHT - 7, low, "end"),
    )
    for name, x, y, anchor in names:
        class_ = "region held" if name == regime.held.word else "region"
        parts.append(tag("text", name.upper(), x=x, y=y, class_=class_, text_anchor=anchor))
    if len(regime.trail) > 1:
        parts.append(tag("path", d=path(*regime.trail), class_="trail"))
    for i, point in enumerate(regime.trail[:-1]):
        x, y = at(*point)
        recent = len(regime.trail) - i <= RECENT
        parts.append(tag("circle", cx=x, cy=y, r=2.4 if recent else 1.5, class_="recent" if recent else "past"))
    x, y = at(m, d)
    parts.append(tag("circle", cx=x, cy=y, r=5, class_="now"))
    for value in (-regime.m0, 0.0, regime.m0):
        x, y = at(value, 0)
        parts.append(tag("line", x1=x, x2=x, y1=y, y2=y + 3, class_="axis"))
        text = worded(value, "+.2f") if value else "0"
        parts.append(tag("text", text, x=x, y=y + 12, class_="tick", text_anchor="middle"))
    for value in (0.0, regime.D0):
        y = at(0, value)[1]
        parts.append(tag("text", f"{value:.2f}" if value else "0", x=LEFT - 4, y=y + 3, class_="tick", text_anchor="end"))
    parts.append(tag("text", "common move m, σ →", x=RIGHT, y=HEIGHT - 3, class_="tick", text_anchor="end"))
    parts.append(tag("text", "D, σ ↑", x=0, y=TOP + 6, class_="tick"))
    title = f"Regime map: {regime.held.word or 'unknown'}, m {m:+.2f}σ, D {d:.2f}σ"
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", width=WIDTH, height=HEIGHT, font_size=FONT, role="img", aria_label=title)
