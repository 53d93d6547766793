"""How fast the addon is, beside stock Odoo: `./dev bench` runs it in Odoo's shell."""
