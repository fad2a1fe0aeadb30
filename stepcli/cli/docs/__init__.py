"""Documentation generated from the command tree.

``introspect`` converts the tree into the plain data of ``model``. ``help``, ``man``, ``reference``
(JSON), ``skill`` and ``readme`` render it. ``examples``, ``chapters``, ``recipes`` and ``results``
have what the options cannot say. ``stepcli.cli.completion`` renders completion scripts from the
same model.
"""
