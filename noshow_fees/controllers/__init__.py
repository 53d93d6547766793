from . import card, portal, stripe
