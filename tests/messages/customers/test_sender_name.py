"""From always has a name: its own, else the company's."""

import pytest

from messages.customers.mail_body import header_mailbox, name_sender

ADDRESS = "help@northwind.example"


@pytest.mark.parametrize(
    ("sender", "company", "name"),
    [
        (f"Northwind Support <{ADDRESS}>", "Northwind", "Northwind Support"),
        (ADDRESS, "Northwind", "Northwind"),
        (f"<{ADDRESS}>", "Βόρειος Άνεμος", "Βόρειος Άνεμος"),
        (ADDRESS, 'Ada "Vale" & Co, <Ltd>', 'Ada "Vale" & Co, <Ltd>'),
        (ADDRESS, "", ""),
    ],
)
def test_a_sender_without_a_name_has_the_companys(sender: str, company: str, name: str) -> None:
    shown = header_mailbox(name_sender(sender, company))
    assert (shown.display_name, shown.addr_spec) == (name, ADDRESS)
