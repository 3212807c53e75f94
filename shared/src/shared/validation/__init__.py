"""Checks what people type and what data files contain: one shape for every mistake."""
