"""Two machines come to know each other's keys by a code of six digits, and speak by TLS after."""
