"""Benchmarks: figures against rivals in the same run; ``make bench`` runs them all."""
