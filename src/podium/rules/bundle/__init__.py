"""From competition.yaml to a typed CompetitionSpec, with every problem named by file, line and column."""
