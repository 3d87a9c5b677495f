"""Files that commands write: records of cases and problems, the emergency file, figures."""
