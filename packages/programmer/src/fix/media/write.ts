/** The C that erases and writes within the application, whatever the controller: bounds, units, read-back. */

/** `erase_at` and `write_at`; both return 1 for success, and change nothing outside of the application. */
export const writeC = (): string => `/* Whether all of it is the application's. */
static int is_application(uint32_t address, uint32_t length) {
  return address >= APPLICATION_START && address < APPLICATION_END && length <= APPLICATION_END - address;
}

static const bank_t *bank_of(uint32_t address, uint32_t *group) {
  for (uint32_t i = 0; i < sizeof GROUPS / sizeof GROUPS[0]; ++i) {
    if (address - GROUPS[i].start < GROUPS[i].size * GROUPS[i].count) {
      *group = i;
      return &BANKS[GROUPS[i].bank];
    }
  }
  return 0;
}

static int is_erased(uint32_t address, uint32_t length) {
  for (uint32_t i = 0; i < length; ++i) {
    if (*(const volatile uint8_t *)(address + i) != ERASED) return 0;
  }
  return 1;
}

/* Erases the sector that holds \`address\`, and looks whether it is erased. */
static int erase_at(uint32_t address) {
  uint32_t group = 0;
  const bank_t *bank = bank_of(address, &group);
  if (bank == 0 || !is_application(address, 1u) || !is_own_chip()) return 0;
  uint32_t index = (address - GROUPS[group].start) / GROUPS[group].size;
  uint32_t start = GROUPS[group].start + index * GROUPS[group].size;
  unlock(bank);
  int ok = erase_sector(bank, start, GROUPS[group].code + index * GROUPS[group].step);
  lock(bank);
  forget_cached(start, GROUPS[group].size);
  return ok && is_erased(start, GROUPS[group].size);
}

/* The unit at \`base\` as it shall be: what flash holds, with \`count\` new bytes from \`head\` on. @returns 1 if it is so already */
static int compose(uint32_t base, uint32_t head, const uint8_t *from, uint32_t count, uint8_t *unit) {
  int same = 1;
  for (uint32_t i = 0; i < UNIT; ++i) {
    uint8_t now = *(const volatile uint8_t *)(base + i);
    unit[i] = i >= head && i < head + count ? from[i - head] : now;
    if (unit[i] != now) same = 0;
  }
  return same;
}

static int holds(uint32_t base, const uint8_t *unit) {
  for (uint32_t i = 0; i < UNIT; ++i) {
    if (*(const volatile uint8_t *)(base + i) != unit[i]) return 0;
  }
  return 1;
}

/*
 * Writes whole units; where the bytes begin or end within one, the rest of it stays erased. A unit that holds something else
 * is not written again: it needs an erase first. What was written is read back.
 */
static int write_at(uint32_t address, const uint8_t *from, uint32_t length) {
  if (!is_application(address, length) || !is_own_chip()) return 0;
  int ok = 1;
  while (ok && length > 0u) {
    uint8_t unit[UNIT];
    uint32_t base = address - address % UNIT;
    uint32_t head = address - base;
    uint32_t count = UNIT - head < length ? UNIT - head : length;
    uint32_t group = 0;
    const bank_t *bank = bank_of(base, &group);
    if (bank == 0) return 0;
    if (!compose(base, head, from, count, unit)) {
      if (!is_erased(base, UNIT)) return 0;
      unlock(bank);
      ok = program_unit(bank, base, unit);
      lock(bank);
      forget_cached(base, UNIT);
      ok = ok && holds(base, unit);
    }
    address += count;
    from += count;
    length -= count;
  }
  return ok;
}`;
