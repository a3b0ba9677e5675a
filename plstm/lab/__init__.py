"""The laboratory, for the book: tasks, experiments, results, verdicts, figures and exercises."""
