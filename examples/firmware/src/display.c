/* Draws text, icons and needles into the picture. */
#include "display.h"

#include "resources.h"

uint8_t display[DISPLAY_WIDTH * DISPLAY_HEIGHT / 8];

void display_clear(void) {
  for (uint32_t i = 0; i < sizeof display; i += 1) display[i] = 0;
}

static void set_point(int32_t x, int32_t y) {
  if (x < 0 || y < 0 || x >= DISPLAY_WIDTH || y >= DISPLAY_HEIGHT) return;
  display[(y * DISPLAY_WIDTH + x) / 8] |= (uint8_t)(0x80u >> (x & 7));
}

static void draw_bits(int32_t x, int32_t y, const uint8_t *bits, uint32_t width, uint32_t height) {
  uint32_t row_bytes = (width + 7u) / 8u;
  for (uint32_t row = 0; row < height; row += 1) {
    for (uint32_t column = 0; column < width; column += 1) {
      uint32_t lit = bits[row * row_bytes + column / 8u] & (0x80u >> (column & 7u));
      if (lit != 0) set_point(x + (int32_t)column, y + (int32_t)row);
    }
  }
}

int32_t display_text(int32_t x, int32_t y, uint32_t number, const char *text) {
  const struct font *font = &fonts[number];
  uint32_t size = (uint32_t)font->row_bytes * font->height;
  for (; *text != '\0'; text += 1) {
    uint32_t character = (uint8_t)*text;
    if (character >= 'a' && character <= 'z') character -= 'a' - 'A';
    if (character < FIRST_GLYPH || character >= FIRST_GLYPH + GLYPHS) character = '?';
    draw_bits(x, y, font->glyphs + (character - FIRST_GLYPH) * size, font->width, font->height);
    x += font->width;
  }
  return x;
}

void display_number(int32_t x, int32_t y, uint32_t font, int32_t value) {
  char text[12];
  uint32_t at = sizeof text - 1u;
  uint32_t rest = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
  text[at] = '\0';
  do {
    at -= 1u;
    text[at] = (char)('0' + rest % 10u);
    rest /= 10u;
  } while (rest != 0);
  if (value < 0) text[--at] = '-';
  (void)display_text(x, y, font, text + at);
}

void display_icon(int32_t x, int32_t y, uint32_t icon) {
  if (icon < ICONS) draw_bits(x, y, icons[icon], ICON_SIDE, ICON_SIDE);
}

/* The table holds a quarter turn in 1024 steps, in units of 1/32767. */
static int32_t sine(uint32_t angle) {
  uint32_t step = angle & 1023u;
  switch ((angle >> 10) & 3u) {
    case 0:
      return sine_table[step];
    case 1:
      return sine_table[1024u - step];
    case 2:
      return -sine_table[step];
    default:
      return -sine_table[1024u - step];
  }
}

void display_needle(int32_t x, int32_t y, int32_t length, uint32_t angle) {
  for (int32_t i = 0; i <= length; i += 1) {
    set_point(x + ((i * sine(angle)) >> 15), y - ((i * sine(angle + 1024u)) >> 15));
  }
}
