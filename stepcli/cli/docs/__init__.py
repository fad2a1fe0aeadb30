"""Documentation generated from the command tree: help pages and manual pages.

``introspect`` converts the tree into the plain data of ``model``; ``help`` and ``man`` render it.
``stepcli.cli.completion`` renders completion scripts from the same model.
"""
