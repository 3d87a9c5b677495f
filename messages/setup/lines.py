"""The lines to paste for a step: of the policy file, in TOML, or of the environment.

They are the same in every language, and name the reader where a person is wanted, so that they
hold as they are.
"""

from collections.abc import Sequence

from bot.rules.setup import Lack, SetupStep

WEEK = "\n".join(f'{day} = [["09:00", "17:00"]]' for day in ("mon", "tue", "wed", "thu", "fri"))
SHIFT = '[[duty.shifts]]\nname = "Around the clock"\ncalendar = "always"\npeople = ["{user}"]'
MAIL = (
    "SMTP_HOST=smtp.example.com\nSMTP_USERNAME=desk\nSMTP_PASSWORD=…\n"
    'MAIL_FROM="Northwind <help@northwind.example>"'
)
COUNTRY = "GB"  # in the example of a calendar, where the policy names none of its own
REGIONS = ("ENG",)


def lines_to_paste(step: SetupStep, lacks: Sequence[Lack], user: str, zone: str) -> str:
    """The lines for what a step lacks, with the reader's id and IANA zone; empty where no line
    helps.
    """
    lacking = {lack.what: lack.about for lack in lacks}
    match step:
        case SetupStep.ROLES:
            missing = [x.about["role"] for x in lacks if x.what in ("unnamed", "deserted")]
            named = "\n".join(f'{role} = ["{user}"]' for role in dict.fromkeys(missing))
            return f"[roles]\n{named}" if named else ""
        case SetupStep.CALENDAR:
            return _calendar(lacks, zone) if lacks else ""
        case SetupStep.DUTY:
            return SHIFT.format(user=user)
        case SetupStep.CHANNELS:
            return '[triage]\nchannel = "C…"' if "no_triage" in lacking else ""
        case SetupStep.MAIL:
            return MAIL if "no_mail" in lacking else ""


def _calendar(lacks: Sequence[Lack], zone: str) -> str:
    """A calendar as a whole, since a calendar of the policy replaces that of the default.

    The one around the clock stands with it: a file that names calendars names all that are used.
    """
    parts = next((lack.about for lack in lacks if lack.what == "part"), None)
    name = parts["calendar"] if parts else "business"
    country = parts["country"] if parts else COUNTRY
    part = parts["parts"].split()[0] if parts and parts["parts"] else REGIONS[0]
    head = f'timezone = "{zone}"\n\n[calendars.always]\nalways_open = true\n\n'
    days = f'[calendars.{name}]\ncountry = "{country}"\nsubdiv = "{part}"\n\n'
    return f"{head}{days}[calendars.{name}.weekly_hours]\n{WEEK}"
