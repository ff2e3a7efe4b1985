"""What needs a second operator, and the frame of the operators' pages."""
