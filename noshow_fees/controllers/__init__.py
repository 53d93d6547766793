from . import card, stripe
