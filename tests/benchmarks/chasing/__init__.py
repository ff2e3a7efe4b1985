"""What a hundred thousand open chases cost: a run of the machine, and the pages that say what is due."""
