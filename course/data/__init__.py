"""The data of the labs."""
