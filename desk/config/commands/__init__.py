"""The commands of `desk`, a module each, found by the shell in desk/config/cli.py."""
