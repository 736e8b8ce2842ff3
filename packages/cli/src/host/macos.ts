/** macOS: the devices that System Information lists. It needs no driver and no permission for DFU. */
import { type Observation, seen } from '@sureflash/programmer/diagnosis';
import type { RunCommand } from './run.ts';

const ST = '0483';
const DFU = 'df11';

/** One node of the tree that system_profiler prints. */
interface Item {
  readonly _name?: string;
  /** `0x0483  (STMicroelectronics)` */
  readonly vendor_id?: string;
  readonly product_id?: string;
  readonly location_id?: string;
  readonly _items?: readonly Item[];
}

export async function observeMac(run: RunCommand): Promise<Observation[]> {
  const items = treeOf(await run('system_profiler', ['SPUSBDataType', '-json']));
  if (!items) return [];
  const devices = items.flatMap(flattened).filter(({ vendor_id }) => vendor_id !== undefined);
  const st = devices.filter((device) => numberIn(device.vendor_id) === ST);
  if (st.some((device) => numberIn(device.product_id) === DFU)) return [];
  return [
    seen('host-no-dfu', { devices: devices.length }),
    ...st.map(({ _name = 'unnamed', location_id = '?', product_id }) =>
      seen('host-st-device', { path: location_id, ids: `${ST}:${numberIn(product_id)}`, product: _name }),
    ),
  ];
}

function treeOf(text: string): readonly Item[] | undefined {
  try {
    // A parsed boundary: every field of it is optional.
    return (JSON.parse(text) as { SPUSBDataType?: readonly Item[] }).SPUSBDataType;
  } catch {
    return undefined;
  }
}

function flattened(item: Item): Item[] {
  return [item, ...(item._items ?? []).flatMap(flattened)];
}

/** `0x0483  (STMicroelectronics)` to `0483`. */
function numberIn(text = ''): string {
  return (/0x([0-9a-f]+)/i.exec(text)?.[1] ?? '').toLowerCase().padStart(4, '0');
}
