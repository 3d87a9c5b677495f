"""Action items that say nothing: two lists, of which the second was only judged by.

The words of the rule were chosen by the first list. The second was written by somebody else, who
did not see the rule. It was judged by twice, and the words were widened in between by the figure
alone, so its second figure (45 of 80 found, 37 before) is better than a third list would give. A
clear one must never be refused; of the vague ones some pass, which costs less.
"""

from pathlib import Path

import pytest

from bot.rules.prose.vague_actions import is_vague

VAGUE = (
    "Be careful",
    "We should be more careful next time",
    "Pay more attention to customers",
    "Improve the documentation",
    "Communicate better with the team",
    "Double-check everything",
    "Train the team",
    "Look into the issue",
    "Fix the bug",
    "Review our processes",
    "Let's be proactive",
    "να προσέχουμε",
    "Να είμαστε πιο προσεκτικοί την επόμενη φορά",
    "Καλύτερη επικοινωνία με τον πελάτη",
    "Βελτίωση διαδικασιών",
    "Να ενημερώνουμε έγκαιρα τους πελάτες",
    "Εκπαίδευση προσωπικού",
    "Περισσότερη προσοχή",
    "Να μην επαναληφθεί το λάθος",
    "Να το δούμε",
    "Respond faster",
    "Follow the process",
    "Avoid such mistakes in the future",
    "Keep an eye on it",
    "Καλύτερος συντονισμός των ομάδων",
    "Να ακολουθούμε τις διαδικασίες",
)
CLEAR = (
    "Add an alarm 14 days before a certificate expires",
    "Write the runbook for the billing export",
    "Watch every certificate",
    "Train agents on the refund form",
    "Test the restore of the payments database each month",
    "Update the VPN guide in Confluence",
    "Add a second reviewer to firewall changes",
    "Fix the rounding in invoices",
    "Προσθήκη συναγερμού πριν λήξει το πιστοποιητικό",
    "Οδηγός για την επαναφορά της βάσης",
    "Εκπαίδευση της βάρδιας στη φόρμα επιστροφών",
    "Να ελέγχεται το αντίγραφο κάθε Δευτέρα",
    "Δοκιμή της σύνδεσης με την τράπεζα",
    "Page the DBA when replication lags 5 minutes",
    "Call Northwind every Friday until May",
    "Publish the outage checklist",
    "Automate the backup check",
    "Αυτόματη ειδοποίηση όταν γεμίζει ο δίσκος",
)
JUDGING = Path(__file__).parents[3] / "data" / "learning" / "vague_actions.txt"
FOUND = 0.55  # of the vague ones of that list, 45 of 80 when the rule was made


@pytest.mark.parametrize("title", VAGUE)
def test_good_will_alone_is_vague(title: str) -> None:
    assert is_vague(title)
    assert is_vague(title.upper() + "!")


@pytest.mark.parametrize("title", CLEAR)
def test_what_can_be_looked_at_is_not(title: str) -> None:
    assert not is_vague(title)


@pytest.mark.parametrize("title", ["", "…", "Увеличить внимание", "注意する", "PAY-4711"])
def test_what_has_no_word_or_is_in_another_language_is_never_called_vague(title: str) -> None:
    assert not is_vague(title)


@pytest.mark.parametrize("language", ["en", "el"])
def test_nothing_clear_that_somebody_else_wrote_is_refused_and_most_vague_is(language: str) -> None:
    lines = [line.split("\t") for line in JUDGING.read_text(encoding="utf-8").splitlines()]
    said = {
        kind: [is_vague(text) for each, spoken, text in lines if (each, spoken) == (kind, language)]
        for kind in ("vague", "clear")
    }
    assert (len(said["clear"]), sum(said["clear"])) == (40, 0)
    assert sum(said["vague"]) >= 20


def test_of_the_vague_ones_more_than_half_are_found() -> None:
    lines = [line.split("\t") for line in JUDGING.read_text(encoding="utf-8").splitlines()]
    vague = [is_vague(text) for kind, _, text in lines if kind == "vague"]
    assert sum(vague) >= FOUND * len(vague)
