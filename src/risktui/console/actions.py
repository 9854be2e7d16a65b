"""Everything one can do in the console, said once: key bar, help, palette and docs come from here.

Knows nothing of Textual, so that `risktui keys` can print it without the console.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Place: TypeAlias = Literal[
    "overview", "user", "detection", "sources", "detectors", "policies", "audit"
]
PLACES: tuple[Place, ...] = (
    *("overview", "user", "detection"),
    *("sources", "detectors", "policies", "audit"),
)
PEOPLE: tuple[Place, ...] = PLACES[:3]
"""Where somebody can be judged."""
BOARDS: tuple[Place, ...] = PLACES[3:]
"""Tables about the machinery."""
PLACE_WORDS = {
    "overview": "Overview",
    "user": "User",
    "detection": "Detection",
    "sources": "Sources",
    "detectors": "Detectors",
    "policies": "Policies",
    "audit": "Audit log",
}


class Action(msgspec.Struct, frozen=True):
    """One thing to do: its name for rebinding, its keys, its words, and what carries it out."""

    id: str
    keys: str
    """Comma separated, as Textual writes them; `g s` is a key after another."""
    words: str
    """For the key bar: `d dismiss`."""
    help: str
    """One sentence."""
    function: str
    """The screen's action; "" where a table does it itself."""
    places: tuple[Place, ...] = PLACES
    bar: int = 0
    """Place in the key bar, 1 first; 0: not in it."""
    writes: bool = False
    """Changes somebody's risk, so a read-only console refuses it."""

    @property
    def prefix(self) -> str:
        """The key that has to come before its own: `g` of `g s`, else ""."""
        first, _, last = self.keys.partition(" ")
        return first if last else ""


LISTS: tuple[Place, ...] = PLACES
MARKS: tuple[Place, ...] = LISTS[:2]

ACTIONS: tuple[Action, ...] = (
    Action("feed.open", "enter", "open", "Open the row under the cursor.", "open", LISTS, 1),
    Action(
        "verdict.compromised",
        "c",
        "compromised",
        "Confirm that the person, or the detection under the cursor, is compromised.",
        "judge('confirmCompromised')",
        PEOPLE,
        bar=2,
        writes=True,
    ),
    Action(
        "verdict.dismiss",
        "d",
        "dismiss",
        "Dismiss the risk: real or not, nothing has to be done. Teaches nothing.",
        "judge('dismiss')",
        PEOPLE,
        bar=3,
        writes=True,
    ),
    Action(
        "verdict.safe",
        "s",
        "safe",
        "Confirm that it was the person: what it was made of becomes familiar.",
        "judge('confirmSafe')",
        PEOPLE,
        bar=4,
        writes=True,
    ),
    Action(
        "verdict.undo",
        "u",
        "undo",
        "Take back your last verdict, or the last one on the person under the cursor.",
        "judge('undo')",
        PEOPLE,
        bar=5,
        writes=True,
    ),
    Action(
        "find.start",
        "/",
        "find",
        "Filter people and detections: words and level: state: type: user: ip: country: since:"
        " until: id:.",
        "find",
        LISTS[:1],
        bar=6,
    ),
    Action(
        "board.find",
        "/",
        "find",
        "Only the rows that have these words, in what is behind them as well.",
        "find",
        (*PEOPLE[1:2], *BOARDS),
        bar=6,
    ),
    Action(
        "app.palette",
        ":,ctrl+p",
        "all",
        "Everything there is, by name.",
        "app.command_palette",
        bar=7,
    ),
    Action("app.help", "?", "keys", "The keys of this place.", "app.keys_here", bar=8),
    Action(
        "app.back",
        "q,left_square_bracket",
        "back",
        "To where you came from.",
        "app.go_back",
        bar=11,
    ),
    Action(
        "app.forward", "right_square_bracket", "forward", "To where you were.", "app.go_forward"
    ),
    Action(
        "app.escape",
        "escape",
        "leave",
        "Leave what is open: the zoom, the marks, the filter, then this place.",
        "leave",
    ),
    Action("pane.next", "tab", "next pane", "To the next pane.", "pane(1)"),
    Action("pane.previous", "shift+tab", "previous pane", "To the pane before.", "pane(-1)"),
    Action("pane.zoom", "z", "zoom", "The pane takes the whole screen, or gives it back.", "zoom"),
    Action("feed.pause", "p", "pause", "Hold the feed still, or let it go on.", "pause", LISTS[:1]),
    Action(
        "feed.mark", "space", "mark", "Mark the row; verdicts go to all marked ones.", "", MARKS
    ),
    Action(
        "marks.all", "a", "mark all", "Mark all rows that are shown, or none.", "mark_all", MARKS
    ),
    Action(
        "detection.related",
        "w",
        "who else",
        "Who else: the same address, browser or campaign; enter opens a row.",
        "related",
        LISTS[2:3],
        bar=9,
    ),
    Action(
        "raw.show",
        "r",
        "raw",
        "The record as it stands in the log; enter folds and unfolds its lines.",
        "raw",
        LISTS[2:3],
        bar=10,
    ),
    Action("raw.find", "/", "find", "Look for a word in the record.", "find_raw", LISTS[2:3]),
    Action("raw.next", "n", "next hit", "To the next line with it.", "next_hit(1)", LISTS[2:3]),
    Action("raw.previous", "N", "hit before", "To the one before.", "next_hit(-1)", LISTS[2:3]),
    Action(
        "feed.mark-range",
        "V,ctrl+@",
        "mark up to here",
        "Mark all rows from the last marked one to the cursor.",
        "",
        MARKS,
    ),
    Action(
        "find.next", "n", "next match", "To the next row that `/` found.", "match(1)", LISTS[:1]
    ),
    Action("find.previous", "N", "match before", "To the one before.", "match(-1)", LISTS[:1]),
    Action("list.sort", "o", "sort", "Sort the list by its next column.", "sort", LISTS[:1]),
    Action("list.turn", "O", "turn", "The same order, turned round.", "turn", LISTS[:1]),
    Action("list.header", "H", "titles", "Titles of the columns, or not.", "header", LISTS[:1]),
    Action("view.choose", "v", "views", "Choose one of your views.", "views", LISTS[:1]),
    Action(
        "view.save",
        "W",
        "save view",
        "Give the filter and the order a name; `v` brings them back.",
        "save_view",
        LISTS[:1],
    ),
    Action(
        "snooze.start",
        "Z",
        "snooze",
        "Out of sight for a while, or until something new happens. Changes no risk.",
        "snooze",
        LISTS[:1],
    ),
    Action(
        "snooze.undo",
        "U",
        "unsnooze",
        "Bring back who was put aside last, then everybody.",
        "wake",
        LISTS[:1],
    ),
    Action(
        "past.go",
        "T",
        "time machine",
        "How things stood at a past moment: 2h, 3d, a date. Nobody is judged there.",
        "past",
        LISTS[:1],
    ),
    Action(
        "past.before",
        "left_curly_bracket",
        "step back",
        "To the change of anybody's risk before this moment.",
        "step(-1)",
        LISTS[:1],
    ),
    Action(
        "past.after",
        "right_curly_bracket",
        "step on",
        "To the change after it; after the last comes now.",
        "step(1)",
        LISTS[:1],
    ),
    Action("pane.hide", "x", "hide pane", "The pane makes room for the others.", "hide", LISTS[:1]),
    Action("pane.show", "X", "all panes", "All panes are back.", "show_all", LISTS[:1]),
    Action("app.mask", "P", "mask", "Mask names and addresses, for screenshots.", "app.mask"),
    Action("user.map", "m", "map", "The map of where the person was.", "map", MARKS[1:], bar=9),
    Action("app.copy", "y", "copy", "Copy the name or the id under the cursor.", "copy"),
    Action(
        "export.anything",
        "greater_than_sign",
        "export",
        "Take out what is shown: the next key says how.",
        "prefix('greater_than_sign')",
    ),
    Action(
        "export.ndjson",
        "greater_than_sign j",
        "NDJSON",
        "The list as lines of JSON, in a new file of the current folder.",
        "export('ndjson')",
    ),
    Action(
        "export.csv",
        "greater_than_sign c",
        "CSV",
        "The list for a spreadsheet; what looks like a formula is defused.",
        "export('csv')",
    ),
    Action(
        "export.picture",
        "greater_than_sign p",
        "picture",
        "The screen as SVG, and as PNG where the host can make one.",
        "export('svg')",
    ),
    Action(
        "export.report",
        "R",
        "report",
        "An incident report about the person in Markdown, in a new file.",
        "export('report')",
        PEOPLE,
    ),
    Action("app.theme", "t", "theme", "The next theme.", "app.next_theme"),
    Action(
        "go.anywhere", "g", "go to", "To another screen: the next key says which.", "prefix('g')"
    ),
    Action("go.top", "g g", "top", "To the top.", "top"),
    Action(
        "go.overview",
        "g o",
        "overview",
        "Straight to the overview, from wherever one is.",
        "home",
        PLACES[1:],
        bar=12,
    ),
    Action("go.sources", "g s", "sources", "What was read of the logs.", "app.go('sources')"),
    Action(
        "go.detectors",
        "g d",
        "detectors",
        "What watches, what is blind, what fired.",
        "app.go('detectors')",
    ),
    Action(
        "go.policies",
        "g p",
        "policies",
        "What risk policies would have done, and what was done.",
        "app.go('policies')",
    ),
    Action("go.audit", "g a", "audit log", "Who did what; the chain verified.", "app.go('audit')"),
    Action("feed.last", "end,G", "last", "To the last row.", "", LISTS),
    Action("feed.first", "home", "first", "To the first row; a feed follows again.", "", LISTS),
    Action("feed.up", "up,k", "up", "One row up.", "", LISTS),
    Action("feed.down", "down,j", "down", "One row down.", "", LISTS),
    Action("feed.page-up", "pageup,ctrl+b", "page up", "A page up.", "", LISTS),
    Action("feed.page-down", "pagedown,ctrl+f", "page down", "A page down.", "", LISTS),
    Action("feed.half-up", "ctrl+u", "half a page up", "Half a page up.", "", LISTS),
    Action("feed.half-down", "ctrl+d", "half a page down", "Half a page down.", "", LISTS),
    Action("feed.follow", "f", "follow", "To the newest row, and stay with it.", "", LISTS),
    Action("feed.next-notable", "e", "next high", "To the next high one.", "", LISTS),
    Action("feed.previous-notable", "E", "previous high", "To the high one before.", "", LISTS),
    Action("pane.left", "h,left", "left", "To the pane before.", "pane(-1)"),
    Action("pane.right", "l,right", "right", "To the next pane.", "pane(1)"),
    Action("app.repaint", "ctrl+l", "repaint", "Paint the whole screen again.", "app.repaint"),
    Action(
        "app.mouse", "f2", "mouse", "Mouse on or off; on, it keeps you from copying.", "app.mouse"
    ),
    Action(
        "app.suspend",
        "ctrl+z",
        "to the shell",
        "To the shell; fg comes back.",
        "app.suspend_process",
    ),
    Action("app.interrupt", "ctrl+c", "how to leave", "Says how to leave.", "app.interrupt"),
    Action("app.quit", "Q", "quit", "Leave the console.", "app.quit"),
)
"""In the order in which help and docs list them."""


def actions_of(place: Place) -> list[Action]:
    """What one can do there, in order."""
    return [action for action in ACTIONS if place in action.places]


def action_called(name: str) -> Action:
    """The action with the id `name`. Raises `StopIteration` for an unknown one."""
    return next(action for action in ACTIONS if action.id == name)
