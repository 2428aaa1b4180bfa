resident-home-title = 我要反映
