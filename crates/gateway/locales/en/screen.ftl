screen-home-title = Big screen
