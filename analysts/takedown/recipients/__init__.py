"""Recipients of notices and referrals: details, verification, working hours and history."""
