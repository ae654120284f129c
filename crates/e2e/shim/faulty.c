/* Loaded before the C library (LD_PRELOAD), this makes system calls of the program fail as ordered, and shows it another
 * time. The orders are in a shared file that the test changes while the program runs; its layout is that of
 * src/faulty.rs. Nothing of it is in the product.
 *
 * What does not pass here: calls that a crate makes without the C library (rustix: statvfs, fallocate), and pages that are
 * mapped (SQLite's -shm). */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    OPEN = 1,
    WRITE = 2,
    SYNC = 4,
    RENAME = 8,
    MKDIR = 16,
    TRUNCATE = 32,
    UNLINK = 64,
    SYNC_FOLDER = 128,
    CREATE = 256
};
enum { DROP_UNSYNCED = 1 };
enum { RULES = 64 };

struct rule {
    _Atomic uint32_t is_armed;
    uint32_t calls;
    int32_t error;
    uint32_t flags;
    uint64_t after; /* so many calls pass first */
    uint64_t times; /* then so many fail */
    _Atomic uint64_t seen;
    _Atomic uint64_t failed;
    char path[80]; /* fnmatch(3); * takes slashes, too */
};

struct orders {
    _Atomic int64_t clock_ms; /* what the program is shown is so far ahead */
    uint64_t unused[15];
    struct rule rules[RULES];
};

_Static_assert(sizeof(struct rule) == 128 && sizeof(struct orders) == 128 * (1 + RULES), "as in src/faulty.rs");

static struct orders *orders;

__attribute__((constructor)) static void take_orders(void)
{
    const char *path = getenv("FAULTY_ORDERS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED)
        orders = mapped;
    close(file);
}

#define REAL(name)                                        \
    ({                                                    \
        static __typeof__(&name) found;                   \
        if (!found)                                       \
            found = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
        found;                                            \
    })

/* The rule that makes this call fail, if one does. */
static struct rule *ordered(uint32_t call, const char *path)
{
    for (int i = 0; i < RULES; i++) {
        struct rule *rule = &orders->rules[i];
        if (!atomic_load(&rule->is_armed) || !(rule->calls & call) || fnmatch(rule->path, path, 0) != 0)
            continue;
        uint64_t number = atomic_fetch_add(&rule->seen, 1);
        if (number >= rule->after && number - rule->after < rule->times) {
            atomic_fetch_add(&rule->failed, 1);
            return rule;
        }
    }
    return NULL;
}

static int is_wanted(uint32_t call)
{
    for (int i = 0; orders && i < RULES; i++)
        if (atomic_load(&orders->rules[i].is_armed) && (orders->rules[i].calls & call))
            return 1;
    return 0;
}

static int path_of(int fd, char path[PATH_MAX])
{
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return length > 0;
}

static struct rule *ordered_for(uint32_t call, int fd)
{
    char path[PATH_MAX];
    return is_wanted(call) && path_of(fd, path) ? ordered(call, path) : NULL;
}

static int fails(uint32_t call, const char *path)
{
    struct rule *rule = is_wanted(call) && path ? ordered(call, path) : NULL;
    if (rule)
        errno = rule->error;
    return rule != NULL;
}

static int fails_for(uint32_t call, int fd)
{
    struct rule *rule = ordered_for(call, fd);
    if (rule)
        errno = rule->error;
    return rule != NULL;
}

/* Which bytes of which file were written since its last good sync: what a system may drop after a bad one. */

enum { FILES = 4096 };
static struct { int64_t from, to; } unsynced[FILES];
static pthread_mutex_t unsynced_lock = PTHREAD_MUTEX_INITIALIZER;

static void note_written(int fd, int64_t at, ssize_t bytes)
{
    if (!orders || fd < 0 || fd >= FILES || bytes <= 0)
        return;
    pthread_mutex_lock(&unsynced_lock);
    if (unsynced[fd].to == 0 || at < unsynced[fd].from)
        unsynced[fd].from = at;
    if (at + bytes > unsynced[fd].to)
        unsynced[fd].to = at + bytes;
    pthread_mutex_unlock(&unsynced_lock);
}

static void forget_written(int fd, int64_t *from, int64_t *to)
{
    if (fd < 0 || fd >= FILES)
        return;
    pthread_mutex_lock(&unsynced_lock);
    *from = unsynced[fd].from;
    *to = unsynced[fd].to;
    unsynced[fd].from = unsynced[fd].to = 0;
    pthread_mutex_unlock(&unsynced_lock);
}

static int sync_as_ordered(int fd, int (*sync)(int))
{
    struct stat stat;
    int64_t from = 0, to = 0;
    uint32_t call = orders && fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode) ? SYNC_FOLDER : SYNC;
    struct rule *rule = ordered_for(call, fd);
    forget_written(fd, &from, &to);
    if (!rule)
        return sync(fd);
    /* As Linux does it: the pages are lost and no longer dirty, so that the next sync is a good one. */
    if ((rule->flags & DROP_UNSYNCED) && to > from)
        fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to - from);
    errno = rule->error;
    return -1;
}

int fsync(int fd) { return sync_as_ordered(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_as_ordered(fd, REAL(fdatasync)); }

int close(int fd)
{
    int64_t from, to;
    if (orders)
        forget_written(fd, &from, &to);
    return REAL(close)(fd);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    if (fails_for(WRITE, fd))
        return -1;
    off_t at = orders ? lseek(fd, 0, SEEK_CUR) : -1; /* -1 for what is no file */
    ssize_t written = REAL(write)(fd, bytes, count);
    if (at >= 0)
        note_written(fd, at, written);
    return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (fails_for(WRITE, fd))
        return -1;
    return REAL(writev)(fd, parts, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    if (fails_for(WRITE, fd))
        return -1;
    ssize_t written = REAL(pwrite)(fd, bytes, count, at);
    note_written(fd, at, written);
    return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    if (fails_for(WRITE, fd))
        return -1;
    ssize_t written = REAL(pwrite64)(fd, bytes, count, at);
    note_written(fd, at, written);
    return written;
}

/* Opening fails only where something is to be written: what is there can still be read, and what is not there is missed
 * as ever. */
static int fails_to_open(const char *path, int flags)
{
    if (!is_wanted(OPEN | CREATE))
        return 0;
    int is_there = access(path, F_OK) == 0;
    return (is_there || (flags & O_CREAT)) && fails(is_there ? OPEN : CREATE, path);
}

#define OPENING(name)                                          \
    int name(const char *path, int flags, ...)                 \
    {                                                          \
        mode_t mode = 0;                                       \
        if (flags & (O_CREAT | O_TMPFILE)) {                   \
            va_list rest;                                      \
            va_start(rest, flags);                             \
            mode = va_arg(rest, mode_t);                       \
            va_end(rest);                                      \
        }                                                      \
        if ((flags & O_ACCMODE) != O_RDONLY && fails_to_open(path, flags)) \
            return -1;                                         \
        return REAL(name)(path, flags, mode);                  \
    }
OPENING(open)
OPENING(open64)

int rename(const char *from, const char *to)
{
    if (fails(RENAME, to))
        return -1;
    return REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    if (fails(MKDIR, path))
        return -1;
    return REAL(mkdir)(path, mode);
}

int unlink(const char *path)
{
    if (fails(UNLINK, path))
        return -1;
    return REAL(unlink)(path);
}

int ftruncate(int fd, off_t bytes)
{
    if (fails_for(TRUNCATE, fd))
        return -1;
    return REAL(ftruncate)(fd, bytes);
}

int ftruncate64(int fd, off64_t bytes)
{
    if (fails_for(TRUNCATE, fd))
        return -1;
    return REAL(ftruncate64)(fd, bytes);
}

static int64_t clock_ahead_ms(void) { return orders ? atomic_load(&orders->clock_ms) : 0; }

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int failed = REAL(clock_gettime)(clock, now);
    int64_t ahead_ms = clock_ahead_ms();
    if (!failed && ahead_ms && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t ms = (int64_t)now->tv_sec * 1000 + now->tv_nsec / 1000000 + ahead_ms;
        now->tv_sec = ms / 1000;
        now->tv_nsec = ms % 1000 * 1000000 + now->tv_nsec % 1000000;
    }
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    int failed = REAL(gettimeofday)(now, zone);
    if (!failed)
        now->tv_sec += clock_ahead_ms() / 1000;
    return failed;
}

time_t time(time_t *out)
{
    time_t now = REAL(time)(NULL);
    if (now != (time_t)-1)
        now += clock_ahead_ms() / 1000;
    if (out)
        *out = now;
    return now;
}
