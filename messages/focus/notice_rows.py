"""Notices of focus and of questions to the technical lead: rows of the notices' table.

``user`` is the lead, in ``question_answered`` who answered; ``by`` acted, or asked. ``query`` is
the id of a question, ``words`` what was asked, ``text`` the answer or the finding; ``kept`` says
that a question waits. ``every`` is how often the lead promises a word, in minutes, 0 where the
focus is over sooner. ``ended`` is a ``FocusEnd``, ``count`` how much was kept, ``interruptions``
what was not, ``missed`` how many check-ins stayed without an answer one after another. ``skill`` is
the policy's name of one, ``helper`` the id of a question to help, ``people`` are those who are
asked. ``another`` says that another was asked since, in ``swarm_nobody`` ``count`` how many have
not answered.
"""

from collections.abc import Mapping

from messages.kit.notice_spec import ButtonSpec, NoticeSpec, take_given

SHOW = ButtonSpec("show:show", "show")
ASK = ButtonSpec("ask:ask_lead", "ask_lead")
STOP = ButtonSpec("do:end_focus", "end_focus")
ANSWER = ButtonSpec("ask:answer_question", "answer_question", take_given("query"), "primary")
ASK_ANYWAY = ButtonSpec(
    "ask:ask_lead", "ask_anyway",
    lambda facts: {"about": "other", "question": facts["it"]["words"]},
)  # fmt: skip
CHECK_IN = (
    ButtonSpec("do:status", "standing_on_track", take_given(standing="on_track"), "primary"),
    ButtonSpec("do:status", "standing_need_help", take_given(standing="need_help")),
    ButtonSpec("ask:report_finding", "report_finding"),
)

JOIN = (
    ButtonSpec("do:answer_swarm", "join", take_given("helper", accept=True), "primary"),
    ButtonSpec("do:answer_swarm", "cannot_join", take_given("helper", accept=False)),
)
LEAVE = ButtonSpec("do:leave_swarm", "leave_swarm")

FOCUS: Mapping[str, NoticeSpec] = {
    "focus_begun": NoticeSpec(("user", "until", "by"), (ASK,), {"every": 0}),
    "focus_set": NoticeSpec(("user", "until", "by"), (STOP,), {"every": 0}),
    "focus_check_in": NoticeSpec(("user", "until"), CHECK_IN, {"missed": 0}),
    "focus_silent": NoticeSpec(("user", "missed"), (SHOW,), {"until": ""}),
    "focus_unheard": NoticeSpec(("user", "missed"), (SHOW,), {"until": ""}),
    "focus_interrupted": NoticeSpec(("by", "reason"), (SHOW,)),
    "focus_broken_into": NoticeSpec(("user",)),
    "focus_over": NoticeSpec(("user", "ended", "by"), (), {"count": 0, "interruptions": 0}),
    "card_knows": NoticeSpec(
        ("about",),
        (ASK_ANYWAY,),
        {"words": "", "at": "", "by": "", "standing": "", "remark": "", "workaround": ""},
    ),
    "question_taken": NoticeSpec(("user",), (), {"kept": False}),
    "lead_asked": NoticeSpec(("query", "by", "words"), (ANSWER,)),
    "question_answered": NoticeSpec(("query", "by", "user", "words", "text")),
    "finding": NoticeSpec(("by", "text")),
    "swarm_started": NoticeSpec(("skill", "people")),
    "swarm_asked": NoticeSpec(
        ("helper", "skill", "by"), JOIN, {"words": "", "reader": "", "another": False}
    ),
    "swarm_joined": NoticeSpec(("user", "skill"), (), {"words": ""}),
    "swarm_welcome": NoticeSpec(("skill",), (LEAVE,), {"words": ""}),
    "swarm_declined": NoticeSpec(("skill",)),
    "swarm_nobody": NoticeSpec(("skill",), (SHOW,), {"count": 0}),
    "swarm_left": NoticeSpec(("user", "skill"), (SHOW,)),
    "swarm_thanks": NoticeSpec(("skill", "by"), (), {"outcome": ""}),
}
