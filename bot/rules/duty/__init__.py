"""Who is on duty by the rota, who is away, and where the rota has gaps. Pure."""

from bot.rules.duty.ends import DutyEnd, find_ends
from bot.rules.duty.rota import AHEAD, Absence, Gap, Rota, Shift, Stint, Watch

__all__ = ["AHEAD", "Absence", "DutyEnd", "Gap", "Rota", "Shift", "Stint", "Watch", "find_ends"]
