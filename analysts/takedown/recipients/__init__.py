"""Who is told: recipients, their hours, their history."""
