"""A screen on which somebody can be judged: the bar for verdicts, and what becomes of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from textual import work
from textual.widget import Widget

from risktui.console import list_words as says
from risktui.console import phrases
from risktui.console.judging import Prospect, Target, meanwhile, prospect, requests
from risktui.console.screens.framed import Framed
from risktui.console.session import Session
from risktui.console.widgets.verdict_bar import VerdictBar
from risktui.console.words import joined
from risktui.language.choice import tr
from risktui.store import verdicts
from risktui.store.verdicts import Action


class Judged(Framed):
    """Proposes a verdict, says what it would change, and hands it in."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.verdict_bar = VerdictBar(session.author, ascii_only=session.ascii_only)
        self._return_to: Widget | None = None
        self._writes = False
        """Whether a verdict is being written, which takes as long as somebody else writes."""

    def targets(self) -> Sequence[Target]:
        """Whom a verdict would be on."""
        raise NotImplementedError

    def undo_targets(self) -> Sequence[Target]:
        """Whose verdict would be taken back."""
        return self.targets()

    def clear_marks(self) -> bool:
        """Takes marks away; whether there were any."""
        return False

    def handed_in(self, proposed: Prospect, ids: list[str]) -> None:
        """A verdict has been written; the engine's answer is to be waited for."""
        raise NotImplementedError

    def show_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """What the line of keys shows while a bar is open."""
        raise NotImplementedError

    def close_bars(self) -> None:
        """Nobody types any more; the keys go back to where they were."""
        raise NotImplementedError

    def action_judge(self, action: Action) -> None:
        """Begins a verdict on the row under the cursor, or on the marked ones."""
        if refused := self.session.refusal():
            self.say(tr(refused), "warn")
            return
        if self.is_too_small:
            self.say(tr(says.UNSEEN), "warn")
            return
        targets = self.undo_targets() if action == "undo" else self.targets()
        self._return_to = self.focused
        self.said.hush()
        self.verdict_bar.begin(action)
        self.show_keys([("enter", says.WRITE), ("esc", says.LEAVE_IT)])
        self._propose(action, list(targets))

    @work(exclusive=True, group="propose")
    async def _propose(self, action: Action, targets: list[Target]) -> None:
        try:
            proposed = await self.session.reader.ask(prospect(action, targets))
        except sqlite3.Error as error:
            proposed = Prospect(action, refused=tr(says.NOT_JUDGED).format(error=error))
        if not self.verdict_bar.is_open:
            return  # left again before it could be said what it would do
        if proposed.refused:
            self.close_bars()
            self.say(proposed.refused, "warn")
            return
        self.verdict_bar.open(proposed)
        if self._beside:
            also = tr(phrases.ALSO_HERE).format(places=joined(self._beside))
            self.verdict_bar.warn(also)

    def on_verdict_bar_left(self) -> None:
        """No verdict."""
        self.close_bars()

    def on_verdict_bar_given(self, event: VerdictBar.Given) -> None:
        """Hands it in, unless somebody else was quicker, or one cannot see on whom it is."""
        if self.is_too_small:
            self.say(tr(says.UNSEEN), "warn")
            return
        if not self._writes:  # a second enter, out of impatience, is no second verdict
            self._writes = True
            self._write(event.prospect, event.note)

    async def watch_verdict(self) -> None:
        """Warns while the bar is open that somebody else has judged."""
        proposed = self.verdict_bar.prospect
        if proposed is not None:
            self.verdict_bar.warn(await self.session.reader.ask(meanwhile(proposed)))

    @work(group="write")
    async def _write(self, proposed: Prospect, note: str) -> None:
        session = self.session
        wanted = requests(proposed, session.author, note, session.now())
        try:
            if self.verdict_bar.warn(await session.reader.ask(meanwhile(proposed))):
                return  # a second enter, with the warning in view, writes it all the same
            ids = await session.writer.ask(lambda c: verdicts.append(c, wanted))
        except sqlite3.Error as error:
            self.say(tr(says.NOT_WRITTEN).format(error=error), "bad")
            return
        finally:
            self._writes = False
        self.close_bars()
        self.clear_marks()
        self.handed_in(proposed, ids)
