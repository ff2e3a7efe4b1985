"""A portal's look: colours, pictures, badges and the launch kit."""
