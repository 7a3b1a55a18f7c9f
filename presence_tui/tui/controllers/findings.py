"""Lists of participants: what an audit found, who flaps, and whom a line of the activity is about."""

from typing import TYPE_CHECKING

from textual.worker import Worker

from presence_tui.service.state import Phase
from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.controllers.views import ViewController
from presence_tui.tui.widgets.activity_feed import ActivityFeed

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.audit.findings import AuditReport
    from presence_tui.tui.screens.participant_lists import ParticipantListDialog


class FindingsController:
    """Enter in a list goes to the participant. One audit runs at a time; it can be cancelled.

    Nothing shown is changed by it.
    """

    def __init__(self, context: WatchContext, views: ViewController) -> None:
        self._context = context
        self._views = views
        self._worker: Worker[None] | None = None
        self._unseen: AuditReport | None = None
        """A report with findings that came while a dialog was open."""

    def handlers(self) -> Handlers:
        return {"audit": self.audit, "flaps": self.show_flaps}

    def show_flaps(self) -> None:
        """Show who flaps, and why, until it is closed."""
        context, flaps = self._context, self._context.service.flaps
        if flaps is None:
            return
        from presence_tui.tui.screens.participant_lists import FlapsDialog

        self._open(
            FlapsDialog(
                lambda: flaps.read(context.service.state), context.store, context.wording, context.glyphs
            )
        )

    async def pick(self, picked: ActivityFeed.Picked) -> None:
        """Go to the participant of a line of the activity, or list all whom a correction is about."""
        if picked.corrections is None:
            await self._views.select(picked.key)
            return
        from presence_tui.tui.screens.participant_lists import CorrectionsDialog

        context = self._context
        self._open(CorrectionsDialog(picked.corrections, context.store, context.wording, context.glyphs))

    def audit(self) -> None:
        """Start a pass, or show what the last one found behind a dialog."""
        context = self._context

        def is_reading() -> bool:
            state = context.service.state
            return state.phase < Phase.MONITOR or state.is_refreshing or state.is_auditing

        if self._unseen is not None:
            self._show_report(self._unseen)
        elif is_reading():
            context.toast(context.say("Already reading; the answer is on its way."), holds=is_reading)
        else:
            self._worker = context.screen.run_worker(self._audit())

    def cancel(self) -> bool:
        """Cancel the pass; false if none is running."""
        worker, self._worker = self._worker, None
        if worker is None or not worker.is_running:
            return False
        worker.cancel()
        self._context.toast(self._context.say("Audit cancelled; nothing was changed."))
        return True

    async def _audit(self) -> None:
        report = await self._context.service.audit()
        # First, because the title behind a dialog is drawn only each second.
        self._context.draw()
        if report is not None:
            self._show_report(report)

    def _show_report(self, report: "AuditReport") -> None:
        from presence_tui.text.audit_texts import remarks, summary

        context, language = self._context, self._context.wording.language
        self._unseen = None
        if report.error is not None:
            sentence = f"{language.phrase(report.error.sentence)} {language.phrase(report.error.advice)}"
            context.toast(sentence.rstrip(), severity="error")
        elif not report.findings:
            said = remarks(report, language)
            is_plain = not said
            if report.checked or is_plain:
                said.insert(0, summary(report, language) + ("" if is_plain else "."))
            context.toast(" ".join(said), severity="information" if is_plain else "warning")
        elif context.screen.app.screen is not context.screen:
            # A list that opens over what somebody types would take the next key.
            self._unseen = report
            shown = summary(report, language)
            context.toast(
                context.say("{summary}; the audit key lists them", summary=shown),
                holds=lambda: self._unseen is report,
            )
        else:
            from presence_tui.tui.screens.participant_lists import FindingsDialog

            self._open(FindingsDialog(report, context.store, context.wording, context.glyphs))

    def _open(self, dialog: "ParticipantListDialog") -> None:
        self._context.screen.app.push_screen(dialog, self._go_to)

    def _go_to(self, key: str | None) -> None:
        if key is not None:
            self._context.screen.run_worker(self._views.select(key))
