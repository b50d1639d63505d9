"""The in-process engine: Qwen3-VL weights and modules of transformers, loops of our own.

Responsible for any Qwen3-VL checkpoint, dense or mixture of experts. Importing it loads nothing
heavy; start at ``engine``.
"""
