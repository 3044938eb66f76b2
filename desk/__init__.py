"""Partner Desk: support for the partners of a CRM vendor, with deadlines that are promises."""
