"""Does it work, how well, how fast: suites, their runner, and the bars. Imported by nothing."""
