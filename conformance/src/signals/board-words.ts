/** What a board in a process of its own is asked, and what it answers. */

/** `power` takes the power away and gives it back. */
export type BoardQuestion = 'flash' | 'power';

export type BoardAnswer =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'flash'; readonly sectors: readonly { readonly address: number; readonly hex: string }[] }
  | { readonly type: 'cycled' };
