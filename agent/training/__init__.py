"""Making the embedded checkpoint: data, curriculum, training, evaluation by acting."""
