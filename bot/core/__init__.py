"""What every use case begins and ends with: access, checks, snapshots, notices."""
