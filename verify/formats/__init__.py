"""What was found, for other programs: JSON, SARIF, JUnit, Markdown and GitHub's annotations."""
