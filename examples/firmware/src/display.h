/* A monochrome picture of 128 x 64 points, kept in RAM. */
#ifndef DISPLAY_H
#define DISPLAY_H

#include <stdint.h>

enum { DISPLAY_WIDTH = 128, DISPLAY_HEIGHT = 64 };

extern uint8_t display[DISPLAY_WIDTH * DISPLAY_HEIGHT / 8];

void display_clear(void);
int32_t display_text(int32_t x, int32_t y, uint32_t font, const char *text);
void display_number(int32_t x, int32_t y, uint32_t font, int32_t value);
void display_icon(int32_t x, int32_t y, uint32_t icon);
/* A needle from the middle of a gauge; a full turn is 4096. */
void display_needle(int32_t x, int32_t y, int32_t length, uint32_t angle);

#endif
