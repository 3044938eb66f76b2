"""The accountant's pages: deposits, payments and the ledger check."""
