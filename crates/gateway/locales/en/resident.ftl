resident-home-title = Report
