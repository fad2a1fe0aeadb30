"""The mouth of the sandbox: from text to sound in a container."""
