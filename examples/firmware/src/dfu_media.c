/* What a project made with ST's code generator and its "Download Firmware Update" class carries before anybody has filled
 * in the flash driver: the strings that the device shows, and six functions that report success and do nothing.
 * Written for sureflash; names and behaviour are those that a host meets. There is no USB stack in this program. */
#include "dfu_media.h"

#define STUB __attribute__((noipa, used))

const char *const usb_strings[USB_STRINGS] = {
    "STMicroelectronics",
    "STM32 DownLoad Firmware Update",
    "DFU Config",
    "DFU Interface",
    "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg",
};

STUB uint16_t MEM_If_Init_FS(void) {
  return 0;
}

STUB uint16_t MEM_If_DeInit_FS(void) {
  return 0;
}

STUB uint16_t MEM_If_Erase_FS(uint32_t address) {
  (void)address;
  return 0;
}

STUB uint16_t MEM_If_Write_FS(uint8_t *from, uint8_t *to, uint32_t length) {
  (void)from;
  (void)to;
  (void)length;
  return 0;
}

/* Zero is meant as "fine", and is taken for a pointer: the host gets what the chip shows at address 0. */
STUB uint8_t *MEM_If_Read_FS(uint8_t *from, uint8_t *to, uint32_t length) {
  (void)from;
  (void)to;
  (void)length;
  return (uint8_t *)0;
}

STUB uint16_t MEM_If_GetStatus_FS(uint32_t address, uint8_t command, uint8_t *status) {
  (void)address;
  (void)command;
  (void)status;
  return 0;
}

const struct dfu_media dfu_media_fs = {
    .layout = "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg",
    .init = MEM_If_Init_FS,
    .deinit = MEM_If_DeInit_FS,
    .erase = MEM_If_Erase_FS,
    .write = MEM_If_Write_FS,
    .read = MEM_If_Read_FS,
    .get_status = MEM_If_GetStatus_FS,
};
