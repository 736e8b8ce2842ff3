/* The flash driver that a DFU class would call, and the strings that it would show. */
#ifndef DFU_MEDIA_H
#define DFU_MEDIA_H

#include <stdint.h>

enum { USB_STRINGS = 5 };

struct dfu_media {
  const char *layout;
  uint16_t (*init)(void);
  uint16_t (*deinit)(void);
  uint16_t (*erase)(uint32_t address);
  uint16_t (*write)(uint8_t *from, uint8_t *to, uint32_t length);
  uint8_t *(*read)(uint8_t *from, uint8_t *to, uint32_t length);
  uint16_t (*get_status)(uint32_t address, uint8_t command, uint8_t *status);
};

extern const char *const usb_strings[USB_STRINGS];
extern const struct dfu_media dfu_media_fs;

#endif
