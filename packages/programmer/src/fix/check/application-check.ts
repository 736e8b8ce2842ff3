/** Writes the C module by which a loader judges an application before it starts it. Text from chip facts. */
import type { Chip } from '@sureflash/chips';
import { bootloaderEntryOf } from '@sureflash/chips';
import { hex } from '../../target/geometry.ts';
import { comment, document, u32 } from '../c-text.ts';
import type { GeneratedModule } from '../generated.ts';
import { coreTraits } from '../headers/core.ts';
import { deviceHeaders } from '../headers/device.ts';
import { identityC } from '../identity.ts';
import type { PartitionOptions } from '../partition.ts';
import { checkC, HEADER_BODY, startC } from './c-parts.ts';
import { MARKS, type ProofMethod, RECORD_MAGIC, type RecordPlace, recordPlace, SLOT } from './record.ts';

export interface ApplicationCheckOptions extends PartitionOptions {
  /** Default `crc32`. */
  readonly proof?: ProofMethod;
}

/**
 * `application_check.h` and `application_check.c` for one chip and one partition; `sealForLoader` makes what they expect.
 * @throws FlashError as `partitionOf`
 */
export function applicationCheck(options: ApplicationCheckOptions): GeneratedModule {
  const { chip, proof = 'crc32' } = options;
  const place = recordPlace(options);
  const entry = bootloaderEntryOf(chip);
  const core = entry?.possible ? entry.core : 'cortex-m0plus';
  const header = entry?.possible ? entry.header : `stm32${chip.family.toLowerCase()}xx`;
  const identity = identityC('application-check', {
    chip: chip.id,
    application: hex(place.application.start),
    end: hex(place.application.end),
    proof,
  });
  const source = document([
    comment(checkIntroduction(chip, place, proof)),
    `#include "application_check.h"\n#include "${header}.h"`,
    identity.define,
    checkPlacesC(chip, place),
    checkC(proof, identity.keep),
    startC(coreTraits(core).hasVtor),
  ]);
  return {
    files: [
      { name: 'application_check.h', text: checkHeaderC(chip, proof) },
      { name: 'application_check.c', text: source },
    ],
    headers: deviceHeaders(chip),
    steps: CHECK_STEPS,
    cautions: [
      ...(coreTraits(core).hasVtor
        ? []
        : ['This core has no VTOR: the application must copy its vectors to RAM and map RAM to address 0 (SYSCFG).']),
      ...(proof === 'ed25519'
        ? ['The function application_check_verify() is yours: link a library that checks Ed25519.']
        : []),
      'A cyclic redundancy check finds accidents, not attackers.',
    ],
    guesses: [],
  };
}

const CHECK_STEPS = [
  'Add application_check.c and application_check.h to the loader.',
  'Start the application with application_start() only if application_check() returns APPLICATION_GOOD; else stay in the loader.',
  'Program the sealed image; write the mark "proven" only after it was read back and is right.',
] as const;

const checkIntroduction = (chip: Chip, { application, record }: RecordPlace, proof: ProofMethod): string[] => [
  `Judges the application of ${chip.names.join(', ')} at ${hex(application.start)} before a loader starts it. Made by sureflash, whose host side writes the record. The file is yours: change it as you like.`,
  `The record is at ${hex(record.start)} to ${hex(record.end - 1)}, the last bytes of the application's flash, in slots of 32 bytes: description (magic, length, CRC-32 of the application, version, CRC-32 of these four words), signature (${proof === 'ed25519' ? 'Ed25519, 64 bytes' : 'not used'}), and three marks, which are written apart from everything else.`,
  'An update goes like this: mark "updating", erase and write, read back, mark "proven". Cut anywhere, it leaves an application that this does not call good.',
];

const checkPlacesC = (chip: Chip, { application, record }: RecordPlace): string => {
  const stacks = chip.ram.map(({ start, end }) => `  {${u32(start)}, ${u32(end)}},`);
  return `#define APPLICATION_START ${u32(application.start)}
#define RECORD ${u32(record.start)}
#define RECORD_MAGIC ${u32(RECORD_MAGIC)}
#define SIGNATURE (RECORD + ${SLOT.signature}u)
#define MARK_PROVEN ${u32(MARKS.proven)}
#define MARK_UPDATING ${u32(MARKS.updating)}
#define MARK_REJECTED ${u32(MARKS.rejected)}
#define SLOT_PROVEN (RECORD + ${SLOT.proven}u)
#define SLOT_UPDATING (RECORD + ${SLOT.updating}u)
#define SLOT_REJECTED (RECORD + ${SLOT.rejected}u)
#define ERASED_WORD ${u32(chip.erasedValue === 0 ? 0 : 0xffff_ffff)}

/* RAM of the chip: a stack pointer lies in one of these, or at its end. */
static const struct {
  uint32_t start, end;
} RAMS[] = {
${stacks.length > 0 ? stacks.join('\n') : '  {0x20000000u, 0x30000000u},'}
};`;
};

function checkHeaderC(chip: Chip, proof: ProofMethod): string {
  return document([
    comment([`Judges the application of ${chip.names.join(', ')} before a loader starts it. Made by sureflash.`]),
    '#ifndef APPLICATION_CHECK_H\n#define APPLICATION_CHECK_H',
    '#include <stdint.h>',
    HEADER_BODY,
    proof === 'ed25519'
      ? `/* Yours: 1 if \`signature\` (64 bytes, Ed25519) is that of the \`length\` bytes at \`application\`, by your public key. */
int application_check_verify(const uint8_t *application, uint32_t length, const uint8_t *signature);`
      : undefined,
    '#endif',
  ]);
}
