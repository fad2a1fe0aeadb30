"""What is written down about the command tree: ``--help``, man pages, completions.

``tree`` reads the tree into the words of ``description``; everything else here renders those.
"""
