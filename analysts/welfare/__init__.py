"""Staff protection: masking, exposure, breaks, personal settings."""
