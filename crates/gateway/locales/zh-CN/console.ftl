console-home-title = 事项办理
console-nav-cases = 事项办理
console-nav-system = 系统运行
