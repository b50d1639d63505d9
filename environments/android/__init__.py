"""A phone behind the Android Debug Bridge, seen and touched."""
