"""Files in the formats that publishers really use, read into the tables of the study."""
