"""The learned proposer of component values: tokens, transformer, sampling.

All but `tokens` import torch; import them where a model is needed, not at start-up.
"""
