/** Messages in three languages and the signals on the vehicle's CAN bus. */
import { table } from './c-table.mjs';
import { lcg } from './maps.mjs';

const PARTS = [
  ['Inverter', 'Umrichter', 'Omvormer'],
  ['Traction motor', 'Fahrmotor', 'Tractiemotor'],
  ['Battery pack', 'Batteriepaket', 'Accupakket'],
  ['Cell monitor', 'Zellüberwachung', 'Celbewaking'],
  ['Charger', 'Ladegerät', 'Lader'],
  ['Charge port lock', 'Ladedosenverriegelung', 'Laadpoortvergrendeling'],
  ['12 V converter', '12-V-Wandler', '12V-omzetter'],
  ['Coolant pump', 'Kühlmittelpumpe', 'Koelvloeistofpomp'],
  ['Cabin heater', 'Innenraumheizung', 'Interieurverwarming'],
  ['Throttle pedal', 'Fahrpedal', 'Gaspedaal'],
  ['Brake pedal switch', 'Bremslichtschalter', 'Rempedaalschakelaar'],
  ['Steering angle sensor', 'Lenkwinkelsensor', 'Stuurhoeksensor'],
  ['Wheel speed sensor front', 'Raddrehzahlsensor vorn', 'Wielsnelheidssensor voor'],
  ['Wheel speed sensor rear', 'Raddrehzahlsensor hinten', 'Wielsnelheidssensor achter'],
  ['Insulation monitor', 'Isolationswächter', 'Isolatiebewaking'],
  ['Main contactor', 'Hauptschütz', 'Hoofdrelais'],
  ['Pre-charge resistor', 'Vorladewiderstand', 'Voorlaadweerstand'],
  ['Headlamp', 'Scheinwerfer', 'Koplamp'],
  ['Driver display', 'Fahreranzeige', 'Bestuurdersdisplay'],
  ['Door contact', 'Türkontakt', 'Deurcontact'],
];

const FAULTS = [
  ['no signal', 'kein Signal', 'geen signaal'],
  ['signal out of range', 'Signal außerhalb des Bereichs', 'signaal buiten bereik'],
  ['short circuit to ground', 'Kurzschluss nach Masse', 'kortsluiting naar massa'],
  ['short circuit to supply', 'Kurzschluss nach Versorgung', 'kortsluiting naar voeding'],
  ['open circuit', 'Leitungsunterbrechung', 'onderbroken leiding'],
  ['temperature too high', 'Temperatur zu hoch', 'temperatuur te hoog'],
  ['supply voltage too low', 'Versorgungsspannung zu niedrig', 'voedingsspanning te laag'],
  ['no message on CAN bus', 'keine Botschaft auf dem CAN-Bus', 'geen bericht op CAN-bus'],
  ['checksum of message wrong', 'Prüfsumme der Botschaft falsch', 'controlesom van bericht onjuist'],
  ['calibration missing', 'Kalibrierung fehlt', 'kalibratie ontbreekt'],
  ['service due, visit workshop', 'Wartung fällig, Werkstatt aufsuchen', 'onderhoud nodig, ga naar werkplaats'],
];

/** All texts, each closed with a zero byte, and where each begins; the display has Latin capitals only. */
function messages() {
  const encoder = new TextEncoder();
  const text = [];
  const offsets = [];
  for (const part of PARTS) {
    for (const fault of FAULTS) {
      for (const [language, name] of part.entries()) {
        offsets.push(text.length);
        const plain = `${name}: ${fault[language]}`
          .replace(/[äöü]/g, (letter) => ({ ä: 'ae', ö: 'oe', ü: 'ue' })[letter])
          .replace('ß', 'ss');
        text.push(...encoder.encode(plain), 0);
      }
    }
  }
  return { text, offsets };
}

/** Signals as a bus description would list them, 32 bytes each. */
function canSignals() {
  const random = lcg(1939);
  const nodes = ['INV', 'MOT', 'BAT', 'CHG', 'DCC', 'PMP', 'BRK', 'STR', 'CAB', 'VCU'];
  const kinds = [
    'Voltage',
    'Current',
    'Temperature',
    'Speed',
    'Torque',
    'State',
    'Counter',
    'Checksum',
    'Request',
    'Limit',
    'Level',
    'Error',
  ];
  return nodes.flatMap((node, at) =>
    kinds.map((kind, signal) => ({
      name: `${node}_${kind}`,
      frame: 0x100 + at * 0x20 + (signal >> 2),
      firstBit: (signal % 4) * 16,
      bits: [8, 12, 16][Math.floor(random() * 3)],
      offset: Math.floor(random() * 3) * -400,
      scale: [1, 5, 10, 25, 100][Math.floor(random() * 5)],
      period: [10, 20, 50, 100, 1000][Math.floor(random() * 5)],
      limit: Math.floor(random() * 4096),
    })),
  );
}

function canTable() {
  const signals = canSignals();
  const bytes = new Uint8Array(signals.length * 32);
  const view = new DataView(bytes.buffer);
  const rows = signals.map((signal, index) => {
    const at = index * 32;
    bytes.set(new TextEncoder().encode(signal.name), at);
    view.setUint16(at + 20, signal.frame, true);
    view.setUint8(at + 22, signal.firstBit);
    view.setUint8(at + 23, signal.bits);
    view.setInt16(at + 24, signal.offset, true);
    view.setUint16(at + 26, signal.scale, true);
    view.setUint16(at + 28, signal.period, true);
    view.setUint16(at + 30, signal.limit, true);
    const { name, ...numbers } = signal;
    return `  {"${name}", ${Object.values(numbers).join(', ')}},\n`;
  });
  const source = `const struct can_signal can_signals[${signals.length}] = {\n${rows.join('')}};\n`;
  return { name: 'can_signals', bytes, source, count: signals.length };
}

const { text, offsets } = messages();
const can = canTable();

export const texts = [
  table('uint16_t', 'message_offsets', offsets),
  { ...table('uint8_t', 'message_text', text), source: charTable(text) },
  can,
];

export const counts = { message_count: offsets.length / 3, can_signal_count: can.count };

function charTable(bytes) {
  const sentences = String.fromCharCode(...bytes.slice(0, -1)).split('\0');
  return `const char message_text[${bytes.length}] =\n${sentences.map((sentence) => `  "${sentence}\\0"\n`).join('')};\n`;
}
