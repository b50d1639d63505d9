"""The names of the formats that weights can be put into while loading.

Responsible for the names alone, so that options and settings can be read without anything heavy;
what they mean stands in ``agent.models.qwen3_vl.quantize``.
"""

from typing import Literal

Quantization = Literal["none", "int8", "nf4", "fp8", "int4"]
