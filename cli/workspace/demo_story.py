"""What happened in the demo before it is looked at: its cases, and the emails that were sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.rules.words import Language
from messages.kit.dates import format_letter_moment

BEGAN = timedelta(hours=26)  # how long ago the first of the demo's cases was opened
ZONE = "Europe/Athens"  # of the demo's customers
MAYA, ELENI, TOMAS, NIKOS = "U0MAYA", "U0ELENI", "U0TOMAS", "U0NIKOS"

# By case: the customer's language, and to whom the emails go.
READERS: Mapping[int, tuple[str, str]] = {
    1: ("el", "Γιώργος Ράπτης"),
    2: ("en", "Hanna Berg"),
    3: ("el", "Μάριος Βλάχος"),
}
# Emails by case and kind; ``{promised}`` is when the customer hears the next time.
LETTERS: Mapping[tuple[int, str], str] = {
    (1, "acknowledgement"): (
        "Κύριε Ράπτη, καλημέρα σας. Λάβαμε την αναφορά σας και ανέλαβα προσωπικά το θέμα της"
        " τιμολόγησης, με υψηλή προτεραιότητα: γνωρίζω ότι περιμένουν 40.000 πελάτες σας και ότι"
        " επείγει, αφού ο μήνας κλείνει. Η τεχνική μας ομάδα εξετάζει τη νυχτερινή εξαγωγή και"
        " στόχος μας είναι να έχει λυθεί μέσα σε 24 ώρες. Θα σας γράψω ξανά έως {promised}."
    ),
    (1, "update"): (
        "Κύριε Ράπτη, βρήκαμε ότι η εξαγωγή σταμάτησε επειδή έληξε ένα πιστοποιητικό. Το"
        " ανανεώνουμε και ελέγχουμε αν χάθηκε κάποιο στοιχείο. Θα σας γράψω ξανά έως {promised}."
    ),
    (2, "acknowledgement"): (
        "Dear Ms Berg,\n\nThank you for telling us: three of your managers asked us the same"
        " question within a week, and none of them was called back. I have taken over your case"
        " myself, with high priority, because every day counts for your teams, and am reading all"
        " three conversations. We aim to have it resolved within ten days. I will write again by"
        " {promised}."
    ),
    (3, "acknowledgement"): (
        "Κύριε Βλάχο, καλημέρα σας. Λάβαμε το μήνυμά σας και ανέλαβα προσωπικά την υπόθεσή σας,"
        " με υψηλή προτεραιότητα: γνωρίζω ότι επείγει, και ότι αν οι παραγγελίες δεν περάσουν ως"
        " τις έξι, το αυριανό φορτίο χάνεται. Στόχος μας είναι να μπορείτε να εργαστείτε μέσα σε"
        " 8 ώρες. Θα σας γράψω ξανά έως {promised}."
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened ``ago`` before now: who, which verb, its fields.

    ``who`` is a Slack user id, ``verb`` a key of ``bot.registry.INTENTS``, ``fields`` what that
    intent reads. Cases are numbered from 1 in the order in which the story opens them.
    """

    ago: timedelta
    who: str
    verb: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def _ago(hours: float) -> timedelta:
    return timedelta(hours=hours)


def demo_story(now: datetime) -> list[Step]:
    """Return what happened before the demo is looked at, oldest first; ``now`` is workspace time.

    Case 1 is resolved and confirmed by the technical lead, 2 and 3 have a promise that comes due
    within an hour, 4 is new and unclaimed; a call waits in triage. The first step must not be
    further back than ``BEGAN``, at which workspace time begins.
    """

    def told(ago: float, who: str, case: int, kind: str, until: float) -> Step:
        """``who`` mails ``kind``, and promises the next email for ``until`` hours before now."""
        then = now - _ago(ago)
        return Step(_ago(ago), who, "update", _update(case, kind, then, now - _ago(until)))

    return [
        Step(_ago(26), MAYA, "open_case", _delphi()),
        Step(_ago(25.8), ELENI, "claim", {"case": 1}),
        told(25.6, MAYA, 1, "acknowledgement", 22),
        told(22.2, MAYA, 1, "update", 18.5),
        Step(_ago(18.6), ELENI, "resolve", _fixed(1)),
        Step(_ago(18.5), TOMAS, "confirm", _comfortable(1)),
        Step(_ago(18.4), ELENI, "resolve", _fixed(1)),  # now the customer is told
        Step(_ago(9), NIKOS, "open_case", _juniper()),
        Step(_ago(8.5), ELENI, "claim", {"case": 2}),
        told(8, NIKOS, 2, "acknowledgement", -1),
        Step(_ago(3), MAYA, "open_case", _kallisto()),
        Step(_ago(2.8), ELENI, "claim", {"case": 3}),
        told(2.5, MAYA, 3, "acknowledgement", -0.5),
        Step(_ago(0.7), NIKOS, "log_call", _aegean()),
        Step(_ago(0.2), MAYA, "open_case", _granite()),
    ]


def _delphi() -> dict[str, Any]:
    """Return the fields of case 1: a customer who reads Greek and cannot send invoices."""
    return {
        "account": "delphi-energy",
        "customer": "Delphi Energy",
        "stake": "Δεν μπορούμε να τιμολογήσουμε 40.000 πελάτες μας πριν κλείσει ο μήνας.",
        "trigger": "technical",
        "severity": 2,
        "ticket_url": "https://tickets.example/4101",
        "contact_name": "Γιώργος Ράπτης",
        "contact_email": "g.raptis@delphi-energy.example",
        "language": "el",
    }


def _juniper() -> dict[str, Any]:
    """Return the fields of case 2: nothing is broken, but a customer was not heard."""
    return {
        "account": "juniper-hotels",
        "customer": "Juniper Hotels",
        "stake": "Three managers asked the same question in a week and nobody called us back.",
        "trigger": "unheard",
        "severity": 3,
        "ticket_url": "https://tickets.example/4127",
        "contact_name": "Hanna Berg",
        "contact_email": "hanna@juniper.example",
    }


def _kallisto() -> dict[str, Any]:
    """Return the fields of case 3: a customer who reads Greek."""
    return {
        "account": "kallisto-foods",
        "customer": "Kallisto Foods",
        "stake": "Αν οι παραγγελίες δεν περάσουν ως τις έξι, το αυριανό φορτίο χάνεται.",
        "trigger": "too_slow",
        "severity": 2,
        "contact_name": "Μάριος Βλάχος",
        "contact_email": "m.vlachos@kallisto.example",
        "language": "el",
    }


def _aegean() -> dict[str, Any]:
    """Return the fields of a call that nobody has decided on yet."""
    return {
        "account": "aegean-ferries",
        "customer": "Aegean Ferries",
        "caller": "Κατερίνα Δήμου",
        "phone": "+30 210 555 0199",
        "words": "Τα εισιτήρια δεν τυπώνονται από το πρωί. Αν δεν μας πάρει κάποιος, φεύγουμε.",
    }


def _granite() -> dict[str, Any]:
    """Return the fields of case 4: an outage, and a customer who threatens to leave."""
    return {
        "account": "granite-insurance",
        "customer": "Granite Insurance",
        "stake": "Our claims portal has been down since nine; brokers are sending clients away.",
        "trigger": "threat_to_cancel",
        "severity": 1,
        "ticket_url": "https://tickets.example/4140",
        "contact_name": "Marcus Webb",
        "contact_email": "marcus.webb@granite.example",
    }


def _update(case: int, kind: str, now: datetime, promised: datetime) -> dict[str, Any]:
    """Return the fields of an email to the customer of ``case``, who is promised the next one.

    ``promised`` becomes ISO 8601; ``kind`` is a ``MessageKind`` and with ``case`` a key of
    ``LETTERS``. ``now`` is when it is written.
    """
    language, name = READERS[case]
    moment = format_letter_moment(promised, Language(language), ZONE, now)
    return {
        "case": case,
        "kind": kind,
        "text": LETTERS[case, kind].format(promised=moment),
        "recipient": name,
        "route": "mail",
        "next_update_at": promised.isoformat(),
    }


def _fixed(case: int) -> dict[str, Any]:
    """Return the fields of a resolution: ``note`` is for colleagues, ``text`` for the customer."""
    return {
        "case": case,
        "type": "fix",
        "note": "The nightly export failed on an expired certificate; renewed, and now watched.",
        "text": "Κύριε Ράπτη, η νυχτερινή εξαγωγή λειτουργεί ξανά και κανένα στοιχείο δεν χάθηκε."
        " Είχε λήξει ένα πιστοποιητικό· το ανανεώσαμε και παρακολουθούμε πλέον τη λήξη του."
        " Εκδίδονται και τα 40.000 τιμολόγια; Γράψτε μου αν κάτι δεν είναι όπως το περιμένετε.",
        "recipient": READERS[case][1],
        "route": "mail",
    }


def _comfortable(case: int) -> dict[str, Any]:
    """Return the fields by which the technical lead agrees that ``case`` is resolved."""
    return {"case": case, "party": "technical_lead", "comfortable": True}
