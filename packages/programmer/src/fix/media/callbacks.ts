/** The C callbacks of ST's DFU class and the table of them (USBD_DFU_MediaTypeDef of stm32-mw-usb-device). */
import type { ClassVersion } from './options.ts';

/**
 * From 2.11.2 on the class refuses an upload whose callback returns a null pointer; before, it sends what stands at
 * address 0, so that there bytes of nothing are sent instead.
 */
export function readC(guardsFaults: boolean, version: ClassVersion): string {
  const outside =
    version === 'since-2.11.2'
      ? '  if (!is_flash(address, length)) return 0; /* the class refuses the request */'
      : `  if (!is_flash(address, length)) {
    /* This class would send what stands at address 0 for a null pointer. */
    for (uint32_t i = 0; i < length && i < USBD_DFU_XFER_SIZE; ++i) to[i] = ERASED;
    return to;
  }`;
  return `static int is_flash(uint32_t address, uint32_t length) {
  return address >= FLASH_START && address < APPLICATION_END && length <= APPLICATION_END - address;
}

/* The host may read all of the flash, the loader too. */
static uint8_t *read_at(uint32_t address, uint8_t *to, uint32_t length) {
${outside}
  /* Before 2.8.0 the class asks for more than its buffer holds: then it is sent from where it stands. */
  if (length > USBD_DFU_XFER_SIZE) return (uint8_t *)address;
${guardsFaults ? GUARDED : PLAIN_READ}
  return to;
}`;
}

const PLAIN_READ = '  for (uint32_t i = 0; i < length; ++i) to[i] = *(const volatile uint8_t *)(address + i);';

const GUARDED = `  /*
   * A unit whose programming lost its power may answer with a bus fault. With FAULTMASK and BFHFNMIGN set the load returns
   * something and goes on; the host sees that it is wrong, erases it and programs it again.
   */
  uint32_t masked = __get_FAULTMASK();
  uint32_t control = SCB->CCR;
  __set_FAULTMASK(1u);
  SCB->CCR = control | SCB_CCR_BFHFNMIGN_Msk;
  __DSB();
  __ISB();
  for (uint32_t i = 0; i < length; ++i) to[i] = *(const volatile uint8_t *)(address + i);
  __DSB();
  SCB->CCR = control;
  __set_FAULTMASK(masked);`;

export const callbacksC = (port: string, keep: string): string => `static uint16_t MEM_If_Init_${port}(void) {
  ${keep}
  return is_own_chip() ? USBD_OK : USBD_FAIL;
}

static uint16_t MEM_If_DeInit_${port}(void) { return USBD_OK; }

static uint16_t MEM_If_Erase_${port}(uint32_t Add) { return erase_at(Add) ? USBD_OK : USBD_FAIL; }

/* \`src\` is the class's buffer, \`dest\` the address in flash. */
static uint16_t MEM_If_Write_${port}(uint8_t *src, uint8_t *dest, uint32_t Len) {
  return write_at((uint32_t)dest, src, Len) ? USBD_OK : USBD_FAIL;
}

/* \`src\` is the address in flash, \`dest\` the class's buffer. */
static uint8_t *MEM_If_Read_${port}(uint8_t *src, uint8_t *dest, uint32_t Len) { return read_at((uint32_t)src, dest, Len); }

/* bwPollTimeout in ms, three bytes, lowest first. \`Add\` is still the address of the command before. */
static uint16_t MEM_If_GetStatus_${port}(uint32_t Add, uint8_t Cmd, uint8_t *buffer) {
  uint32_t ms = Cmd == DFU_MEDIA_ERASE ? ERASE_MS : PROGRAM_MS;
  (void)Add;
  buffer[1] = (uint8_t)ms;
  buffer[2] = (uint8_t)(ms >> 8);
  buffer[3] = (uint8_t)(ms >> 16);
  return USBD_OK;
}`;

export const initialiserC = (
  port: string,
): string => `/* The name that STM32CubeMX gives to it; usb_device.c registers it. */
__ALIGN_BEGIN USBD_DFU_MediaTypeDef USBD_DFU_fops_${port} __ALIGN_END = {
    .pStrDesc = (uint8_t *)LAYOUT,
    .Init = MEM_If_Init_${port},
    .DeInit = MEM_If_DeInit_${port},
    .Erase = MEM_If_Erase_${port},
    .Write = MEM_If_Write_${port},
    .Read = MEM_If_Read_${port},
    .GetStatus = MEM_If_GetStatus_${port},
};`;
