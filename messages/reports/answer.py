"""Figures in Slack: what is seen first in a few lines, and the doors to all of it."""

from collections.abc import Iterator

from bot.rules.reports.figures import Report
from bot.rules.reports.periods import PeriodKind, period_before
from bot.rules.words import Language
from messages.clients.own_files import OwnFile
from messages.kit.blocks import Block, Message, actions, button, context, message, section
from messages.kit.mrkdwn import escape
from messages.kit.texts import t
from messages.reports.charts import draw_png
from messages.reports.compose import compose_report
from messages.reports.pdf import draw_report
from messages.reports.sheet import Chart, ReportSheet
from messages.reports.writing import name_period


def figures_answer(report: Report, link: str, account: str, language: Language) -> Message:
    """The first figures with what they were before; the notable of each part; buttons.

    ``link`` opens the page, empty where there is none; ``account`` is the customer's key or empty.
    """
    sheet = compose_report(report, language)
    lines = [f"*{escape(sheet.title)}*"]
    lines += [f"• {each.name}: *{each.value}* ({each.remark})" for each in sheet.tiles]
    seen = [
        f"• {part.heading}: {escape(part.chart.said)}"
        for part in sheet.parts
        if isinstance(part.chart, Chart) and part.chart.said and not part.chart.empty
    ]
    if link:
        seen.append(f"<{link}|{t(language, 'figures.open')}>")
    text = "\n".join([*lines, *seen])
    return message(
        text, section(text), actions(*_doors(report, account, language)),
        context(sheet.subtitle),
    )  # fmt: skip


def _doors(report: Report, account: str, language: Language) -> Iterator[Block]:
    """The files, and the period before."""
    about = {"period": report.period.key} | ({"customer": account} if account else {})
    yield button("show:figures_files", t(language, "figures.files"), about)
    earlier = period_before(report.period)
    if earlier.kind is not PeriodKind.DAYS:
        name = t(language, "figures.show", period=name_period(earlier, language))
        yield button("show:figures#2", name, {**about, "period": earlier.key})


def files_answer(report: Report, language: Language) -> Message:
    """Say that the files are in the conversation with the app, where only its person sees them."""
    said = t(language, "figures.sent", period=name_period(report.period, language))
    return message(said, section(said))


def figure_files(sheet: ReportSheet) -> list[OwnFile]:
    """The charts as pictures and the whole as a PDF. Takes seconds: not in the loop's own thread.

    Slack shows them in this order.
    """
    found = [
        OwnFile(
            f"figures-{sheet.key}-{part.key}.png", part.chart.said or part.heading,
            draw_png(part.chart),
        )
        for part in sheet.parts
        if part.chart is not None and not part.chart.empty
    ]  # fmt: skip
    return [*found, OwnFile(f"figures-{sheet.key}.pdf", sheet.title, draw_report(sheet))]
