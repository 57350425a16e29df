"""Subscriptions over WebSocket, server-sent events and multipart: every event decided and recorded before it leaves."""
