"""By which route a message goes out, and what became of it."""

BY_MAIL = "mail"  # the route by which the desk itself sends


BY_HAND = "hand"  # a broadcast's route where the desk cannot


QUEUED, HANDED, SENT, REFUSED, BOUNCED = "queued", "handed", "sent", "refused", "bounced"


IN_THREAD = (HANDED, SENT, BOUNCED, "received", "released")  # mails that the customer may have
