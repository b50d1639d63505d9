"""Teaching a checkpoint from recorded runs: LoRA, Q-LoRA and full fine-tuning."""
