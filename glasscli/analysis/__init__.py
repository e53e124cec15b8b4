"""`glasscli analyze` and what it is made of: a registry of measures, results kept by frame, one file a measure."""
