/* The dashboard of a small electric vehicle: checks its tables, then shows speed, torque and temperature for ever. */
#ifndef WITHOUT_DFU_CLASS
#include "dfu_media.h"
#endif
#include "display.h"
#include "resources.h"
#include "stm32f105.h"
#include "version.h"

struct settings {
  uint32_t language;
  uint32_t backlight;
  uint32_t wheel_mm;
  uint32_t throttle_percent;
};

/* What the driver may change, and what it starts from: initialised data, copied from flash at reset. */
static struct settings settings = {.language = 0, .backlight = 180, .wheel_mm = 1720, .throttle_percent = 100};

/* How far the pedal was seen to travel, per sixteenth of a turn of the wheel: learned while driving. */
static uint16_t pedal_travel[16] = {4000, 4010, 4016, 4021, 4025, 4028, 4030, 4031,
                                   4031, 4030, 4028, 4025, 4021, 4016, 4010, 4000};

static volatile uint32_t milliseconds;
static uint32_t faults[8];

void SysTick_Handler(void) {
  milliseconds += 1u;
}

static void start_peripherals(void) {
  RCC_APB2ENR |= RCC_APB2ENR_IOPA | RCC_APB2ENR_IOPC | RCC_APB2ENR_ADC1;
  RCC_APB1ENR |= RCC_APB1ENR_USART2;
  /* PA0 analogue, PA2 alternate push-pull (USART2_TX), PC13 output, 2 MHz (RM0008 §9.2). */
  GPIOA_CRL = (GPIOA_CRL & ~0xF0Fu) | 0xA00u;
  GPIOC_CRH = (GPIOC_CRH & ~0xF00000u) | 0x200000u;
  USART2_BRR = HSI_HZ / 115200u;
  USART2_CR1 = USART_CR1_UE_TE;
  ADC1_CR2 = ADC_CR2_ADON;
  SYST_RVR = HSI_HZ / 1000u - 1u;
  SYST_CVR = 0;
  SYST_CSR = 7u;
}

static void say(const char *text) {
  for (; *text != '\0'; text += 1) {
    while ((USART2_SR & USART_SR_TXE) == 0) {
    }
    USART2_DR = (uint8_t)*text;
  }
}

static uint32_t crc32(const uint8_t *bytes, uint32_t length) {
  uint32_t crc = 0xFFFFFFFFu;
  for (uint32_t i = 0; i < length; i += 1) crc = (crc >> 8) ^ crc32_table[(crc ^ bytes[i]) & 0xFFu];
  return ~crc;
}

static void note_fault(uint32_t number) {
  faults[(number / 32u) % 8u] |= 1u << (number % 32u);
}

static void check_resources(void) {
  for (uint32_t i = 0; i < resource_count; i += 1) {
    const struct resource *resource = &resources[i];
    if (crc32(resource->start, resource->length) == resource->crc) continue;
    note_fault(i);
    say("damaged: ");
    say(resource->name);
    say("\r\n");
  }
}

static const char *message(uint32_t number) {
  if (number >= message_count) number = 0;
  return message_text + message_offsets[number * LANGUAGES + settings.language];
}

static uint32_t read_analogue(void) {
  ADC1_SQR3 = 0;
  ADC1_CR2 |= ADC_CR2_ADON;
  for (uint32_t patience = 1000; patience != 0 && (ADC1_SR & ADC_SR_EOC) == 0; patience -= 1) {
  }
  return ADC1_DR & 0xFFFu;
}

static uint32_t limited(uint32_t value) {
  return value < 4095u ? value : 4095u;
}

/* Between the four neighbours in a map; both coordinates are 0 to 4095. */
static int32_t look_up(const int16_t map[MAP_SIDE][MAP_SIDE], uint32_t across, uint32_t down) {
  uint32_t x = across * (MAP_SIDE - 1u), y = down * (MAP_SIDE - 1u);
  uint32_t column = x >> 12, row = y >> 12;
  int32_t fx = (int32_t)(x & 4095u), fy = (int32_t)(y & 4095u);
  int32_t top = map[row][column] * (4096 - fx) + map[row][column + 1u] * fx;
  int32_t bottom = map[row + 1u][column] * (4096 - fx) + map[row + 1u][column + 1u] * fx;
  return ((top >> 12) * (4096 - fy) + (bottom >> 12) * fy) >> 12;
}

/* At standstill the pedal, released, leafs through the languages and, pressed, sets the back light. */
static void adjust(uint32_t speed, uint32_t analogue) {
  if (speed != 0) {
    uint16_t *travel = &pedal_travel[speed & 15u];
    if (analogue > *travel) *travel = (uint16_t)analogue;
    return;
  }
  if (analogue < 16u) settings.language = (settings.language + 1u) % LANGUAGES;
  else settings.backlight = analogue >> 4;
}

static void show(uint32_t speed, uint32_t analogue) {
  int32_t temperature = thermistor_decidegrees[analogue];
  uint32_t rpm = speed * 60000u / settings.wheel_mm;
  uint32_t across = limited(rpm);
  uint32_t throttle = analogue * 4095u / pedal_travel[speed & 15u] * settings.throttle_percent / 100u;
  int32_t torque = look_up(torque_map, across, limited(throttle));
  int32_t efficiency = look_up(efficiency_map, across, limited(throttle));
  int32_t icon = icon_for_temperature(temperature);

  display_clear();
  display_number(0, 0, 1, (int32_t)(speed / 10u));
  (void)display_text(64, 0, 0, message(icon < 0 ? 0u : (uint32_t)icon));
  display_number(0, 40, 0, torque);
  display_number(40, 40, 0, efficiency);
  display_number(80, 40, 0, cell_millivolts[analogue / 4u]);
  display_needle(96, 48, 30, 2560u + speed);
  if (icon >= 0) display_icon(64, 0, (uint32_t)icon);
}

int main(void) {
  start_peripherals();
  say(build_info.name);
  say(" ");
  say(build_info.version);
  say("\r\n");
  check_resources();
#ifndef WITHOUT_DFU_CLASS
  if (dfu_media_fs.init() == 0) say(usb_strings[1]);
#endif
  say("\r\n");

  uint32_t sample = 0, light = 0, due = 0;
  for (;;) {
    if ((int32_t)(milliseconds - due) < 0) {
      __asm volatile("wfi");
      continue;
    }
    due += build_info.blink_ms;
    light ^= backlight_curve[settings.backlight & 255u] != 0;
    GPIOC_BSRR = light ? 1u << 13 : 1u << 29;
    uint32_t analogue = read_analogue();
    adjust(drive_cycle[sample], analogue);
    show(drive_cycle[sample], analogue);
    sample = sample + 1u < drive_cycle_length ? sample + 1u : 0u;
    if (faults[0] != 0) say(message(1));
  }
}
