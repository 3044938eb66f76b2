"""A ticket from submission to resolution: parts, messages, files, promises, work."""
