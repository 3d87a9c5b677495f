"""The verbs of focus and help, each with its intent and its use case: rows of ``VERBS``.

None of them speaks to a customer, so none is entrusted.
"""

from bot.focus.period import (
    EndFocus,
    Focus,
    InterruptFocus,
    begin_focus,
    end_focus_sooner,
    interrupt_focus,
)
from bot.focus.questions import (
    AnswerQuestion,
    AskLead,
    ReportFinding,
    answer_question,
    ask_lead,
    report_finding,
)
from bot.focus.swarm import (
    AnswerSwarm,
    LeaveSwarm,
    Swarm,
    answer_swarm,
    leave_swarm,
    swarm_by_skill,
)

FOCUS_VERBS = (
    (Focus, begin_focus),
    (EndFocus, end_focus_sooner),
    (InterruptFocus, interrupt_focus),
    (AskLead, ask_lead),
    (AnswerQuestion, answer_question),
    (ReportFinding, report_finding),
    (Swarm, swarm_by_skill),
    (AnswerSwarm, answer_swarm),
    (LeaveSwarm, leave_swarm),
)
