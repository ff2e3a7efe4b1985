"""An attacker on published figures, who tries to recover the counts that they hide."""
