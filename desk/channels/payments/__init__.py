"""Online payment of invoices: one interface, a provider behind it."""
