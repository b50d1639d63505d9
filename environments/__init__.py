"""What can be seen and touched; knows no model, no prompt and no tool."""
