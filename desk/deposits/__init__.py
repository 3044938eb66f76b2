"""The prepaid ledger: lots, holds, captures, releases."""
