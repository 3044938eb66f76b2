"""What the service promises: pure Python, standard library only."""
