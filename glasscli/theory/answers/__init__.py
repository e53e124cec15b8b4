"""What each `theory` command answers: grids chosen, numbers assembled, as JSON, columns and lines of text."""
