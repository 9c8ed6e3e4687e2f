"""Offline work: checks and measurements that no turn needs."""
