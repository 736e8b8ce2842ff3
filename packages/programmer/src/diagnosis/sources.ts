/** The public documents that causes rest on. */
import type { Source } from './cause.ts';

const st = (title: string, path: string): Source => ({ title, url: `https://www.st.com/resource/en/${path}` });

export const AN2606 = st(
  'AN2606, system memory boot mode',
  'application_note/an2606-introduction-to-system-memory-boot-mode-on-stm32-mcus-stmicroelectronics.pdf',
);
export const AN3156 = st(
  'AN3156, USB DFU protocol of the bootloader',
  'application_note/an3156-how-to-use-usb-dfu-protocol-in-bootloader-on-stm32-mcus-stmicroelectronics.pdf',
);
export const RM0434 = st(
  'RM0434, STM32WB55 and WB35',
  'reference_manual/rm0434-multiprotocol-wireless-32bit-mcu-armbased-cortexm4-with-fpu-bluetooth-lowenergy-and-802154-radio-solution-stmicroelectronics.pdf',
);
export const PM0075 = st(
  'PM0075, STM32F1 flash memory',
  'programming_manual/pm0075-stm32f10xxx-flash-memory-microcontrollers-stmicroelectronics.pdf',
);
export const AN2662: Source = {
  title: 'AN2662, bootloader of STM32F105 and F107',
  url: 'https://www.easymanua.ls/st/stm32f105-series/manual/764297',
};
export const DFU_1_1: Source = {
  title: 'USB Device Firmware Upgrade 1.1',
  url: 'https://www.usb.org/sites/default/files/DFU_1.1.pdf',
};
export const DFU_CLASS: Source = {
  title: "ST's USB device library, class DFU",
  url: 'https://github.com/STMicroelectronics/stm32-mw-usb-device',
};
export const ST_LINK = st(
  'UM1075, ST-LINK/V2',
  'user_manual/um1075-stlinkv2-incircuit-debuggerprogrammer-for-stm8-and-stm32-stmicroelectronics.pdf',
);
export const ARM_DEBUG: Source = {
  title: 'ARM Debug Interface v5, DP and AP, acknowledgements and parity',
  url: 'https://developer.arm.com/documentation/ihi0031/latest/',
};
export const OPENOCD_STLINK: Source = {
  title: 'OpenOCD, connecting under reset',
  url: 'https://openocd.org/doc/html/Reset-Configuration.html',
};
export const RM0090_DEBUG = st(
  'RM0090, STM32F4, debug support: watchdogs while the core is halted',
  'reference_manual/rm0090-stm32f405415-stm32f407417-stm32f427437-and-stm32f429439-advanced-armbased-32bit-mcus-stmicroelectronics.pdf',
);
export const FLASH_ECC: Source = {
  title: 'ST community: ECC errors of the flash cause bus faults on an STM32H743',
  url: 'https://community.st.com/t5/-/-/td-p/114027',
};
export const COPIED_DONGLES: Source = {
  title: 'Black Magic Debug #682, reset on PB6 of copied dongles',
  url: 'https://github.com/blackmagic-debug/blackmagic/issues/682',
};
export const DFU_UTIL: Source = {
  title: 'dfu-util, notes on DfuSe',
  url: 'https://dfu-util.sourceforge.net/dfuse.html',
};
export const RM0438 = st(
  'RM0438, STM32L5, embedded flash memory: TrustZone, and read protection',
  'reference_manual/rm0438-stm32l552xx-and-stm32l562xx-advanced-armbased-32bit-mcus-stmicroelectronics.pdf',
);
export const RM0481 = st(
  'RM0481, STM32H5, embedded flash memory: TrustZone, and product states',
  'reference_manual/rm0481-stm32h52333xx-stm32h56263xx-and-stm32h573xx-armbased-32bit-mcus-stmicroelectronics.pdf',
);
export const H5_STATES: Source = {
  title: 'ST wiki, product states of the STM32H5',
  url: 'https://wiki.st.com/stm32mcu/wiki/Security:Product_state_for_STM32H5',
};
export const L5_LOCKED: Source = {
  title: 'ST community: lock states with TrustZone and read protection',
  url: 'https://community.st.com/t5/stm32-mcus/precautions-to-avoid-lock-states-when-developing-with-trustzone/ta-p/570404',
};
