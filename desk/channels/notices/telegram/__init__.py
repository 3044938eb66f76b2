"""Notices by Telegram, and the few words that people say to the bot."""
