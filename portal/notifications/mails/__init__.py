"""The outbox of e-mail: written with its cause, sent later."""
