"""The way in from Python: files opened, protocols as functions. (Commands as functions are in cli/call.py.)"""
