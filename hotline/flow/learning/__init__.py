"""What closed tickets teach: a first set of rules, and the models, trained, compared, put to use by a person."""
