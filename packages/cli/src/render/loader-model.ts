/** What a loader does, by simulation: the sentence, the bytes that it explains, read beside right, rivals, the line of code. */
import { MemoryImage } from '@sureflash/image';
import type { LoaderModel, ModelExample } from '@sureflash/programmer/diagnosis';
import type { Stream } from '../base/io.ts';
import { hexDump } from './hex-dump.ts';
import type { Style } from './style.ts';
import { bullet, labelled } from './wrap.ts';

/**
 * `Writes are 0x100 bytes too high. This explains all 24,047 bytes, in all reads, that differ from a right loader's.`
 * @param title what was said before: a sentence in it is not said again
 */
export function simulationText(
  { sentence, bytesExplained, bytesDiffering, isComplete }: LoaderModel,
  title = '',
): string {
  const [explained, all] = [bytesExplained.toLocaleString('en'), bytesDiffering.toLocaleString('en')];
  const count = explained === all ? `all ${all}` : `${explained} of ${all}`;
  const more = isComplete ? '' : ' There was no time to try every other loader.';
  const said = title.includes(sentence) ? '' : `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}. `;
  return `${said}This explains ${count} bytes, in all reads, that differ from a right loader's.${more}`;
}

/** Rivals and what would tell stand elsewhere where the whole diagnosis is the model. */
export function simulationLines({
  model,
  title,
  style,
  stream,
}: Readonly<{ model: LoaderModel; title: string; style: Style; stream: Stream }>): string[] {
  const { example, rivals, tellApart, code } = model;
  const isSaid = title.includes(model.sentence);
  return [
    labelled(style.strong('Simulated'), simulationText(model, title), stream),
    ...(example ? exampleLines(example) : []),
    ...(isSaid ? [] : rivals.map((rival) => labelled('', `or ${rival}`, stream))),
    ...(isSaid || tellApart === undefined ? [] : [bullet(tellApart, stream)]),
    ...code.map((line, i) => labelled(i === 0 ? style.strong('In the code') : '', line, stream)),
  ];
}

function exampleLines({ address, expected, read }: ModelExample): string[] {
  const image = (bytes: Uint8Array): MemoryImage => new MemoryImage([{ address, bytes }]);
  return hexDump({ name: 'read', image: image(read) }, { name: 'a right loader', image: image(expected) }, address);
}

/** As JSON has it: bytes are text of hexadecimal digits. */
export function simulationJson({ example, ...model }: LoaderModel): Readonly<Record<string, unknown>> {
  if (!example) return model;
  const { address, asked, expected, read } = example;
  const texts = { address, expected: hexText(expected), read: hexText(read), ...(asked && { asked: hexText(asked) }) };
  return { ...model, example: texts };
}

const hexText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
