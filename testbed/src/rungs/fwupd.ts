/** fwupd's DFU plugin, another client than dfu-util: it looks at our boards as at real ones. It writes nothing here. */
import assert from 'node:assert/strict';
import type { Bench } from '../lib/bench.ts';
import type { Checks } from '../lib/checks.ts';

/** What is looked at of a device that fwupdtool lists. */
interface FwupdDevice {
  readonly Plugin: string;
  readonly Protocols: readonly string[];
  readonly Version: string;
  readonly Vendor: string;
  readonly Flags: readonly string[];
}

/** bcdDevice as fwupd shows it, which on older ROMs is the version of ST's DFU protocol. */
const FWUPD_BOARDS: Readonly<Record<string, string>> = {
  'stm32f105-rom': '22.0',
  'stm32f407-rom': '22.0',
  'stm32h743-rom': '2.0',
  'stm32g431-rom': '2.0',
};

export async function fwupd(bench: Bench, checks: Checks): Promise<void> {
  checks.area('fwupd');
  for (const [name, version] of Object.entries(FWUPD_BOARDS)) {
    await checks.check(`takes ${name} for an STM32 in its bootloader`, async () => {
      await bench.plug(name);
      const out = await bench.guest.must('fwupdtool get-devices --plugins dfu --json 2>/dev/null');
      const { Devices } = JSON.parse(out.slice(out.indexOf('{'))) as { readonly Devices: readonly FwupdDevice[] };
      const [device] = Devices;
      assert.ok(device && Devices.length === 1, `${Devices.length} devices`);
      const { Plugin, Protocols, Version, Vendor, Flags } = device;
      assert.deepEqual(
        { Plugin, Protocols, Version, Vendor },
        {
          Plugin: 'dfu',
          Protocols: ['com.st.dfuse'],
          Version: version,
          Vendor: 'STMicroelectronics',
        },
      );
      assert.ok(Flags.includes('is-bootloader') && Flags.includes('updatable'), Flags.join(' '));
    });
  }
  await bench.unplug();
}
