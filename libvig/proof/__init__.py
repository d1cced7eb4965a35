"""Why libVig is right: what the verifier needs to know beyond the contracts."""
