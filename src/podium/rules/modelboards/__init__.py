"""The rules of model boards: what may be declared about a model, which way a metric goes, who stands where."""
