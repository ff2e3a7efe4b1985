"""Who is told: addressees, their hours, their history."""
