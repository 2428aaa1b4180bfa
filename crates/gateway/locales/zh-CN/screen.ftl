screen-home-title = 指挥大屏
