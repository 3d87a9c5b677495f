"""What people read about the rota: who is on duty, who is away, where no one will be."""
