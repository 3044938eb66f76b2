"""Production's pages: consultations and estimates."""
