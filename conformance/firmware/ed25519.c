/*
 * Ed25519 signatures checked as RFC 8032 §5.1.7 says, for the tests of the generated application check: small, not fast.
 * It handles no secrets, so that nothing in it needs constant time.
 */
#include <stdint.h>
#include "ed25519_numbers.h"

typedef uint32_t field[8];
typedef struct {
  field x, y, z, t;
} point;

int application_check_verify(const uint8_t *application, uint32_t length, const uint8_t *signature);

/* SHA-512, FIPS 180-4 §6.4. */

typedef struct {
  uint64_t h[8];
  uint8_t block[128];
  uint32_t filled, total;
} sha512;

static uint64_t rotated(uint64_t x, unsigned n) {
  return (x >> n) | (x << (64u - n));
}

static void sha_block(sha512 *s) {
  uint64_t w[80];
  for (unsigned i = 0; i < 16u; ++i) {
    w[i] = 0u;
    for (unsigned b = 0; b < 8u; ++b) w[i] = (w[i] << 8) | s->block[8u * i + b];
  }
  for (unsigned i = 16; i < 80u; ++i) {
    uint64_t a = rotated(w[i - 15u], 1) ^ rotated(w[i - 15u], 8) ^ (w[i - 15u] >> 7);
    uint64_t b = rotated(w[i - 2u], 19) ^ rotated(w[i - 2u], 61) ^ (w[i - 2u] >> 6);
    w[i] = w[i - 16u] + a + w[i - 7u] + b;
  }
  uint64_t v[8];
  for (unsigned i = 0; i < 8u; ++i) v[i] = s->h[i];
  for (unsigned i = 0; i < 80u; ++i) {
    uint64_t e = rotated(v[4], 14) ^ rotated(v[4], 18) ^ rotated(v[4], 41);
    uint64_t one = v[7] + e + ((v[4] & v[5]) ^ (~v[4] & v[6])) + SHA512_K[i] + w[i];
    uint64_t a = rotated(v[0], 28) ^ rotated(v[0], 34) ^ rotated(v[0], 39);
    uint64_t two = a + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    for (unsigned j = 7; j > 0u; --j) v[j] = v[j - 1u];
    v[4] += one;
    v[0] = one + two;
  }
  for (unsigned i = 0; i < 8u; ++i) s->h[i] += v[i];
}

static void sha_byte(sha512 *s, uint8_t byte) {
  s->block[s->filled++] = byte;
  if (s->filled < 128u) return;
  sha_block(s);
  s->filled = 0u;
}

static void sha_bytes(sha512 *s, const uint8_t *bytes, uint32_t length) {
  s->total += length;
  for (uint32_t i = 0; i < length; ++i) sha_byte(s, bytes[i]);
}

static void sha_end(sha512 *s, uint8_t out[64]) {
  sha_byte(s, 0x80u);
  while (s->filled != 112u) sha_byte(s, 0u);
  for (unsigned i = 0; i < 12u; ++i) sha_byte(s, 0u);
  uint32_t bits = 8u * s->total;
  for (unsigned i = 0; i < 4u; ++i) sha_byte(s, (uint8_t)(bits >> (24u - 8u * i)));
  for (unsigned i = 0; i < 64u; ++i) out[i] = (uint8_t)(s->h[i / 8u] >> (56u - 8u * (i % 8u)));
}

/* Numbers below 2^256 as eight words, lowest first; a field element is taken modulo p = 2^255 - 19. */

static void copy(field to, const field from) {
  for (unsigned i = 0; i < 8u; ++i) to[i] = from[i];
}

/* Adds `small` in; what is carried out of 2^256 counts 38. */
static void fold(field a, uint64_t small) {
  while (small != 0u) {
    uint64_t carry = small;
    for (unsigned i = 0; i < 8u; ++i) {
      carry += a[i];
      a[i] = (uint32_t)carry;
      carry >>= 32;
    }
    small = carry * 38u;
  }
}

static void add(field r, const field a, const field b) {
  uint64_t carry = 0;
  for (unsigned i = 0; i < 8u; ++i) {
    carry += (uint64_t)a[i] + b[i];
    r[i] = (uint32_t)carry;
    carry >>= 32;
  }
  fold(r, carry * 38u);
}

static uint32_t subtract(field r, const field a, const field b) {
  uint32_t borrow = 0;
  for (unsigned i = 0; i < 8u; ++i) {
    uint64_t d = (uint64_t)a[i] - b[i] - borrow;
    r[i] = (uint32_t)d;
    borrow = (uint32_t)(d >> 32) & 1u;
  }
  return borrow;
}

/* Below p. */
static void reduce(field a) {
  field less;
  for (unsigned i = 0; i < 2u; ++i)
    if (subtract(less, a, P) == 0u) copy(a, less);
}

/* 2 p - b, which stays below 2^256 once b is below p. */
static void minus(field r, const field a, const field b) {
  field small;
  copy(small, b);
  reduce(small);
  (void)subtract(small, P, small);
  add(r, a, small);
}

static void multiply(field r, const field a, const field b) {
  uint32_t w[16] = {0};
  for (unsigned i = 0; i < 8u; ++i) {
    uint64_t carry = 0;
    for (unsigned j = 0; j < 8u; ++j) {
      carry += (uint64_t)a[i] * b[j] + w[i + j];
      w[i + j] = (uint32_t)carry;
      carry >>= 32;
    }
    w[i + 8u] = (uint32_t)carry;
  }
  uint64_t carry = 0;
  for (unsigned i = 0; i < 8u; ++i) {
    carry += (uint64_t)w[i + 8u] * 38u + w[i];
    r[i] = (uint32_t)carry;
    carry >>= 32;
  }
  fold(r, carry * 38u);
}

/* a to the power of `exponent`. */
static void power(field r, const field a, const field exponent) {
  field base, result = {1};
  copy(base, a);
  for (unsigned bit = 256; bit-- > 0u;) {
    multiply(result, result, result);
    if ((exponent[bit / 32u] >> (bit % 32u)) & 1u) multiply(result, result, base);
  }
  copy(r, result);
}

static int equal(const field a, const field b) {
  field x, y;
  uint32_t different = 0;
  copy(x, a);
  copy(y, b);
  reduce(x);
  reduce(y);
  for (unsigned i = 0; i < 8u; ++i) different |= x[i] ^ y[i];
  return different == 0u;
}

/* RFC 8032 §5.1.4; the same formulas double. */
static void add_points(point *r, const point *p, const point *q) {
  field a, b, c, d, e, f;
  minus(a, p->y, p->x);
  minus(b, q->y, q->x);
  multiply(a, a, b);
  add(b, p->y, p->x);
  add(c, q->y, q->x);
  multiply(b, b, c);
  multiply(c, p->t, q->t);
  multiply(c, c, D2);
  multiply(d, p->z, q->z);
  add(d, d, d);
  minus(e, b, a);
  minus(f, d, c);
  add(d, d, c);
  add(b, b, a);
  multiply(r->x, e, f);
  multiply(r->y, d, b);
  multiply(r->t, e, b);
  multiply(r->z, f, d);
}

static void load(field r, const uint8_t *bytes) {
  for (unsigned i = 0; i < 8u; ++i)
    r[i] = bytes[4u * i] | ((uint32_t)bytes[4u * i + 1u] << 8) | ((uint32_t)bytes[4u * i + 2u] << 16) |
           ((uint32_t)bytes[4u * i + 3u] << 24);
}

/* RFC 8032 §5.1.3. @returns 0 where there is no such point */
static int decode(point *r, const uint8_t *bytes) {
  static const field one = {1};
  field less, u, v, x, check;
  load(r->y, bytes);
  uint32_t sign = r->y[7] >> 31;
  r->y[7] &= 0x7FFFFFFFu;
  if (subtract(less, r->y, P) == 0u) return 0;
  multiply(u, r->y, r->y);
  multiply(v, u, D);
  minus(u, u, one);
  add(v, v, one);
  /* The root of u / v is u v^3 (u v^7)^((p - 5) / 8), or that times the root of -1. */
  multiply(check, v, v);
  multiply(check, check, v);
  multiply(x, u, check);
  multiply(check, check, x);
  multiply(check, check, v);
  power(check, check, ROOT_EXPONENT);
  multiply(x, x, check);
  multiply(check, x, x);
  multiply(check, check, v);
  if (!equal(check, u)) {
    multiply(x, x, ROOT_OF_MINUS_ONE);
    multiply(check, x, x);
    multiply(check, check, v);
    if (!equal(check, u)) return 0;
  }
  reduce(x);
  if ((x[0] & 1u) != sign) {
    (void)subtract(x, P, x);
    if (equal(x, P)) return 0;
  }
  copy(r->x, x);
  copy(r->z, one);
  multiply(r->t, r->x, r->y);
  return 1;
}

/* The 512 bits of a hash modulo the order of the group, bit by bit from the top. */
static void modulo_order(field r, const uint8_t hash[64]) {
  for (unsigned i = 0; i < 8u; ++i) r[i] = 0u;
  for (unsigned bit = 512; bit-- > 0u;) {
    uint32_t in = (hash[bit / 8u] >> (bit % 8u)) & 1u;
    for (unsigned i = 0; i < 8u; ++i) {
      uint32_t out = r[i] >> 31;
      r[i] = (r[i] << 1) | in;
      in = out;
    }
    field less;
    if (subtract(less, r, ORDER) == 0u) copy(r, less);
  }
}

int application_check_verify(const uint8_t *application, uint32_t length, const uint8_t *signature) {
  static const point neutral = {{0}, {1}, {1}, {0}};
  point key, r, base, both, sum = neutral;
  field s, k, less;
  uint8_t hash[64];
  sha512 sha = {0};
  load(s, signature + 32);
  if (subtract(less, s, ORDER) == 0u) return 0;
  if (!decode(&key, PUBLIC_KEY) || !decode(&r, signature)) return 0;
  for (unsigned i = 0; i < 8u; ++i) sha.h[i] = SHA512_H[i];
  sha_bytes(&sha, signature, 32u);
  sha_bytes(&sha, PUBLIC_KEY, 32u);
  sha_bytes(&sha, application, length);
  sha_end(&sha, hash);
  modulo_order(k, hash);
  (void)decode(&base, BASE);
  /* s B - k A must be R. */
  (void)subtract(key.x, P, key.x);
  (void)subtract(key.t, P, key.t);
  add_points(&both, &base, &key);
  for (unsigned bit = 253; bit-- > 0u;) {
    unsigned from_s = (s[bit / 32u] >> (bit % 32u)) & 1u, from_k = (k[bit / 32u] >> (bit % 32u)) & 1u;
    add_points(&sum, &sum, &sum);
    if (from_s && from_k) add_points(&sum, &sum, &both);
    else if (from_s) add_points(&sum, &sum, &base);
    else if (from_k) add_points(&sum, &sum, &key);
  }
  /* The same point when x / z and y / z are; R's z is 1. */
  multiply(r.x, r.x, sum.z);
  multiply(r.y, r.y, sum.z);
  return equal(sum.x, r.x) && equal(sum.y, r.y);
}
