"""Adapters: one module for each chat, each with its renderer."""
