"""What leaves this device for an inquiry: little of it, and nothing personal that was found.

`prepare.Leaving` is called before every send. `turns` and `documents` choose what the question
needs, `parts` lets a model on this device read what is long, `home` and `vaults` serve redaction,
and `answers` keeps what was answered, so that a question is not asked twice.
"""
