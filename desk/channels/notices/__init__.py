"""The bell: notices inside the desk."""
