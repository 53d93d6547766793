from . import card, no_store, portal, stripe
