"""A local help desk: an account at Help Scout, strict about its documentation, with its people.

It is served beside the workspace by those who want one, and shown on the workspace's page
(``Workspace.helpdesk``). Nothing of ours is imported.
"""
