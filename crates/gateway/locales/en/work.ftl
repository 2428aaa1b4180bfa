work-home-title = My tasks
work-tab-tasks = Tasks
work-tab-report = Report
work-tab-me = Me
