"""Files and attachments of a message, ready for the template."""

from dataclasses import dataclass

from markupsafe import Markup

from sandbox.state import File, Json
from sandbox.web.blocks import Place, draw_blocks
from sandbox.web.mrkdwn import anchor, mrkdwn
from sandbox.web.reader import Reader

# Pictures that a browser draws without running anything inside them (an SVG could).
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
_TEXTS = {"application/json", "application/csv", "application/toml"}
PREVIEW_CHARACTERS = 2_000


@dataclass(frozen=True)
class FileCard:
    """One file below a message. `preview` is the beginning of a text file."""

    id: str
    title: str
    about: str
    href: str
    download: str
    alt: str
    is_picture: bool
    preview: str


def size_words(length: int) -> str:
    """Bytes as people say them: "812 B", "3.4 kB", "1.2 MB"."""
    if length < 1000:
        return f"{length} B"
    if length < 1_000_000:
        return f"{length / 1000:.1f} kB"
    return f"{length / 1_000_000:.1f} MB"


def _preview(file: File) -> str:
    if not file.mimetype.startswith("text/") and file.mimetype not in _TEXTS:
        return ""
    text = (file.content or b"").decode("utf-8", "replace")
    return text[:PREVIEW_CHARACTERS] + ("\n…" if len(text) > PREVIEW_CHARACTERS else "")


def file_card(file: File, reader: Reader) -> FileCard:
    """What the template needs of a file."""
    href = f"/_/file/{file.id}?as={reader.user_id}"
    title = file.title or file.name
    return FileCard(
        id=file.id,
        title=title,
        about=f"{file.name} · {size_words(file.length)}",
        href=href,
        download=href + "&download=1",
        alt=file.alt_txt or title,
        is_picture=file.mimetype in PICTURES,
        preview=_preview(file),
    )


def _classic(attachment: Json, reader: Reader) -> Markup:
    """The older parts of an attachment: pretext, title, text, fields, footer."""
    drawn = Markup()
    title = str(attachment.get("title") or "")
    if title:
        link = str(attachment.get("title_link") or "")
        words = anchor(link, title, reader) if link else title
        drawn += Markup("<p><b>{}</b></p>").format(words)
    if attachment.get("text"):
        drawn += Markup("<p>{}</p>").format(mrkdwn(str(attachment["text"]), reader))
    for field in attachment.get("fields") or []:
        drawn += Markup("<p><b>{}</b><br>{}</p>").format(
            field.get("title", ""), mrkdwn(str(field.get("value", "")), reader)
        )
    if attachment.get("footer"):
        drawn += Markup("<p><small>{}</small></p>").format(attachment["footer"])
    return drawn


def draw_attachments(attachments: list[Json], reader: Reader, place: Place) -> Markup:
    """Each attachment beside a bar; its blocks when it has some, else its older parts."""
    drawn = Markup()
    for attachment in attachments:
        if attachment.get("pretext"):
            drawn += Markup("<p>{}</p>").format(mrkdwn(str(attachment["pretext"]), reader))
        blocks = attachment.get("blocks")
        inner = draw_blocks(blocks, reader, place) if blocks else _classic(attachment, reader)
        colour = str(attachment.get("color") or "")
        look = colour if colour in {"good", "warning", "danger"} else "plain"
        drawn += Markup('<div class="attachment attachment-{}">{}</div>').format(look, inner)
    return drawn
