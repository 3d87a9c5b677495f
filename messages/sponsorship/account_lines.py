"""What a case's card says of the customer's account, as far as it is known."""

from bot.rules.facts import CaseFacts
from bot.rules.words import Language, Role
from messages.kit.amounts import format_amount
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mention_user, on_day
from messages.kit.texts import t


def account_lines(case: CaseFacts, language: Language) -> list[str]:
    """List tier, yearly revenue, renewal, and the sponsor where they have no part in the case."""
    account = case.account
    if account is None:
        return []
    said = [t(language, "card.account", tier=short_text(account.tier, 60))] if account.tier else []
    if account.arr is not None:
        amount = format_amount(account.arr, account.currency, language)
        said.append(t(language, "card.arr", amount=short_text(amount, 60)))
    elif account.withheld:
        said.append(t(language, "card.arr_withheld"))
    if account.renewal:
        said.append(t(language, "card.renewal", day=on_day(account.renewal, language)))
    if account.sponsor and account.sponsor != case.roles.get(Role.SPONSOR):
        said.append(t(language, "card.sponsor", user=mention_user(account.sponsor)))
    return said
