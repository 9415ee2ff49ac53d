"""The outbox: mails written with the change that causes them and sent by the worker."""
