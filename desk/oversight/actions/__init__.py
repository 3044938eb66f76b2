"""Writing editions, day plans, violations, rulings, audits and complaints."""
