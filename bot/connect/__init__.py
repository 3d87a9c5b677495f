"""Customers' channels in Slack (Slack Connect): which belongs to whom, and what we say there.

``links`` links and unlinks a channel, ``asking`` asks Slack whether a link still works, ``courier``
queues a person's message, ``deliver`` posts it, and ``queries`` reads. One row of ``ConnectLink``
stands for one channel and for one account; messages of cases are queued only for a WORKING one.
"""
