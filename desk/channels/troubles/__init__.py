"""What stops on the way in or out, and who sets the desk up is told before partners notice."""
