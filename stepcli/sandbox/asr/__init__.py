"""The ears of the sandbox: from sound in a container to words with times."""
