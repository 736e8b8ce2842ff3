# At the end of your board's board.cmake: `west flash` refuses a runner that the board does not name.
board_set_flasher_ifnset(sureflash)
board_finalize_runner_args(sureflash)
