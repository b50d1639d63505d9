"""What the model may ask for: schemas, and the one door through which every call goes."""
