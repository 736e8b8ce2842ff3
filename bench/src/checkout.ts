/** The program as another built checkout has it, so that two of them can be measured in one run. */
import { pathToFileURL } from 'node:url';

export interface Checkout {
  readonly root: string;
  readonly image: typeof import('@sureflash/image');
  readonly programmer: typeof import('@sureflash/programmer');
  readonly transports: typeof import('@sureflash/programmer/transports');
  readonly usbip: typeof import('@sureflash/usbip');
  readonly virtual: typeof import('@sureflash/virtual');
}

/** @param root the folder of a built checkout */
export async function loadCheckout(root: string): Promise<Checkout> {
  const of = async (path: string): Promise<unknown> =>
    await import(pathToFileURL(`${root}/packages/${path}/index.js`).href);
  const [image, programmer, transports, usbip, virtual] = await Promise.all(
    ['image/dist', 'programmer/dist', 'programmer/dist/transports', 'usbip/dist', 'virtual/dist'].map(of),
  );
  // Another checkout may differ from these types: then the measurement fails where it does.
  return { root, image, programmer, transports, usbip, virtual } as Checkout;
}
