/** Minimal `usbd_dfu_if.h` and `usbd_dfu.h` of ours: the types of ST's DFU class that a media file meets. */
import type { GeneratedFile } from '../generated.ts';

/** stm32-mw-usb-device, Class/DFU/Inc/usbd_dfu.h and Core/Inc/usbd_def.h: names and order of the members. */
export const dfuClassHeaders = (port: string, transferSize: number): GeneratedFile[] => [
  {
    name: 'usbd_dfu.h',
    text: `/* What a media file sees of ST's USB DFU class, for builds without ST's packages. */
#ifndef USBD_DFU_H
#define USBD_DFU_H

#include <stdint.h>

#define USBD_DFU_XFER_SIZE ${transferSize}U
#define DFU_MEDIA_ERASE 0x00U
#define DFU_MEDIA_PROGRAM 0x01U
#define __ALIGN_BEGIN
#define __ALIGN_END __attribute__((aligned(4)))

typedef enum { USBD_OK = 0U, USBD_BUSY, USBD_EMEM, USBD_FAIL } USBD_StatusTypeDef;

typedef struct {
  const uint8_t *pStrDesc;
  uint16_t (*Init)(void);
  uint16_t (*DeInit)(void);
  uint16_t (*Erase)(uint32_t Add);
  uint16_t (*Write)(uint8_t *src, uint8_t *dest, uint32_t Len);
  uint8_t *(*Read)(uint8_t *src, uint8_t *dest, uint32_t Len);
  uint16_t (*GetStatus)(uint32_t Add, uint8_t cmd, uint8_t *buff);
} USBD_DFU_MediaTypeDef;

#endif
`,
  },
  {
    name: 'usbd_dfu_if.h',
    text: `/* As STM32CubeMX names it. */
#ifndef USBD_DFU_IF_H
#define USBD_DFU_IF_H

#include "usbd_dfu.h"

extern USBD_DFU_MediaTypeDef USBD_DFU_fops_${port};

#endif
`,
  },
];
