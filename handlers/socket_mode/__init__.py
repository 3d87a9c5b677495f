"""Slack's requests without an address of ours: ``client`` keeps a ``connection`` open.

What arrives is given to the same Bolt app as over HTTP. ``credentials`` tells tokens that Slack
refuses from a Slack that is away.
"""
