/** The style sheet of a report: light and dark by the reader's system, readable on paper and on a phone. */

export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #59636e; --line: #d1d9e0; --soft: #f6f8fa;
  --ok: #1a7f37; --bad: #cf222e; --warn: #9a6700; --kept: #afb8c1; --erased: #d4a72c; --written: #54aeff; --cell: #fff; --on: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --soft: #151b23; --ok: #3fb950; --bad: #f85149;
    --warn: #d29922; --kept: #4d5560; --erased: #bb8009; --written: #1f6feb; --cell: #0d1117; --on: #0d1117; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
p { margin: .5rem 0; }
a { color: inherit; }
code, .hex, .cells { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.faint { color: var(--faint); font-size: .875rem; }
.verdict { display: inline-block; padding: 0 .5rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .8rem; vertical-align: middle; }
.ok { color: var(--ok); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.cause { border-left: .25rem solid var(--bad); background: var(--soft); padding: .75rem 1rem; margin: 1rem 0; }
.cause p:first-child { margin-top: 0; font-weight: 600; } .cause p:last-child { margin-bottom: 0; }
ol, ul { padding-left: 1.4rem; margin: .5rem 0; } li { margin: .25rem 0; }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .2rem 1rem; margin: .5rem 0; } dt { color: var(--faint); } dd { margin: 0; }
.cells { display: grid; grid-template-columns: repeat(auto-fill, minmax(1.2rem, 1fr)); gap: 2px; margin: .5rem 0; padding: 0; list-style: none; }
.cells li { margin: 0; height: 1.3rem; border: 1px solid var(--line); text-align: center; font-size: .7rem; line-height: 1.2rem; background: var(--cell); }
.legend { display: flex; flex-wrap: wrap; }
.legend li { height: auto; padding: 0 .4rem; }
.kept { background: var(--kept) !important; } .pending { background: var(--soft) !important; } .erased { background: var(--erased) !important; }
.written { background: var(--written) !important; } .verified { background: var(--ok) !important; color: var(--on); } .failed { background: var(--bad) !important; color: var(--on); }
.row { display: grid; grid-template: "name track figure" / 8.5rem 1fr 9rem; gap: 0 .75rem; align-items: center; margin: .3rem 0; font-size: .9rem; }
.name { grid-area: name; } .figure { grid-area: figure; } .track { grid-area: track; }
.track { position: relative; height: 1.2rem; background: var(--soft); border: 1px solid var(--line); }
.bar { position: absolute; top: 0; bottom: 0; min-width: 2px; background: var(--written); border-right: 2px solid var(--ink); }
.bar.limit { background: var(--erased); }
.scroll { overflow-x: auto; }
.hex { border-collapse: collapse; font-size: .8rem; white-space: nowrap; } .hex td, .hex th { padding: .1rem .3rem; text-align: left; font-weight: normal; }
.hex th { color: var(--faint); } .hex b { color: var(--bad); text-decoration: underline; }
@media (max-width: 30rem) { body { padding: 1rem .75rem 2rem; } h1 { font-size: 1.2rem; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; }
  .row { grid-template: "name figure" "track track" / 1fr max-content; } .hex { font-size: .68rem; } }
@media print { :root { --paper: #fff; --ink: #000; --faint: #444; --line: #999; --soft: #f4f4f4; --cell: #fff; --on: #fff; --kept: #ccc; --ok: #1a7f37; --bad: #b0101c; --erased: #d4a72c; --written: #54aeff; }
  body { max-width: none; padding: 0; font-size: 11pt; } h2 { break-after: avoid; } .cause, .cells, .row, .hex { break-inside: avoid; print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
