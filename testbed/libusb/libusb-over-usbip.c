/*
 * Stands in for libusb 1.0 where there is no kernel with USB: what dfu-util, st-flash, st-info, OpenOCD and PyUSB call, over
 * USB/IP on a TCP socket. It knows one server (SUREFLASH_USBIP=HOST:PORT), the first device of it, control and bulk transfers,
 * and descriptors. A program is loaded with it by LD_LIBRARY_PATH; it is no library to build against.
 *
 * Written from libusb's API documentation (https://libusb.sourceforge.io/api-1.0/), which gives the structures and error
 * numbers, and from Linux' Documentation/usb/usbip_protocol.rst.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum {
  SUCCESS = 0,
  ERROR_IO = -1,
  ERROR_INVALID_PARAM = -2,
  ERROR_NO_DEVICE = -4,
  ERROR_NOT_FOUND = -5,
  ERROR_TIMEOUT = -7,
  ERROR_OVERFLOW = -8,
  ERROR_PIPE = -9,
  ERROR_NO_MEM = -11,
  ERROR_NOT_SUPPORTED = -12
};

/* As the API documents them. */
struct libusb_device_descriptor {
  uint8_t bLength, bDescriptorType;
  uint16_t bcdUSB;
  uint8_t bDeviceClass, bDeviceSubClass, bDeviceProtocol, bMaxPacketSize0;
  uint16_t idVendor, idProduct, bcdDevice;
  uint8_t iManufacturer, iProduct, iSerialNumber, bNumConfigurations;
};
struct libusb_endpoint_descriptor {
  uint8_t bLength, bDescriptorType, bEndpointAddress, bmAttributes;
  uint16_t wMaxPacketSize;
  uint8_t bInterval, bRefresh, bSynchAddress;
  const unsigned char *extra;
  int extra_length;
};
struct libusb_interface_descriptor {
  uint8_t bLength, bDescriptorType, bInterfaceNumber, bAlternateSetting, bNumEndpoints;
  uint8_t bInterfaceClass, bInterfaceSubClass, bInterfaceProtocol, iInterface;
  const struct libusb_endpoint_descriptor *endpoint;
  const unsigned char *extra;
  int extra_length;
};
struct libusb_interface {
  const struct libusb_interface_descriptor *altsetting;
  int num_altsetting;
};
struct libusb_config_descriptor {
  uint8_t bLength, bDescriptorType;
  uint16_t wTotalLength;
  uint8_t bNumInterfaces, bConfigurationValue, iConfiguration, bmAttributes, MaxPower;
  const struct libusb_interface *interface;
  const unsigned char *extra;
  int extra_length;
};
struct libusb_version {
  const uint16_t major, minor, micro, nano;
  const char *rc, *describe;
};

/* The one device, and the connection that has imported it. */
struct libusb_device {
  int socket; /* -1 when there is none */
  uint32_t devid, seqnum;
  uint8_t bus, address;
  unsigned char raw[18];
};
typedef struct libusb_device libusb_device;
/* A handle is its device: there is nothing else to keep. */
typedef struct libusb_device libusb_device_handle;
typedef struct libusb_context libusb_context;

static struct libusb_device the_device = {.socket = -1};

/* ---- the wire ---- */

enum { OP_REQ_DEVLIST = 0x8005, OP_REQ_IMPORT = 0x8003 };
enum { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3 };
enum { HEADER_BYTES = 48, RECORD_BYTES = 312, BUSID_AT = 256, BUSID_BYTES = 32 };

static void put32(unsigned char *to, uint32_t value) {
  to[0] = value >> 24;
  to[1] = value >> 16;
  to[2] = value >> 8;
  to[3] = value;
}
static uint32_t get32(const unsigned char *from) {
  return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}
static uint16_t little16(const unsigned char *from) { return from[0] | from[1] << 8; }

static int send_all(int socket, const unsigned char *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return ERROR_IO;
    bytes += sent;
    length -= sent;
  }
  return SUCCESS;
}

static int receive_all(int socket, unsigned char *bytes, size_t length) {
  while (length > 0) {
    ssize_t got = recv(socket, bytes, length, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return ERROR_NO_DEVICE;
    bytes += got;
    length -= got;
  }
  return SUCCESS;
}

/* A connection to the server that the environment names; -1 when there is none. */
static int dial(void) {
  const char *named = getenv("SUREFLASH_USBIP");
  char host[256];
  const char *colon = named ? strrchr(named, ':') : NULL;
  if (!colon || (size_t)(colon - named) >= sizeof host) return -1;
  memcpy(host, named, colon - named);
  host[colon - named] = 0;
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  if (getaddrinfo(host, colon + 1, &hints, &found) != 0) return -1;
  int made = -1;
  for (struct addrinfo *each = found; each && made < 0; each = each->ai_next) {
    made = socket(each->ai_family, each->ai_socktype, each->ai_protocol);
    if (made >= 0 && connect(made, each->ai_addr, each->ai_addrlen) < 0) {
      close(made);
      made = -1;
    }
  }
  freeaddrinfo(found);
  int yes = 1;
  if (made >= 0) setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return made;
}

/* An operation that is answered with as many bytes: a header of 8 and what follows it. */
static int operate(int socket, uint16_t code, const char *busid, unsigned char *answer, size_t length) {
  unsigned char request[8 + BUSID_BYTES] = {0x01, 0x11, code >> 8, code & 0xff};
  if (busid) strncpy((char *)request + 8, busid, BUSID_BYTES - 1);
  int error = send_all(socket, request, busid ? sizeof request : 8);
  if (!error) error = receive_all(socket, answer, 8);
  if (!error && get32(answer + 4) != 0) error = ERROR_NO_DEVICE;
  return error ? error : receive_all(socket, answer + 8, length - 8);
}

/* Imports the first device that the server lists. */
static int import_first(struct libusb_device *device) {
  unsigned char list[12 + RECORD_BYTES], answer[8 + RECORD_BYTES];
  int socket = dial();
  if (socket < 0) return ERROR_NO_DEVICE;
  int error = operate(socket, OP_REQ_DEVLIST, NULL, list, 12);
  if (!error && get32(list + 8) == 0) error = ERROR_NO_DEVICE;
  if (!error) error = receive_all(socket, list + 12, RECORD_BYTES);
  close(socket);
  if (error || (socket = dial()) < 0) return ERROR_NO_DEVICE;
  error = operate(socket, OP_REQ_IMPORT, (char *)list + 12 + BUSID_AT, answer, sizeof answer);
  if (error) {
    close(socket);
    return error;
  }
  const unsigned char *numbers = answer + 8 + BUSID_AT + BUSID_BYTES;
  device->socket = socket;
  device->bus = get32(numbers);
  device->address = get32(numbers + 4);
  device->devid = get32(numbers) << 16 | get32(numbers + 4);
  return SUCCESS;
}

static void drop(struct libusb_device *device) {
  if (device->socket >= 0) close(device->socket);
  device->socket = -1;
}

static int of_status(int32_t status) {
  switch (-status) {
    case 0: return SUCCESS;
    case EPIPE: return ERROR_PIPE;
    case EOVERFLOW: return ERROR_OVERFLOW;
    case ENODEV:
    case ESHUTDOWN: return ERROR_NO_DEVICE;
    case ECONNRESET: return ERROR_TIMEOUT;
    default: return ERROR_IO;
  }
}

static void start_header(struct libusb_device *device, unsigned char *header, uint32_t command, int is_in) {
  memset(header, 0, HEADER_BYTES);
  put32(header, command);
  put32(header + 4, ++device->seqnum);
  put32(header + 8, device->devid);
  put32(header + 12, is_in);
}

/* Milliseconds from a clock that nobody sets. */
static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 1 when bytes have come before `due`, 0 when not; no limit where `due` is 0. */
static int comes_before(int socket, int64_t due) {
  for (;;) {
    int64_t left = due ? due - now_ms() : -1;
    struct pollfd waiting = {.fd = socket, .events = POLLIN};
    int ready = poll(&waiting, 1, due && left < 0 ? 0 : (int)left);
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

/* What a transfer is beside its data: the setup packet is of control transfers, to endpoint 0. */
struct request {
  unsigned char endpoint;
  int is_in;
  uint32_t length;
  unsigned char setup[8];
};

/* One transfer: bytes that went through, or an error. A late one is taken back, so that the next one can go on. */
static int transfer(struct libusb_device *device, const struct request *wanted, unsigned char *data, unsigned timeout) {
  if (device->socket < 0) return ERROR_NO_DEVICE;
  uint32_t length = wanted->length;
  int is_in = wanted->is_in;
  size_t outgoing = is_in ? 0 : length;
  unsigned char header[HEADER_BYTES], *request = malloc(HEADER_BYTES + outgoing);
  if (!request) return ERROR_NO_MEM;
  start_header(device, request, CMD_SUBMIT, is_in);
  uint32_t submitted = device->seqnum;
  put32(request + 16, wanted->endpoint);
  put32(request + 24, length);
  put32(request + 32, 0xffffffff);
  memcpy(request + 40, wanted->setup, 8);
  if (outgoing) memcpy(request + HEADER_BYTES, data, outgoing);
  int error = send_all(device->socket, request, HEADER_BYTES + outgoing);
  free(request);
  if (error) return ERROR_NO_DEVICE;
  if (!comes_before(device->socket, timeout ? now_ms() + timeout : 0)) {
    unsigned char unlink[HEADER_BYTES];
    start_header(device, unlink, CMD_UNLINK, 0);
    put32(unlink + 20, submitted);
    if (send_all(device->socket, unlink, HEADER_BYTES)) return ERROR_NO_DEVICE;
  }
  uint32_t last = device->seqnum;
  int result = ERROR_TIMEOUT;
  /* The answer may have crossed with the wish to take the transfer back: then both come. */
  for (uint32_t answered = 0; answered != last;) {
    if (receive_all(device->socket, header, HEADER_BYTES)) return ERROR_NO_DEVICE;
    answered = get32(header + 4);
    if (get32(header) != RET_SUBMIT) continue;
    int32_t status = (int32_t)get32(header + 20);
    uint32_t actual = get32(header + 24);
    if (actual > length) return ERROR_OVERFLOW;
    if (is_in && receive_all(device->socket, data, actual)) return ERROR_NO_DEVICE;
    result = status ? of_status(status) : (int)actual;
  }
  return result;
}

/* ---- the API ---- */

EXPORT int libusb_control_transfer(libusb_device_handle *handle, uint8_t type, uint8_t request, uint16_t value,
                                   uint16_t index, unsigned char *data, uint16_t length, unsigned int timeout) {
  const struct request wanted = {0, type >> 7, length,
                                 {type, request, value & 0xff, value >> 8, index & 0xff, index >> 8, length & 0xff, length >> 8}};
  return transfer(handle, &wanted, data, timeout);
}

EXPORT int libusb_bulk_transfer(libusb_device_handle *handle, unsigned char endpoint, unsigned char *data, int length,
                                int *moved, unsigned int timeout) {
  if (length < 0) return ERROR_INVALID_PARAM;
  const struct request wanted = {endpoint & 15, endpoint >> 7, length, {0}};
  int done = transfer(handle, &wanted, data, timeout);
  if (moved) *moved = done < 0 ? 0 : done;
  return done < 0 ? done : SUCCESS;
}

/* USB/IP does not tell the kinds of endpoints apart. */
EXPORT int libusb_interrupt_transfer(libusb_device_handle *handle, unsigned char endpoint, unsigned char *data, int length,
                                     int *moved, unsigned int timeout) {
  return libusb_bulk_transfer(handle, endpoint, data, length, moved, timeout);
}

static int get_descriptor(struct libusb_device *device, uint16_t value, unsigned char *to, uint16_t length) {
  return libusb_control_transfer(device, 0x80, 6, value, 0, to, length, 5000);
}

/* A kernel has done so before any program sees the device. */
static int configure(struct libusb_device *device) {
  unsigned char head[9];
  if (get_descriptor(device, 0x200, head, sizeof head) != (int)sizeof head) return ERROR_IO;
  int done = libusb_control_transfer(device, 0x00, 9, head[5], 0, NULL, 0, 1000);
  return done < 0 ? done : SUCCESS;
}

EXPORT int libusb_init(libusb_context **context) {
  if (context) *context = (libusb_context *)&the_device;
  return SUCCESS;
}

EXPORT void libusb_exit(libusb_context *context) {
  (void)context;
  drop(&the_device);
}

EXPORT ssize_t libusb_get_device_list(libusb_context *context, libusb_device ***list) {
  (void)context;
  libusb_device **made = calloc(2, sizeof *made);
  if (!made) return ERROR_NO_MEM;
  *list = made;
  int is_new = the_device.socket < 0;
  if (is_new && import_first(&the_device)) return 0;
  if (get_descriptor(&the_device, 0x100, the_device.raw, sizeof the_device.raw) != (int)sizeof the_device.raw) {
    drop(&the_device);
    return 0;
  }
  if (is_new && configure(&the_device)) return 0;
  made[0] = &the_device;
  return 1;
}

EXPORT void libusb_free_device_list(libusb_device **list, int unref) {
  (void)unref;
  free(list);
}

EXPORT libusb_device *libusb_get_device(libusb_device_handle *handle) { return handle; }
EXPORT libusb_device *libusb_get_parent(libusb_device *device) {
  (void)device;
  return NULL;
}
EXPORT libusb_device *libusb_ref_device(libusb_device *device) { return device; }
EXPORT void libusb_unref_device(libusb_device *device) { (void)device; }
EXPORT uint8_t libusb_get_bus_number(libusb_device *device) { return device->bus; }
EXPORT uint8_t libusb_get_device_address(libusb_device *device) { return device->address; }

/* What a server tells of it is of no use to a client. 0 is unknown. */
EXPORT int libusb_get_device_speed(libusb_device *device) {
  (void)device;
  return 0;
}

EXPORT uint8_t libusb_get_port_number(libusb_device *device) {
  (void)device;
  return 1;
}

EXPORT int libusb_get_port_numbers(libusb_device *device, uint8_t *ports, int length) {
  (void)device;
  if (length < 1) return ERROR_OVERFLOW;
  ports[0] = 1;
  return 1;
}

EXPORT int libusb_get_device_descriptor(libusb_device *device, struct libusb_device_descriptor *to) {
  const unsigned char *raw = device->raw;
  *to = (struct libusb_device_descriptor){raw[0],           raw[1],  little16(raw + 2),  raw[4],
                                          raw[5],           raw[6],  raw[7],             little16(raw + 8),
                                          little16(raw + 10), little16(raw + 12), raw[14], raw[15],
                                          raw[16],          raw[17]};
  return SUCCESS;
}

/* All that a configuration needs in one piece, so that one free() gives it back. */
struct configuration {
  struct libusb_config_descriptor descriptor;
  struct libusb_interface interfaces[32];
  struct libusb_interface_descriptor settings[32][64];
  struct libusb_endpoint_descriptor endpoints[256];
  unsigned char raw[];
};

/* Alternate settings by interface, with their endpoints; whatever else follows one of them is its extra. */
static int arrange(struct configuration *made, uint16_t total) {
  const unsigned char *raw = made->raw;
  struct libusb_interface_descriptor *current = NULL;
  int endpoints = 0;
  for (int at = raw[0]; at + 2 <= total && raw[at] >= 2 && at + raw[at] <= total; at += raw[at]) {
    const unsigned char *each = raw + at;
    if (each[1] == 4) {
      if (each[0] < 9 || each[2] >= 32 || made->interfaces[each[2]].num_altsetting >= 64) return ERROR_IO;
      struct libusb_interface *owner = &made->interfaces[each[2]];
      current = &made->settings[each[2]][owner->num_altsetting++];
      owner->altsetting = made->settings[each[2]];
      *current = (struct libusb_interface_descriptor){each[0], each[1], each[2], each[3], each[4], each[5],
                                                      each[6], each[7], each[8], made->endpoints + endpoints, NULL, 0};
    } else if (current && each[1] == 5) {
      if (each[0] < 7 || endpoints >= 256) return ERROR_IO;
      made->endpoints[endpoints++] = (struct libusb_endpoint_descriptor){
          each[0], each[1], each[2], each[3], little16(each + 4), each[6], 0, 0, NULL, 0};
    } else if (current) {
      if (!current->extra) current->extra = each;
      current->extra_length = each + each[0] - current->extra;
    } else {
      if (!made->descriptor.extra) made->descriptor.extra = each;
      made->descriptor.extra_length = each + each[0] - made->descriptor.extra;
    }
  }
  return SUCCESS;
}

EXPORT int libusb_get_config_descriptor(libusb_device *device, uint8_t index, struct libusb_config_descriptor **to) {
  unsigned char head[9];
  if (get_descriptor(device, 0x200 | index, head, sizeof head) != (int)sizeof head) return ERROR_NOT_FOUND;
  uint16_t total = little16(head + 2);
  struct configuration *made = calloc(1, sizeof *made + total);
  if (!made) return ERROR_NO_MEM;
  int error = get_descriptor(device, 0x200 | index, made->raw, total) == total ? SUCCESS : ERROR_IO;
  made->descriptor = (struct libusb_config_descriptor){
      head[0], head[1], total, head[4], head[5], head[6], head[7], head[8], made->interfaces, NULL, 0};
  if (!error) error = arrange(made, total);
  if (error) {
    free(made);
    return error;
  }
  *to = &made->descriptor;
  return SUCCESS;
}

/* There is one, whatever its value. */
EXPORT int libusb_get_active_config_descriptor(libusb_device *device, struct libusb_config_descriptor **to) {
  return libusb_get_config_descriptor(device, 0, to);
}
EXPORT int libusb_get_config_descriptor_by_value(libusb_device *device, uint8_t value, struct libusb_config_descriptor **to) {
  (void)value;
  return libusb_get_config_descriptor(device, 0, to);
}

EXPORT void libusb_free_config_descriptor(struct libusb_config_descriptor *config) { free(config); }

EXPORT int libusb_open(libusb_device *device, libusb_device_handle **handle) {
  *handle = device;
  return device->socket < 0 ? ERROR_NO_DEVICE : SUCCESS;
}

/* The device stays imported until the program ends. */
EXPORT void libusb_close(libusb_device_handle *handle) { (void)handle; }

EXPORT int libusb_claim_interface(libusb_device_handle *handle, int number) {
  (void)handle;
  return number < 0 ? ERROR_INVALID_PARAM : SUCCESS;
}

EXPORT int libusb_release_interface(libusb_device_handle *handle, int number) {
  return libusb_claim_interface(handle, number);
}

EXPORT int libusb_set_interface_alt_setting(libusb_device_handle *handle, int number, int alternate) {
  int done = libusb_control_transfer(handle, 0x01, 11, alternate, number, NULL, 0, 1000);
  return done < 0 ? done : SUCCESS;
}

/* As Linux' client asks for it: SET_FEATURE PORT_RESET to the port. */
EXPORT int libusb_reset_device(libusb_device_handle *handle) {
  int done = libusb_control_transfer(handle, 0x23, 3, 4, 0, NULL, 0, 1000);
  return done < 0 ? done : configure(handle);
}

/* CLEAR_FEATURE(ENDPOINT_HALT). */
EXPORT int libusb_clear_halt(libusb_device_handle *handle, unsigned char endpoint) {
  int done = libusb_control_transfer(handle, 0x02, 1, 0, endpoint, NULL, 0, 1000);
  return done < 0 ? done : SUCCESS;
}

EXPORT int libusb_get_configuration(libusb_device_handle *handle, int *number) {
  unsigned char found = 0;
  int done = libusb_control_transfer(handle, 0x80, 8, 0, 0, &found, 1, 1000);
  *number = found;
  return done < 0 ? done : SUCCESS;
}

EXPORT int libusb_set_configuration(libusb_device_handle *handle, int number) {
  int done = libusb_control_transfer(handle, 0x00, 9, number, 0, NULL, 0, 1000);
  return done < 0 ? done : SUCCESS;
}

/* No kernel has a driver for it. */
EXPORT int libusb_kernel_driver_active(libusb_device_handle *handle, int number) {
  (void)handle;
  (void)number;
  return 0;
}
EXPORT int libusb_detach_kernel_driver(libusb_device_handle *handle, int number) {
  (void)handle;
  (void)number;
  return ERROR_NOT_FOUND;
}
EXPORT int libusb_attach_kernel_driver(libusb_device_handle *handle, int number) {
  return libusb_detach_kernel_driver(handle, number);
}
EXPORT int libusb_set_auto_detach_kernel_driver(libusb_device_handle *handle, int yes) {
  (void)handle;
  (void)yes;
  return SUCCESS;
}

/* In the device's first language, without what is not ASCII. */
EXPORT int libusb_get_string_descriptor_ascii(libusb_device_handle *handle, uint8_t index, unsigned char *to, int length) {
  unsigned char languages[4], text[255];
  if (index == 0 || length < 1) return ERROR_INVALID_PARAM;
  int done = get_descriptor(handle, 0x300, languages, sizeof languages);
  if (done < (int)sizeof languages) return done < 0 ? done : ERROR_IO;
  done = libusb_control_transfer(handle, 0x80, 6, 0x300 | index, little16(languages + 2), text, sizeof text, 1000);
  if (done < 2) return done < 0 ? done : ERROR_IO;
  int characters = 0;
  for (int at = 2; at + 1 < done && characters + 1 < length; at += 2)
    to[characters++] = text[at + 1] || text[at] > 0x7f ? '?' : text[at];
  to[characters] = 0;
  return characters;
}

EXPORT libusb_device_handle *libusb_open_device_with_vid_pid(libusb_context *context, uint16_t vendor, uint16_t product) {
  libusb_device **list;
  libusb_device_handle *found = NULL;
  if (libusb_get_device_list(context, &list) > 0 && little16(the_device.raw + 8) == vendor &&
      little16(the_device.raw + 10) == product)
    found = &the_device;
  libusb_free_device_list(list, 1);
  return found;
}

EXPORT int libusb_set_option(libusb_context *context, int option, ...) {
  (void)context;
  (void)option;
  return SUCCESS;
}

EXPORT const struct libusb_version *libusb_get_version(void) {
  static const struct libusb_version version = {1, 0, 26, 0, "", "over USB/IP, for tests"};
  return &version;
}

EXPORT const char *libusb_error_name(int code) {
  static char name[24];
  switch (code) {
    case SUCCESS: return "LIBUSB_SUCCESS";
    case ERROR_IO: return "LIBUSB_ERROR_IO";
    case ERROR_INVALID_PARAM: return "LIBUSB_ERROR_INVALID_PARAM";
    case ERROR_NO_DEVICE: return "LIBUSB_ERROR_NO_DEVICE";
    case ERROR_NOT_FOUND: return "LIBUSB_ERROR_NOT_FOUND";
    case ERROR_TIMEOUT: return "LIBUSB_ERROR_TIMEOUT";
    case ERROR_OVERFLOW: return "LIBUSB_ERROR_OVERFLOW";
    case ERROR_PIPE: return "LIBUSB_ERROR_PIPE";
    case ERROR_NO_MEM: return "LIBUSB_ERROR_NO_MEM";
    case ERROR_NOT_SUPPORTED: return "LIBUSB_ERROR_NOT_SUPPORTED";
    default: snprintf(name, sizeof name, "%d", code); return name;
  }
}

EXPORT const char *libusb_strerror(int code) { return libusb_error_name(code); }

/*
 * Transfers that are not waited for: OpenOCD submits a command and the read of its answer together. Each is made while it is
 * submitted, in that order, and its end is told by the next call that handles events. PyUSB needs isochronous ones alone,
 * which are not here.
 */
enum transfer_status { COMPLETED, FAILED, TIMED_OUT, CANCELLED, STALLED, NO_DEVICE, OVERFLOWN };
enum { TYPE_CONTROL = 0, FREE_BUFFER = 2, FREE_TRANSFER = 4 };

struct libusb_transfer {
  libusb_device_handle *dev_handle;
  uint8_t flags;
  unsigned char endpoint, type;
  unsigned int timeout;
  enum transfer_status status;
  int length, actual_length;
  void (*callback)(struct libusb_transfer *);
  void *user_data;
  unsigned char *buffer;
  int num_iso_packets;
};

/* The API gives out the inner one. */
struct submitted {
  struct submitted *next;
  struct libusb_transfer transfer;
};
static struct submitted *ended, **last_ended = &ended;

static struct submitted *around(struct libusb_transfer *inner) {
  return (struct submitted *)((char *)inner - offsetof(struct submitted, transfer));
}

static enum transfer_status status_of(int error) {
  switch (error) {
    case ERROR_TIMEOUT: return TIMED_OUT;
    case ERROR_PIPE: return STALLED;
    case ERROR_NO_DEVICE: return NO_DEVICE;
    case ERROR_OVERFLOW: return OVERFLOWN;
    default: return error < 0 ? FAILED : COMPLETED;
  }
}

EXPORT struct libusb_transfer *libusb_alloc_transfer(int packets) {
  struct submitted *made = packets ? NULL : calloc(1, sizeof *made);
  return made ? &made->transfer : NULL;
}

EXPORT void libusb_free_transfer(struct libusb_transfer *inner) {
  if (inner) free(around(inner));
}

EXPORT int libusb_submit_transfer(struct libusb_transfer *inner) {
  if (inner->type == TYPE_CONTROL) return ERROR_NOT_SUPPORTED;
  inner->actual_length = 0;
  inner->status = status_of(libusb_bulk_transfer(inner->dev_handle, inner->endpoint, inner->buffer, inner->length,
                                                 &inner->actual_length, inner->timeout));
  around(inner)->next = NULL;
  *last_ended = around(inner);
  last_ended = &around(inner)->next;
  return SUCCESS;
}

/* What was submitted has ended already. */
EXPORT int libusb_cancel_transfer(struct libusb_transfer *inner) {
  (void)inner;
  return ERROR_NOT_FOUND;
}

EXPORT int libusb_handle_events_timeout_completed(libusb_context *context, struct timeval *limit, int *completed) {
  (void)context;
  (void)limit;
  while (ended && !(completed && *completed)) {
    struct libusb_transfer *inner = &ended->transfer;
    uint8_t flags = inner->flags;
    ended = ended->next;
    if (!ended) last_ended = &ended;
    if (inner->callback) inner->callback(inner);
    if (flags & FREE_BUFFER) free(inner->buffer);
    if (flags & FREE_TRANSFER) libusb_free_transfer(inner);
  }
  return SUCCESS;
}

EXPORT int libusb_handle_events_completed(libusb_context *context, int *completed) {
  return libusb_handle_events_timeout_completed(context, NULL, completed);
}

EXPORT int libusb_handle_events(libusb_context *context) { return libusb_handle_events_completed(context, NULL); }

EXPORT int libusb_get_max_iso_packet_size(libusb_device *device, unsigned char endpoint) {
  (void)device;
  (void)endpoint;
  return ERROR_NOT_SUPPORTED;
}
EXPORT void libusb_set_debug(libusb_context *context, int level) {
  (void)context;
  (void)level;
}

/*
 * What a program sleeps passes for a modelled device, where SUREFLASH_SLEEPS is set and this is preloaded: a vendor request
 * says how many ms, and the model lets them pass before it answers. The program's clock shows what it has slept, so that its
 * limits do not depend on how fast the model computes.
 */
static uint64_t slept_us;

EXPORT int usleep(useconds_t microseconds) {
  uint16_t ms = (microseconds + 999) / 1000;
  if (getenv("SUREFLASH_SLEEPS") && the_device.socket >= 0) {
    slept_us += microseconds;
    return libusb_control_transfer(&the_device, 0x40, 0x53, ms, 0, NULL, 0, 0) < 0 ? -1 : 0;
  }
  struct timespec wanted = {microseconds / 1000000, microseconds % 1000000 * 1000L};
  return nanosleep(&wanted, NULL);
}

EXPORT int gettimeofday(struct timeval *restrict to, void *restrict zone) {
  (void)zone;
  struct timespec now = {slept_us / 1000000, slept_us % 1000000 * 1000};
  if (!getenv("SUREFLASH_SLEEPS")) clock_gettime(CLOCK_REALTIME, &now);
  *to = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  return 0;
}
