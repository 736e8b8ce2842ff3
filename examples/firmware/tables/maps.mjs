/** The vehicle's characteristics: computed from textbook formulas with made-up but plausible parameters. */
import { crcTable, table } from './c-table.mjs';

const MAP_SIDE = 48;
/** How long the drive cycle is, in samples: it sets the size of the whole program (README.md). */
const DRIVE_CYCLE_SAMPLES = 6271;

const sine = Array.from({ length: 1025 }, (_, step) => 32767 * Math.sin((step / 1024) * (Math.PI / 2)));

/** A 10 kΩ thermistor, beta 3950, below a 10 kΩ resistor on a 12-bit converter. */
const thermistor = Array.from({ length: 4096 }, (_, code) => {
  const ratio = Math.min(Math.max(code, 8), 4087) / 4096;
  const kelvin = 1 / (1 / 298.15 + Math.log(ratio / (1 - ratio)) / 3950);
  return (kelvin - 273.15) * 10;
});

/** A lithium cell's open-circuit voltage by its charge, in mV: steep ends, flat middle. */
const cell = Array.from({ length: 1025 }, (_, step) => {
  const charge = step / 1024;
  return 3000 + 900 * charge + 420 * (1 - Math.exp(-22 * charge)) - 160 * Math.exp(-((charge - 0.45) ** 2) / 0.06);
});

/** Torque in 0.1 Nm by speed and throttle: constant torque, then constant power. */
const torque = grid(
  (speed, throttle) => 1850 * throttle ** 1.35 * Math.min(1, 0.38 / Math.max(speed, 0.01)) - 45 * speed,
);

/** Efficiency in 0.1 %: iron, copper and friction losses around a best point. */
const efficiency = grid((speed, throttle) => {
  const power = Math.max(speed * throttle, 1e-4);
  return 1000 * (power / (power + 0.012 + 0.05 * throttle ** 2 + 0.045 * speed ** 2));
});

function grid(formula) {
  const values = [];
  for (let row = 0; row < MAP_SIDE; row += 1) {
    for (let column = 0; column < MAP_SIDE; column += 1) {
      values.push(formula(column / (MAP_SIDE - 1), row / (MAP_SIDE - 1)));
    }
  }
  return values;
}

/** A city drive in 0.1 km/h, four samples a second: accelerate, hold with small corrections, stop, wait. */
function driveCycle(length) {
  const random = lcg(20231219);
  const samples = [0];
  const speed = () => samples[samples.length - 1];
  while (samples.length < length) {
    const target = 200 + random() * 480;
    const steepness = 1 + random() * 3;
    while (speed() < target) samples.push(speed() + steepness * (3.6 - speed() / 300));
    for (let hold = 40 + random() * 160; hold > 0; hold -= 1) {
      samples.push(speed() + (target - speed()) * 0.1 + (random() - 0.5) * 9);
    }
    while (speed() > 0) samples.push(Math.max(0, speed() - steepness * 4 - random() * 3));
    for (let wait = random() * 60; wait > 0; wait -= 1) samples.push(0);
  }
  return samples.slice(0, length).map((sample) => Math.max(0, sample));
}

/** A small linear congruential generator (Numerical Recipes' constants): the same numbers on every machine. */
export function lcg(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const maps = [
  table('int16_t', 'sine_table', sine),
  table('int16_t', 'thermistor_decidegrees', thermistor),
  table('int16_t', 'torque_map', torque, `${MAP_SIDE} x ${MAP_SIDE}`),
  table('int16_t', 'efficiency_map', efficiency, `${MAP_SIDE} x ${MAP_SIDE}`),
  table('uint16_t', 'cell_millivolts', cell),
  table('uint32_t', 'crc32_table', crcTable),
  table('uint16_t', 'drive_cycle', driveCycle(DRIVE_CYCLE_SAMPLES)),
];
