"""What a user holds: specs, results, statuses and policies, all frozen values."""
