"""Charts: Plotly figures made from timelines. Nothing else imports plotly."""
