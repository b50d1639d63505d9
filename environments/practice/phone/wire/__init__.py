"""The practice phone behind the Android Debug Bridge: our own device side of its wire protocol."""
