/* All that differs between the versions of the dashboard: what it calls itself, how it blinks, dims and warns. */
#include "version.h"

#include "resources.h"

#ifndef FIRMWARE_VERSION
#error "Say which version: -DFIRMWARE_VERSION=1 or 2"
#endif

#if FIRMWARE_VERSION == 1
#define VERSION_TEXT "1.4.0"
#define BLINK_MS 500u
#define BACKLIGHT(x) ((x) * (x) / 255u)
#else
#define VERSION_TEXT "1.4.1"
#define BLINK_MS 250u
/* Half linear, so that low settings are not dark. */
#define BACKLIGHT(x) (((x) * (x) / 255u + (x)) / 2u)
#endif

const struct build_info build_info = {
    .name = "sureflash VCU dashboard",
    .version = VERSION_TEXT,
    .number = FIRMWARE_VERSION,
    .blink_ms = BLINK_MS,
};

#define ROW1(x) (uint8_t)BACKLIGHT(x)
#define ROW4(x) ROW1(x), ROW1((x) + 1u), ROW1((x) + 2u), ROW1((x) + 3u)
#define ROW16(x) ROW4(x), ROW4((x) + 4u), ROW4((x) + 8u), ROW4((x) + 12u)
#define ROW64(x) ROW16(x), ROW16((x) + 16u), ROW16((x) + 32u), ROW16((x) + 48u)

const uint8_t backlight_curve[256] = {ROW64(0u), ROW64(64u), ROW64(128u), ROW64(192u)};

int32_t icon_for_temperature(int32_t decidegrees) {
  if (decidegrees > 1100) return ICON_STOP;
  if (decidegrees > 950) return ICON_TEMPERATURE;
#if FIRMWARE_VERSION >= 2
  if (decidegrees < 30) return ICON_SNOW;
#endif
  return -1;
}
