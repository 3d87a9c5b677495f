"""What a first message to a customer must say, in both languages, so that the app sends it."""

GREEK = (
    "Έλαβα την αναφορά σας και γνωρίζω ότι δεν μπορεί να περιμένει. Τη χειριζόμαστε με υψηλή"
    " προτεραιότητα, και στόχος μας είναι να έχει λυθεί έως αύριο στις 10:00."
)
BOTH = (
    "We are on it. I have your report and know that it cannot wait. We treat it with high priority"
    f" and aim to have it solved by tomorrow at 10:00. {GREEK}"
)
