/*
 * Erases and programs the flash of any STM32 from its RAM, and computes CRCs of memory. The host gives the registers and bits
 * of the flash controller as data, so that one piece of code serves all families. Position-independent, ARMv6-M: it runs on
 * every Cortex-M. It knows no chip and no probe.
 *
 * The host writes it to RAM with a mailbox behind it and starts the core at its first instruction. It then waits for commands
 * until the core is halted: the host writes arguments, state and command in one go, and polls state and the words behind it.
 */
#include <stdint.h>

enum { CMD_NONE, CMD_ERASE, CMD_PROGRAM, CMD_CRC, CMD_EMPTY };
/* What is read back: nothing, each buffer when it has been programmed, each unit, which is a word then. */
enum { READ_BACK_NOTHING, READ_BACK_BUFFERS, READ_BACK_EACH };
enum { STATE_READY = 1, STATE_BUSY, STATE_DONE, STATE_REFUSED, STATE_UNKNOWN };

typedef struct {
  /* The erase address is 0 where an erase is not told its address by a register; the flags of failures are mostly in the status. */
  volatile uint32_t *status, *control, *clear, *erase_address, *failures;
} bank_t;

/* The host knows this layout by the number of each word: src/loaders/mailbox.ts. */
typedef struct {
  volatile uint32_t args[7];
  /* The host clears it with the arguments, before the command: what it reads later belongs to this command. */
  volatile uint32_t state;
  volatile uint32_t command;
  /* Answer: what the host polls. */
  volatile uint32_t progress;
  volatile uint32_t flags;
  volatile uint32_t at;
  /* Parameters, written once. */
  uint32_t stack_top;
  volatile uint32_t *watchdog;
  uint32_t busy;
  uint32_t errors;
  uint32_t clear_mask;
  uint32_t erase_control;
  uint32_t start;
  uint32_t program_control;
  uint32_t idle_control;
  uint32_t store_width;
  uint32_t unit;
  uint32_t burst_control;
  uint32_t burst;
  uint32_t buffer_bytes;
  uint8_t *buffers;
  uint32_t stride;
  uint8_t *buffers_end;
  bank_t banks[2];
} mailbox_t;

__asm__(
  ".section .text.entry\n"
  ".global entry\n"
  ".thumb_func\n"
  "entry:\n"
  "  cpsid i\n"
  "  ldr r0, mailbox_offset\n"
  "  adr r1, mailbox_offset\n"
  "  add r0, r0, r1\n"
  "  ldr r1, [r0, #48]\n"
  "  mov sp, r1\n"
  "  bl serve\n"
  "  bkpt #0\n"
  "  .align 2\n"
  "mailbox_offset:\n"
  "  .word mailbox_place - mailbox_offset\n"
);

/* A watchdog that runs already is fed; one that does not is not started (RM0008 §19.3). */
#define KICK 0xAAAAu

/* The rest is built to be small. */
#define QUICK __attribute__((noinline, optimize("O2")))

static inline void kick(mailbox_t *box) {
  if (box->watchdog) *box->watchdog = KICK;
}

static inline void barrier(void) {
  __asm__ volatile("dsb" ::: "memory");
}

/* Waits for the end of an operation. @returns the flags that say that it failed */
static __attribute__((noinline)) uint32_t finished(mailbox_t *box, const bank_t *bank) {
  barrier();
  (void)*bank->control; /* BSY rises a cycle after the start */
  while ((*bank->status & box->busy) != 0u) kick(box);
  uint32_t failures = *bank->failures;
  *bank->clear = box->clear_mask;
  return failures & box->errors;
}

/* args: address, step of addresses, code of the sector, step of codes, bank, count */
static uint32_t erase(mailbox_t *box) {
  uint32_t address = box->args[0];
  uint32_t code = box->args[2];
  const bank_t *bank = &box->banks[box->args[4]];
  uint32_t flags = 0;
  *bank->clear = box->clear_mask;
  for (uint32_t left = box->args[5]; left != 0u && flags == 0u; left--) {
    box->at = address;
    *bank->control = box->erase_control | code;
    if (bank->erase_address) *bank->erase_address = address;
    if (box->start) *bank->control = box->erase_control | code | box->start;
    else *(volatile uint32_t *)address = 0u;
    flags = finished(box, bank);
    *bank->control = box->idle_control;
    if (flags == 0u) box->progress = box->progress + 1u;
    address += box->args[1];
    code += box->args[3];
  }
  return flags;
}

/*
 * Waits for the end of one unit. The look before the first that counts lets BSY rise, which it does a cycle after the start; where
 * it is a read of those cells, the bus holds it until they are done (PM0075 §2.3, RM0090 §3.5), and nothing is asked in vain.
 */
#define UNTIL_READY(look) \
  barrier(); \
  (void)(look); \
  while ((*status & busy) != 0u) \
    if (watchdog) *watchdog = KICK

/*
 * Programs units that lie one behind the other. Flags of failures stay until they are cleared: they are looked at when a buffer
 * has been written, because every cycle between two units counts at the few MHz with which the chips start.
 */
static QUICK void program_units(mailbox_t *box, volatile uint32_t *status, uint32_t unit, uint32_t end) {
  uint32_t busy = box->busy;
  volatile uint32_t *watchdog = box->watchdog;
  uint32_t to = box->args[0];
  uint8_t *from = (uint8_t *)box->args[3];
  if (box->args[4] == READ_BACK_EACH) {
    while (to != end) {
      *(volatile uint32_t *)to = *(uint32_t *)from;
      UNTIL_READY(*(uint32_t *)from = ~*(volatile uint32_t *)to);
      from += 4;
      to += 4u;
    }
  } else if (box->store_width == 4u) {
    while (to != end) {
      uint32_t unit_end = to + unit;
      do {
        *(volatile uint32_t *)to = *(const uint32_t *)from;
        from += 4;
        to += 4u;
      } while (to != unit_end);
      UNTIL_READY(*status);
    }
  } else if (box->store_width == 2u) {
    while (to != end) {
      *(volatile uint16_t *)to = *(const uint16_t *)from;
      UNTIL_READY(*(volatile uint16_t *)to);
      from += 2;
      to += 2u;
    }
  } else {
    while (to != end) {
      *(volatile uint8_t *)to = *from;
      UNTIL_READY(*(volatile uint8_t *)to);
      from += 1;
      to += 1u;
    }
  }
  box->args[0] = to;
}

/*
 * Puts into the buffer what flash holds now, each bit inverted: the host sees that these are not the bytes that it has sent
 * itself. The host asks for it only where both ends are those of words.
 */
static inline void read_back(uint32_t *to, uint32_t from, uint32_t end) {
  for (; from != end; from += 4u) *to++ = ~*(const volatile uint32_t *)from;
}

/* No buffer has anything in it. */
static __attribute__((noinline)) void empty_buffers(mailbox_t *box) {
  for (uint8_t *buffer = box->buffers; buffer != box->buffers_end; buffer += box->stride)
    *(volatile uint32_t *)(buffer + box->buffer_bytes) = 0u;
}

/*
 * args: address, bytes, bank; source, which is ours; what is read back. The buffers are filled by the host in turns, the
 * first ones perhaps before the command: the word behind each says how much is in it.
 */
static uint32_t program(mailbox_t *box) {
  const bank_t *bank = &box->banks[box->args[2]];
  uint32_t last = box->args[0] + box->args[1];
  uint32_t whole = box->buffer_bytes;
  uint32_t burst = box->burst;
  uint8_t *buffer = box->buffers;
  uint32_t flags = 0;
  *bank->clear = box->clear_mask;
  while (box->args[0] != last && flags == 0u) {
    volatile uint32_t *filled = (volatile uint32_t *)(buffer + whole);
    uint32_t bytes;
    /* Once in every buffer is enough for a watchdog that runs since a reset: 400 ms or more (RM0008 §19.3.3). */
    do kick(box);
    while ((bytes = *filled) == 0u);
    uint32_t to = box->args[0];
    uint32_t end = to + bytes;
    box->at = to;
    if (burst != 0u && ((to | end) & (burst - 1u)) == 0u) {
      *bank->control = box->burst_control;
      box->args[3] = (uint32_t)buffer;
      program_units(box, bank->status, burst, end);
    } else {
      *bank->control = box->program_control;
      box->args[3] = (uint32_t)buffer;
      program_units(box, bank->status, box->unit, end);
    }
    flags = finished(box, bank);
    if (box->args[4] == READ_BACK_BUFFERS && flags == 0u) read_back((uint32_t *)buffer, to, end);
    *filled = 0u;
    barrier();
    box->progress = box->progress + bytes;
    buffer += box->stride;
    if (buffer == box->buffers_end) buffer = box->buffers;
  }
  *bank->control = box->idle_control;
  return flags;
}

/* Whether all words are the same, as in erased flash: much quicker than their CRC, and soon over where they are not. */
static QUICK uint32_t is_uniform(const uint32_t *word, uint32_t bytes) {
  uint32_t first = *word;
  if ((bytes & 15u) != 0u) return 0u;
  for (const uint32_t *end = word + (bytes >> 2); word != end; word += 4)
    if (((word[0] ^ first) | (word[1] ^ first) | (word[2] ^ first) | (word[3] ^ first)) != 0u) return 0u;
  return 1u;
}

/*
 * CRC-32 of ISO 3309, reflected. args: list of (address, bytes); its length; room for the table. The pairs become (CRC, bytes),
 * or (word, 0) where the range is that word again and again. List and table stand in the buffers, which the host has emptied
 * when it has read the list.
 */
static QUICK void crc(mailbox_t *box) {
  uint32_t *list = (uint32_t *)box->args[0];
  uint32_t *table = (uint32_t *)box->args[2];
  for (uint32_t i = 0; i < 256u; i++) {
    uint32_t value = i;
    for (uint32_t bit = 0; bit < 8u; bit++) value = (value >> 1) ^ (0xEDB88320u & (0u - (value & 1u)));
    table[i] = value;
  }
  for (uint32_t left = box->args[1]; left != 0u; left--) {
    const uint32_t *word = (const uint32_t *)list[0];
    kick(box);
    uint32_t value = ~*word;
    if (is_uniform(word, list[1])) {
      list[1] = 0u;
      goto found;
    }
    value = 0xFFFFFFFFu;
    for (uint32_t words = list[1] >> 2; words != 0u; words--) {
      value ^= *word++;
      value = table[value & 0xFFu] ^ (value >> 8);
      value = table[value & 0xFFu] ^ (value >> 8);
      value = table[value & 0xFFu] ^ (value >> 8);
      value = table[value & 0xFFu] ^ (value >> 8);
      if ((words & 0x3FFu) == 0u) kick(box);
    }
    const uint8_t *byte = (const uint8_t *)word;
    for (uint32_t rest = list[1] & 3u; rest != 0u; rest--) value = table[(value ^ *byte++) & 0xFFu] ^ (value >> 8);
  found:
    list[0] = ~value;
    list += 2;
    box->progress = box->progress + 1u;
  }
}

__attribute__((used, noreturn)) void serve(mailbox_t *box) {
  empty_buffers(box);
  box->state = STATE_READY;
  for (;;) {
    uint32_t command;
    while ((command = box->command) == CMD_NONE) kick(box);
    box->command = CMD_NONE;
    box->progress = 0u;
    box->flags = 0u;
    box->state = STATE_BUSY;
    uint32_t state = STATE_DONE;
    uint32_t flags = 0u;
    if (command == CMD_ERASE) flags = erase(box);
    else if (command == CMD_PROGRAM) flags = program(box);
    else if (command == CMD_CRC) crc(box);
    else if (command == CMD_EMPTY) empty_buffers(box);
    else state = STATE_UNKNOWN;
    box->flags = flags;
    barrier();
    box->state = flags != 0u ? STATE_REFUSED : state;
  }
}
