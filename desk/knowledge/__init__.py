"""Dossiers, articles, similar tickets."""
