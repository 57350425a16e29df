"""The composition root: command line, configuration, demo and data generator. Only this package sees all the others."""
