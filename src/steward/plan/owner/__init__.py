"""The owner's own words: names that he gives, routines that he defines, and his corrections."""
