"""What was found, for other programs: JSON, SARIF, JUnit and GitHub's annotations."""
