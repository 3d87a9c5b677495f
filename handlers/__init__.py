"""How work arrives: Slack's requests, web routes and Socket Mode, each as thin as it can be.

A handler reads what came, stores it or hands it to the background, and acknowledges: nothing else
happens while Slack waits. It knows the use cases by their intents and asks ``ports.Services`` for
everything; it never opens the store.

- ``slack``: the listeners, from ``slack.app`` to ``slack.dispatch``.
- ``commands``: what people type after ``/escalate``.
- ``forms``: modals filled in, read and drawn again; how they look is in ``messages.forms``.
- ``http``: the web application; ``socket_mode``: the same requests without an address.
"""
