"""What people type and what data files say, checked: one shape for whatever is wrong."""
