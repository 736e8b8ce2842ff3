/* All that differs between the versions of the dashboard. */
#ifndef VERSION_H
#define VERSION_H

#include <stdint.h>

struct build_info {
  char name[24];
  char version[16];
  uint32_t number;
  uint32_t blink_ms;
};

extern const struct build_info build_info;

/* Brightness of the back light by its setting. */
extern const uint8_t backlight_curve[256];

/* Which icon belongs to a temperature in tenths of a degree; -1 for none. */
int32_t icon_for_temperature(int32_t decidegrees);

#endif
