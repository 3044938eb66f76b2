"""Mail out, and later mail in."""
