work-home-title = 我的任务
work-tab-tasks = 任务
work-tab-report = 上报
work-tab-me = 我的
