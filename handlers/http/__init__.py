"""Web routes: Slack's requests, mail, webhooks, customers' pages, figures."""
