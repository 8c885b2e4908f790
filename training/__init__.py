"""Makes the model that noisefilter ships: data, features, fit, thresholds, evaluation, export."""
