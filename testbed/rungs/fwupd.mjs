/** fwupd's DFU plugin, another client than dfu-util: it looks at our boards as at real ones. It writes nothing here. */
import assert from 'node:assert/strict';

/** bcdDevice as fwupd shows it, which on older ROMs is the version of ST's DFU protocol. */
const BOARDS = { 'stm32f105-rom': '22.0', 'stm32f407-rom': '22.0', 'stm32h743-rom': '2.0', 'stm32g431-rom': '2.0' };

export async function fwupd(bench, checks) {
  checks.area('fwupd');
  for (const [name, version] of Object.entries(BOARDS)) {
    await checks.check(`takes ${name} for an STM32 in its bootloader`, async () => {
      await bench.plug(name);
      const out = await bench.guest.must('fwupdtool get-devices --plugins dfu --json 2>/dev/null');
      const [device, ...others] = JSON.parse(out.slice(out.indexOf('{'))).Devices;
      assert.equal(others.length, 0);
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
