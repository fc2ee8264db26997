"""Who could be recognised: rules on the counts of persons that may be printed."""
