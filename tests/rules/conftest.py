"""What the tests of the rules share."""

from hypothesis import settings

# A busy machine makes an example slow, never wrong; speed is measured by bin/bench.
settings.register_profile("rules", deadline=None)
settings.load_profile("rules")
