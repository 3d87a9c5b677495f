"""Web routes: Slack's requests, mail, webhooks, customers' pages, figures.

``app`` puts them together, ``bodies`` reads what is sent, without limits no route may be read. Each
route checks a signature or a token; ``/healthz``, ``/readyz`` and ``/metrics`` are open to all who
reach the port.
"""
