"""The learned proposer of component values.

Importing this package imports torch; import it where a model is needed, not at start-up.
"""

from arcs_engine.model.card import Card
from arcs_engine.model.config import CONFIGS, TransformerConfig
from arcs_engine.model.guidance import UNGUIDED, Guidance
from arcs_engine.model.model import Model, load

__all__ = ["CONFIGS", "UNGUIDED", "Card", "Guidance", "Model", "TransformerConfig", "load"]
