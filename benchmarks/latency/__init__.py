"""How fast it is: each module measures one thing and returns milliseconds."""
