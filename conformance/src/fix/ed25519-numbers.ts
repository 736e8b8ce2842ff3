/** The numbers of the tests' Ed25519 verifier, computed from their definitions (RFC 8032 §5.1, FIPS 180-4 §4.2.3). */

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base % P, e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P;
  return result;
}

/** d of the curve: −121665 / 121666. */
const D = ((P - 121665n) * power(121666n, P - 2n)) % P;

/** The first 64 bits behind the point of the square or cube roots of the first primes. */
function fractions(count: number, degree: 2n | 3n): bigint[] {
  const primes: bigint[] = [];
  for (let n = 2n; primes.length < count; n += 1n) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);
  return primes.map((prime) => root(prime << (64n * degree), degree) & (2n ** 64n - 1n));
}

function root(of: bigint, degree: bigint): bigint {
  let [low, high] = [0n, 1n << 80n];
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** degree <= of) low = middle;
    else high = middle - 1n;
  }
  return low;
}

const words = (value: bigint): string =>
  Array.from({ length: 8 }, (_, i) => `0x${((value >> BigInt(32 * i)) & 0xffff_ffffn).toString(16)}u`).join(', ');
const bytes = (list: Iterable<number>): string => Array.from(list, (byte) => `0x${byte.toString(16)}u`).join(', ');
const longs = (list: readonly bigint[]): string => list.map((value) => `0x${value.toString(16)}ull`).join(', ');
/** y of the base point is 4 / 5, its x even: its encoding is y alone. */
const BASE = Uint8Array.from({ length: 32 }, (_, i) =>
  Number((((4n * power(5n, P - 2n)) % P) >> BigInt(8 * i)) & 0xffn),
);

/** @param publicKey 32 bytes @returns `ed25519_numbers.h` for `ed25519.c` */
export function ed25519Numbers(publicKey: Uint8Array): string {
  return `static const uint32_t P[8] = {${words(P)}}, ORDER[8] = {${words(ORDER)}}, D[8] = {${words(D)}},
  D2[8] = {${words((2n * D) % P)}}, ROOT_EXPONENT[8] = {${words((P - 5n) / 8n)}},
  ROOT_OF_MINUS_ONE[8] = {${words(power(2n, (P - 1n) / 4n))}};
static const uint8_t BASE[32] = {${bytes(BASE)}}, PUBLIC_KEY[32] = {${bytes(publicKey)}};
static const uint64_t SHA512_H[8] = {${longs(fractions(8, 2n))}};
static const uint64_t SHA512_K[80] = {${longs(fractions(80, 3n))}};
`;
}
