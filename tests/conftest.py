"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# How long an example takes is for the machine to say: no property depends on the clock.
settings.register_profile("feedpub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("feedpub")
