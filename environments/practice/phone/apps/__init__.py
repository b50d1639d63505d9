"""The applications that are installed on the practice phone, one module each."""
