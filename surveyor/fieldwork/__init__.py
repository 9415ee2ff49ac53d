"""Where invitations and responses meet: launching, asking, answering, importing and closing a wave."""
