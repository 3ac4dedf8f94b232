"""Fast calorimeter showers as energy spots, for the kernels of the detector."""
