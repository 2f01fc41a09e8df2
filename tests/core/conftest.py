"""Property tests measure no time: a busy machine is no fault. Time has tests of its own."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
