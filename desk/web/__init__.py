"""What all screens share: base page, components, labels, live events, sign-in."""
