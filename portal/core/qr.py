"""QR codes for printed pages, as a path of an SVG that the page's policy lets stand."""

import segno

Grid = list[list[bool]]


def grid(text: str) -> Grid:
    """The modules, row by row, dark ones true, at level M; without the quiet zone of four."""
    code = segno.make(text, error="m", boost_error=False, micro=False, mode="byte")
    return [[bool(module) for module in row] for row in code.matrix]


def path(modules: Grid, quiet: int = 4) -> tuple[int, str]:
    """The width in modules, quiet zone included, and the dark ones as the path of an SVG."""
    runs = []
    for y, row in enumerate(modules):
        start = None
        for x, dark in enumerate([*row, False]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                runs.append(f"M{start + quiet} {y + quiet}h{x - start}v1h-{x - start}z")
                start = None
    return len(modules) + 2 * quiet, "".join(runs)
