"""Targets as Qt 5 widgets, at the scale of QT_SCALE_FACTOR."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


def main() -> None:
    """Show the targets and report until the display goes."""
    core = importlib.import_module("PyQt5.QtCore")
    widgets = importlib.import_module("PyQt5.QtWidgets")
    asked = json.loads(sys.argv[1])
    app = widgets.QApplication(sys.argv[:1])
    window = _widget(widgets, None, "#808080", None)
    window.setWindowFlags(core.Qt.X11BypassWindowManagerHint)
    scale = window.devicePixelRatioF()
    window.setGeometry(*_scaled(asked, scale))
    window.move(_place(core, window, asked))
    for number, target in enumerate(asked["targets"]):
        _widget(widgets, window, target["colour"], number).setGeometry(*_scaled(target, scale))
    window.show()
    core.QTimer.singleShot(0, lambda: say("ready"))
    app.exec_()


def _scaled(box: dict[str, Any], scale: float) -> tuple[int, ...]:
    return tuple(int(box[side] / scale) for side in ("x", "y", "width", "height"))


def _place(core: Any, window: Any, asked: dict[str, Any]) -> Any:
    # Qt scales places from the corner of their monitor, not from that of the display.
    for screen in core.QCoreApplication.instance().screens():
        shape, scale = screen.geometry(), screen.devicePixelRatio()
        if (shape.x(), shape.y()) == (asked["x"], asked["y"]):
            return shape.topLeft()
    return core.QPoint(int(asked["x"] / scale), int(asked["y"] / scale))


def _widget(widgets: Any, parent: Any, colour: str, number: int | None) -> Any:
    def pressed(event: Any) -> None:
        at = event.globalPos()
        say([number, at.x(), at.y()])

    widget = widgets.QFrame(parent)
    widget.setStyleSheet(f"background: {colour}; border: none;")
    widget.mousePressEvent = pressed
    return widget


def say(what: Any) -> None:
    """Print one line."""
    print(json.dumps(what), flush=True)  # noqa: T201 - the report


if __name__ == "__main__":
    main()
