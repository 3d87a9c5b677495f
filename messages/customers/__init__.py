"""What customers read: templates, mails, pages."""
