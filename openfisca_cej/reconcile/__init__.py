"""« J'ai reçu un autre montant »: what would have to be true for another amount to be due."""

from openfisca_cej.reconcile.answer import Reconciliation, reconcile

__all__ = ["Reconciliation", "reconcile"]
