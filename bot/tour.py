"""The sandbox's guided tour: one incident from the first report to the end, in six steps."""

from dataclasses import dataclass, field

from bot.program import Program
from domain.customer_updates import Kind
from domain.incident import State
from domain.roster import Answer
from sandbox import Sandbox, TourStep

DECLARED, ACCEPTED, LATE, HELD, RESOLVED, LOOKED_BACK = range(6)
STEPS = (
    (
        "花さんになって、#support で「/incident」と入力し、インシデントを起票します",
        "As Emma, type /incident in #support and declare an incident (choose English as its language)",
    ),
    (
        "Adaさんに切り替え、HachiからのDMで「参加します」（Accept）を押します",
        "Switch to Ada, and press Accept in the direct message from Hachi",
    ),
    (
        "時計を「+10分」で進め、第一報の期限が過ぎるとどうなるかを対応チャンネルで見ます",
        "Move the clock by +10 min, and see in the swarm's channel what happens once the first notice is late",
    ),
    (
        "「対応継続中」と案内するを押し、お客様のチャンネル（#tsubame-support）に届いた文面を読みます",
        "Press “Still working on it”, and read what customers got in #northwind-support",
    ),
    (
        "Adaさんか長さんで「解決」を押し、復旧のご案内を送ります",
        "As Ada or 長 (the duty manager), press Resolve and send the final update",
    ),
    (
        "対応チャンネルで「/incident タイムライン」と入力し、いつ何をお伝えしたかを振り返ります",
        "Type /incident timeline in the swarm's channel, and look back at who was told what, and when",
    ),
)


@dataclass(kw_only=True)
class Tour:
    """Which steps have been taken, as far as the records and the workspace tell."""

    taken: set[int] = field(default_factory=set)

    async def look(self, sandbox: Sandbox, program: Program) -> None:
        """See how far the visitor has come; called every second."""
        if len(self.taken) == len(STEPS):
            return
        async with program.database.reading() as tx:
            newest = await tx.incidents.newest()
            if newest is None:
                return
            calls = await tx.calls.of(newest.number)
            reminders = await tx.reminders.of(newest.number)
            updates = await tx.customer_updates.of(newest.number)
        seen = {
            DECLARED: True,
            ACCEPTED: any(call.answer is Answer.ACCEPTED and not call.stands_in for call in calls),
            LATE: any(reminder.rung > 0 for reminder in reminders),
            HELD: any(update.kind is Kind.HOLDING for update in updates),
            RESOLVED: newest.state in (State.RESOLVED, State.CLOSED),
            LOOKED_BACK: _looked_back(sandbox, newest.channel_id),
        }
        self.taken |= {step for step, done in seen.items() if done}

    def steps(self) -> tuple[TourStep, ...]:
        return tuple(
            TourStep(ja=ja, en=en, done=lambda step=step: step in self.taken)  # type: ignore[misc]
            for step, (ja, en) in enumerate(STEPS)
        )


def _looked_back(sandbox: Sandbox, channel_id: str | None) -> bool:
    """Whether somebody asked for the timeline: the answer that only they see stands in the channel."""
    if channel_id is None:
        return False
    return any(
        message.ephemeral_for and any(block.get("block_id") == "timeline" for block in message.blocks)
        for message in sandbox.workspace.channel(channel_id).history
    )
