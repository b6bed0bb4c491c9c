"""What people do to a ticket beside the journey's own steps: one file for each kind of move, or of asking for one."""
