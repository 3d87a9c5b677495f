"""Which function draws which form: ``form_of`` stands above each of them.

A form is a modal that has the verb for its ``callback_id`` and as inputs fields of its intent. The
table is full once ``messages.forms`` is imported.
"""

from collections.abc import Callable
from dataclasses import dataclass

from messages.forms.inputs import FormContext
from messages.kit.blocks import Block

Draw = Callable[[FormContext], list[Block]]


@dataclass(frozen=True, slots=True)
class Form:
    """How one form is drawn.

    ``carries`` names the known values that the form keeps unseen in its metadata although they are
    no hidden fields of the intent, such as the advice that was shown already. ``draw`` answers the
    blocks below the line that names the case; without an input the form cannot be sent.
    ``refuses`` names the field that, known to be false, makes the form one of refusing: it then has
    the texts that begin with ``no_`` where there are any.
    """

    draw: Draw
    carries: tuple[str, ...] = ()
    refuses: str = ""


FORMS: dict[str, Form] = {}


def form_of(verb: str, *carries: str, refuses: str = "") -> Callable[[Draw], Draw]:
    """Register the function below as what draws the form of ``verb``; see ``Form``.

    Raises ValueError, when its module is imported, for a verb that has a form already.
    """

    def register(draw: Draw) -> Draw:
        if verb in FORMS:
            raise ValueError(f"two functions draw the form of {verb!r}")
        FORMS[verb] = Form(draw, carries, refuses)
        return draw

    return register
