"""What the reports of drills and loads share: attempts cut into spans, charts, pages and objectives."""
