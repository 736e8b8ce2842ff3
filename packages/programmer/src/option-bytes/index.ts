export { type OptionReport, type Reopening, unprotect, writeOptionBytes } from './apply.ts';
export { type Assignment, type OptionChange, type OptionPlan, planOptionBytes } from './plan.ts';
export { type SectorProtection, sectorProtection } from './protected-sectors.ts';
export { waitForReturn } from './return.ts';
export { isReadProtected, type OptionState, readOptionBytes } from './state.ts';
export { optionValueText } from './values.ts';
