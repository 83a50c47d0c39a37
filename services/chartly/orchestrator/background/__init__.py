"""Loops beside the handlers: work to the queue, finished work back, schedules, events, expiry, clean-up."""
