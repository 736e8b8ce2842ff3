# sureflash_program(<target>) adds the build target `<target>-flash`: it builds the executable, programs a board with it
# and proves every byte. `cmake --build build --target firmware-flash`
#
# SUREFLASH_OPTIONS goes to `sureflash program`, as a list: cmake -DSUREFLASH_OPTIONS="--usb;1-4"
find_program(SUREFLASH_EXECUTABLE sureflash REQUIRED)
set(SUREFLASH_OPTIONS "" CACHE STRING "Options of sureflash program, as a list")

function(sureflash_program target)
  add_custom_target(${target}-flash
    COMMAND ${SUREFLASH_EXECUTABLE} program $<TARGET_FILE:${target}> ${SUREFLASH_OPTIONS}
    DEPENDS ${target}
    COMMAND_EXPAND_LISTS
    VERBATIM
    USES_TERMINAL
    COMMENT "Programming ${target}")
endfunction()
