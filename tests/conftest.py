"""What Hypothesis tries is the same in every run, and may take as long as the machine needs.

What the tests say of a change must not depend on chance. To look for more than that, let it in:
`pytest --hypothesis-profile=default tests/logs`.
"""

from hypothesis import settings

settings.load_profile("ci")
