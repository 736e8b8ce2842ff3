/* The dashboard's tables, computed by tables/generate.mjs. */
#ifndef RESOURCES_H
#define RESOURCES_H

#include <stdint.h>

enum { MAP_SIDE = 48, FIRST_GLYPH = 32, GLYPHS = 64, ICON_SIDE = 64, DIAL_SIDE = 240, LANGUAGES = 3 };
enum { ICON_STOP, ICON_WARNING, ICON_TEMPERATURE, ICON_BATTERY, ICON_SNOW, ICON_LAMP, ICON_PLUG, ICON_WRENCH, ICONS };

struct resource {
  const char *name;
  const void *start;
  uint32_t length;
  uint32_t crc;
};

struct can_signal {
  char name[20];
  uint16_t frame;
  uint8_t first_bit;
  uint8_t bits;
  int16_t offset;
  uint16_t scale;
  uint16_t period_ms;
  uint16_t limit;
};

struct font {
  uint8_t width;
  uint8_t height;
  uint8_t row_bytes;
  const uint8_t *glyphs;
};

extern const int16_t sine_table[1025];
extern const int16_t thermistor_decidegrees[4096];
extern const int16_t torque_map[MAP_SIDE][MAP_SIDE];
extern const int16_t efficiency_map[MAP_SIDE][MAP_SIDE];
extern const uint16_t cell_millivolts[1025];
extern const uint32_t crc32_table[256];
extern const struct font fonts[3];
extern const uint8_t icons[ICONS][ICON_SIDE * ICON_SIDE / 8];
extern const uint8_t dial_face[DIAL_SIDE * DIAL_SIDE / 2];
extern const struct can_signal can_signals[];
extern const uint32_t can_signal_count;
extern const uint16_t message_offsets[];
extern const char message_text[];
extern const uint32_t message_count;
extern const uint16_t drive_cycle[];
extern const uint32_t drive_cycle_length;
extern const struct resource resources[];
extern const uint32_t resource_count;

#endif
