"""Pure array functions of particle physics."""
