"""The laboratory: what the book needs beside the library. Tasks, experiments, results, verdicts, figures, exercises."""
