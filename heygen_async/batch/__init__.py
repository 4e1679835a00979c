"""Many jobs at once: tables of specs, and what runs them."""
