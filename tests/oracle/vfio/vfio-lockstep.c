/*
 * vfio-lockstep SCRIPT: runs a script of VFIO calls against the kernel it runs on, and prints each line with the
 * kernel's answer: "LINE -> answer". What the kernel printed because of a line follows it as "# text".
 *
 * Numbers are decimal or 0x-hexadecimal. C, G, D name containers, groups and devices.
 *
 *   container C                    open /dev/vfio/vfio
 *   group G BDF                    open the group that BDF is in
 *   device D G BDF                 VFIO_GROUP_GET_DEVICE_FD
 *   set G C | unset G | status G   VFIO_GROUP_SET_CONTAINER, UNSET_CONTAINER, GET_STATUS
 *   close X                        close any of them
 *   api C | ext C N | iommu C N    VFIO_GET_API_VERSION, CHECK_EXTENSION, SET_IOMMU
 *   info C ARGSZ                   VFIO_IOMMU_GET_INFO; the capability chain is printed if it was given
 *   map C VADDR IOVA SIZE FLAGS [ARGSZ]
 *   unmap C IOVA SIZE [FLAGS [ARGSZ]]
 *   unmapdirty C IOVA SIZE PGSIZE BYTES      with the dirty bitmap
 *   dirty C FLAGS [ARGSZ]                    VFIO_IOMMU_DIRTY_PAGES
 *   bitmap C IOVA SIZE PGSIZE BYTES          the same with GET_BITMAP
 *   ioctl X NUMBER                           any ioctl without an argument
 *   mmap VADDR SIZE rw|r|none      anonymous memory at that address
 *   munmap VADDR SIZE | fill VADDR LEN BYTE | peek VADDR LEN
 *   memlock BYTES                  RLIMIT_MEMLOCK
 *   cap 0|1                        CAP_IPC_LOCK
 *   locked                         VmLck of the process, in KiB
 *   child COMMAND...               the same command from a child process
 *   override BDF DRIVER | bind BDF DRIVER | unbind BDF | driver BDF
 *   param NAME VALUE               a parameter of vfio_iommu_type1
 *   enable D                       memory and bus mastering on, in the command register
 *   edu D r|w IOVA LEN             the edu device reads memory into its buffer, or writes its buffer to memory
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

typedef unsigned long long u64;

static struct { char name[32]; int fd; } files[64];
static int kmsg;

static int fd_of(const char *name) {
  for (int i = 0; i < 64; i++)
    if (!strcmp(files[i].name, name)) return files[i].fd;
  return -1;
}

static void keep(const char *name, int fd) {
  for (int i = 0; i < 64; i++)
    if (!files[i].name[0]) {
      snprintf(files[i].name, sizeof files[i].name, "%s", name);
      files[i].fd = fd;
      return;
    }
  abort();
}

static void forget(const char *name) {
  for (int i = 0; i < 64; i++)
    if (!strcmp(files[i].name, name)) files[i].name[0] = 0;
}

static u64 num(const char *s) { return s ? strtoull(s, NULL, 0) : 0; }
static int err(int ret) { return ret < 0 ? -errno : ret; }
static void ret(int value) { printf("ret=%d", value); }

static unsigned crc32(const unsigned char *p, u64 n) {
  unsigned c = ~0u;
  while (n--) {
    c ^= *p++;
    for (int i = 0; i < 8; i++) c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
  }
  return ~c;
}

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  int n = fd < 0 ? -1 : write(fd, text, strlen(text));
  ret(n < 0 ? -errno : 0);
  if (fd >= 0) close(fd);
}

static void open_group(const char *name, const char *bdf) {
  char path[256], link[256] = {0};
  snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/iommu_group", bdf);
  if (readlink(path, link, sizeof link - 1) < 0) { printf("ret=%d", -errno); return; }
  snprintf(path, sizeof path, "/dev/vfio%s", strrchr(link, '/'));
  int fd = open(path, O_RDWR);
  if (fd >= 0) keep(name, fd);
  ret(fd < 0 ? -errno : 0);
}

static void hex(const void *data, size_t n) {
  for (size_t i = 0; i < n; i++) printf("%02x", ((const unsigned char *)data)[i]);
}

static void info(int fd, unsigned argsz) {
  static unsigned char buf[65536];
  struct vfio_iommu_type1_info *i = (void *)buf;
  memset(buf, 0, sizeof buf);
  i->argsz = argsz;
  int r = err(ioctl(fd, VFIO_IOMMU_GET_INFO, buf));
  ret(r);
  if (r) return;
  printf(" argsz=%u flags=%u pgsizes=0x%llx offset=%u", i->argsz, i->flags, (u64)i->iova_pgsizes, i->cap_offset);
  if (i->cap_offset && argsz >= i->argsz) { printf(" bytes="); hex(buf + i->cap_offset, argsz - i->cap_offset); }
}

static void bitmap_answer(int r, u64 size, int has_size, const void *data, u64 bytes) {
  ret(r);
  if (has_size && !r) printf(" size=0x%llx", size);
  if (!r) { printf(" bits="); hex(data, bytes); }
}

static u64 region_offset(int fd, unsigned index) {
  struct vfio_region_info r = {.argsz = sizeof r, .index = index};
  return ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &r) ? 0 : r.offset;
}

static void edu(int fd, char dir, u64 iova, u64 len) {
  u64 at = region_offset(fd, VFIO_PCI_BAR0_REGION_INDEX);
  u64 buffer = 0x40000, cmd = dir == 'w' ? 3 : 1, zero = 0;
  u64 src = dir == 'w' ? buffer : iova, dst = dir == 'w' ? iova : buffer;
  (void)!pwrite(fd, &zero, 4, at + 0x64);
  (void)!pwrite(fd, &src, 8, at + 0x80);
  (void)!pwrite(fd, &dst, 8, at + 0x88);
  (void)!pwrite(fd, &len, 8, at + 0x90);
  (void)!pwrite(fd, &cmd, 8, at + 0x98);
  for (int i = 0; i < 100; i++) {
    u64 now = 0;
    usleep(20000);
    (void)!pread(fd, &now, 8, at + 0x98);
    if (!(now & 1)) break;
  }
  printf("done");
}

static void run(int n, char **w) {
  char path[256], text[256];
  int fd = n > 1 ? fd_of(w[1]) : -1;
#define IS(s) (!strcmp(w[0], s))
  if (IS("container")) { fd = open("/dev/vfio/vfio", O_RDWR); if (fd >= 0) keep(w[1], fd); ret(fd < 0 ? -errno : 0); }
  else if (IS("group")) open_group(w[1], w[2]);
  else if (IS("device")) { int d = ioctl(fd_of(w[2]), VFIO_GROUP_GET_DEVICE_FD, w[3]); if (d >= 0) keep(w[1], d); ret(d < 0 ? -errno : 0); }
  else if (IS("set")) { int c = fd_of(w[2]); ret(err(ioctl(fd, VFIO_GROUP_SET_CONTAINER, &c))); }
  else if (IS("unset")) ret(err(ioctl(fd, VFIO_GROUP_UNSET_CONTAINER)));
  else if (IS("status")) {
    struct vfio_group_status s = {.argsz = sizeof s};
    int r = err(ioctl(fd, VFIO_GROUP_GET_STATUS, &s));
    printf("ret=%d viable=%d set=%d", r, s.flags & 1, s.flags >> 1 & 1);
  }
  else if (IS("close")) { forget(w[1]); ret(err(close(fd))); }
  else if (IS("api")) ret(err(ioctl(fd, VFIO_GET_API_VERSION)));
  else if (IS("ext")) ret(err(ioctl(fd, VFIO_CHECK_EXTENSION, num(w[2]))));
  else if (IS("iommu")) ret(err(ioctl(fd, VFIO_SET_IOMMU, num(w[2]))));
  else if (IS("info")) info(fd, num(w[2]));
  else if (IS("map")) {
    struct vfio_iommu_type1_dma_map m = {n > 6 ? num(w[6]) : sizeof m, num(w[5]), num(w[2]), num(w[3]), num(w[4])};
    ret(err(ioctl(fd, VFIO_IOMMU_MAP_DMA, &m)));
  }
  else if (IS("unmap")) {
    struct vfio_iommu_type1_dma_unmap u = {n > 5 ? num(w[5]) : sizeof u, n > 4 ? num(w[4]) : 0, num(w[2]), num(w[3])};
    int r = err(ioctl(fd, VFIO_IOMMU_UNMAP_DMA, &u));
    ret(r);
    if (!r) printf(" size=0x%llx", (u64)u.size);
  }
  else if (IS("unmapdirty")) {
    struct { struct vfio_iommu_type1_dma_unmap u; struct vfio_bitmap b; } x = {{sizeof x, 1, num(w[2]), num(w[3])}, {num(w[4]), num(w[5]), NULL}};
    u64 room = x.b.size < 1 << 20 ? x.b.size : 1 << 20;
    x.b.data = calloc(1, room + 8);
    int r = err(ioctl(fd, VFIO_IOMMU_UNMAP_DMA, &x));
    bitmap_answer(r, x.u.size, 1, x.b.data, room);
    free(x.b.data);
  }
  else if (IS("dirty")) {
    struct vfio_iommu_type1_dirty_bitmap d = {n > 3 ? num(w[3]) : sizeof d, num(w[2])};
    ret(err(ioctl(fd, VFIO_IOMMU_DIRTY_PAGES, &d)));
  }
  else if (IS("bitmap")) {
    struct { struct vfio_iommu_type1_dirty_bitmap d; struct vfio_iommu_type1_dirty_bitmap_get g; } x = {{sizeof x, VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP}, {num(w[2]), num(w[3]), {num(w[4]), num(w[5]), NULL}}};
    u64 room = x.g.bitmap.size < 1 << 20 ? x.g.bitmap.size : 1 << 20;
    x.g.bitmap.data = calloc(1, room + 8);
    int r = err(ioctl(fd, VFIO_IOMMU_DIRTY_PAGES, &x));
    bitmap_answer(r, 0, 0, x.g.bitmap.data, room);
    free(x.g.bitmap.data);
  }
  else if (IS("ioctl")) ret(err(ioctl(fd, _IO(VFIO_TYPE, VFIO_BASE + num(w[2])))));
  else if (IS("mmap")) {
    int prot = !strcmp(w[3], "rw") ? PROT_READ | PROT_WRITE : !strcmp(w[3], "r") ? PROT_READ : PROT_NONE;
    void *p = mmap((void *)num(w[1]), num(w[2]), prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    ret(p == MAP_FAILED ? -errno : 0);
  }
  else if (IS("munmap")) ret(err(munmap((void *)num(w[1]), num(w[2]))));
  else if (IS("fill")) { memset((void *)num(w[1]), num(w[3]), num(w[2])); printf("ok"); }
  else if (IS("peek")) printf("crc=0x%08x", crc32((void *)num(w[1]), num(w[2])));
  else if (IS("memlock")) { struct rlimit l = {num(w[1]), num(w[1])}; ret(err(setrlimit(RLIMIT_MEMLOCK, &l))); }
  else if (IS("cap")) {
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2];
    syscall(SYS_capget, &h, d);
    if (num(w[1])) d[0].effective |= 1 << CAP_IPC_LOCK; else d[0].effective &= ~(1 << CAP_IPC_LOCK);
    ret(err(syscall(SYS_capset, &h, d)));
  }
  else if (IS("locked")) {
    FILE *f = fopen("/proc/self/status", "r");
    long kb = -1;
    while (fgets(text, sizeof text, f)) sscanf(text, "VmLck: %ld", &kb);
    fclose(f);
    printf("kib=%ld", kb);
  }
  else if (IS("child")) {
    fflush(stdout);
    pid_t p = fork();
    if (!p) { run(n - 1, w + 1); fflush(stdout); _exit(0); }
    waitpid(p, NULL, 0);
  }
  else if (IS("override")) { snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/driver_override", w[1]); snprintf(text, sizeof text, "%s\n", n > 2 ? w[2] : ""); put(path, text); }
  else if (IS("bind")) { snprintf(path, sizeof path, "/sys/bus/pci/drivers/%s/bind", w[2]); put(path, w[1]); }
  else if (IS("unbind")) { snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/driver/unbind", w[1]); put(path, w[1]); }
  else if (IS("driver")) {
    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/driver", w[1]);
    int k = readlink(path, text, sizeof text - 1);
    text[k < 0 ? 0 : k] = 0;
    printf("driver=%s", k < 0 ? "none" : strrchr(text, '/') + 1);
  }
  else if (IS("param")) { snprintf(path, sizeof path, "/sys/module/vfio_iommu_type1/parameters/%s", w[1]); put(path, w[2]); }
  else if (IS("enable")) {
    u64 at = region_offset(fd, VFIO_PCI_CONFIG_REGION_INDEX);
    unsigned short c = 6;
    ret(pwrite(fd, &c, 2, at + 4) == 2 ? 0 : -errno);
  }
  else if (IS("edu")) edu(fd, w[2][0], num(w[3]), num(w[4]));
  else printf("unknown");
}

static void kernel_lines(int print) {
  char buf[4096];
  for (;;) {
    ssize_t n = read(kmsg, buf, sizeof buf - 1);
    if (n <= 0) return;
    buf[n] = 0;
    char *text = strchr(buf, ';');
    if (!text || !print) continue;
    text[strcspn(text, "\n")] = 0;
    printf("# %s\n", text + 1);
  }
}

int main(int argc, char **argv) {
  char line[1024], copy[1024], *w[32];
  FILE *f = fopen(argv[1], "r");
  kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  lseek(kmsg, 0, SEEK_END);
  while (fgets(line, sizeof line, f)) {
    line[strcspn(line, "\n")] = 0;
    strcpy(copy, line);
    int n = 0;
    for (char *t = strtok(copy, " "); t && n < 32; t = strtok(NULL, " ")) w[n++] = t;
    w[n] = NULL;
    if (!n || w[0][0] == '#') { puts(line); continue; }
    printf("%s -> ", line);
    run(n, w);
    printf("\n");
    kernel_lines(1);
    fflush(stdout);
  }
  return 0;
}
