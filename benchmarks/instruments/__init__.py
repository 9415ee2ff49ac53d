"""How fast long questionnaires are read and answered: python -m benchmarks.instruments"""
