"""From an Utterance and a World to a Plan, and from Outcomes to the words of a Reply."""
