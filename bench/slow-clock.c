/*
 * Preloaded into OpenOCD: its clock goes a hundred times slower than that of the wall. Its time limits are about a real chip; here
 * the model's time counts, and a busy machine may take long to compute that.
 */
#include <sys/time.h>
#include <time.h>

#define SLOWER 100LL

static long long microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  static long long begun;
  (void)zone;
  const long long now = microseconds();
  if (begun == 0) begun = now;
  const long long told = begun + (now - begun) / SLOWER;
  time->tv_sec = told / 1000000;
  time->tv_usec = told % 1000000;
  return 0;
}
