/*
 * Preloaded into a process (64-bit Linux), keeps a journal of what it does to the files below one folder, in order: enough to
 * tell what a power cut would leave there, after any of the operations. `journal.py` reads it, `disk.py` replays it.
 *
 *   POWER_CUT_FOLDER    real path of the folder; it is treated as a disk of its own
 *   POWER_CUT_JOURNAL   file outside the folder to append to
 *   POWER_CUT_VOLATILE  names with this ending are left alone: shared memory that no program expects to find again
 *   POWER_CUT_SYNC      "honest", "lying" (answers 0, does nothing) or the number of the one fsync that answers EIO
 *   POWER_CUT_AFTER     the number of the operation after which the process kills itself, as kill -9 would
 *   POWER_CUT_ROOM      "BYTES REFUSALS": files may grow by so much, then so many writes answer ENOSPC, then there is room again
 *
 * An operation is done first and recorded before its caller is answered, both under one lock that processes share: who takes
 * the lock on the journal finds it and the folder in agreement. Output is the reverse: it is recorded, then said.
 * The kernel is called directly, so that nothing depends on the order in which libraries are loaded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { CREATE = 'C', FOLDER = 'D', WRITE = 'W', TRUNCATE = 'T', RENAME = 'R', LINK = 'L', UNLINK = 'U', SYNC = 'S', FAILED_SYNC = 'F', SAID = 'O' };

static const char *folder, *volatile_ending;
static int journal = -1;
static bool lying, bounded;
static long failing_sync, syncs, last, operations, room, refusals;
static pthread_mutex_t threads = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("POWER_CUT_JOURNAL"), *sync = getenv("POWER_CUT_SYNC"), *limit = getenv("POWER_CUT_ROOM");
    const char *after = getenv("POWER_CUT_AFTER");
    if (!path || !getenv("POWER_CUT_FOLDER"))
        return;
    volatile_ending = getenv("POWER_CUT_VOLATILE");
    lying = sync && !strcmp(sync, "lying");
    last = after ? atol(after) : 0;
    failing_sync = sync ? atol(sync) : 0;
    bounded = limit && sscanf(limit, "%ld %ld", &room, &refusals) == 2;
    journal = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (journal < 0)
        abort();
    folder = getenv("POWER_CUT_FOLDER");
}

/* The lock and the records */

static void lock_processes(short type)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET };
    while (fcntl(journal, F_SETLKW, &lock) < 0)
        if (errno != EINTR)
            abort();
}

static void hold(void)
{
    pthread_mutex_lock(&threads);
    lock_processes(F_WRLCK);
}

static void release(void)
{
    int answer = errno;
    lock_processes(F_UNLCK);
    pthread_mutex_unlock(&threads);
    errno = answer;
}

static void append(const void *bytes, size_t length)
{
    while (length) {
        ssize_t done = syscall(SYS_write, journal, bytes, length);
        if (done < 0 && errno != EINTR)
            abort();
        if (done > 0) {
            bytes = (const char *)bytes + done;
            length -= done;
        }
    }
}

static void record(enum kind kind, uint64_t inode, uint64_t number, const struct iovec *parts, size_t length)
{
    uint64_t header[4] = { kind, inode, number, length };
    append(header, sizeof header);
    for (; length; parts++) {
        size_t part = parts->iov_len < length ? parts->iov_len : length;
        append(parts->iov_base, part);
        length -= part;
    }
    if (++operations == last)
        kill(getpid(), SIGKILL);
}

static void record_names(enum kind kind, uint64_t inode, const char *name, const char *other)
{
    struct iovec parts[] = { { (void *)name, strlen(name) + 1 }, { (void *)other, strlen(other) } };
    record(kind, inode, 0, parts, parts[0].iov_len + parts[1].iov_len);
}

/* Which files are followed */

static bool below(const char *path)
{
    size_t root = strlen(folder), length = strlen(path), ending = volatile_ending ? strlen(volatile_ending) : 0;
    if (strncmp(path, folder, root) || (path[root] && path[root] != '/'))
        return false;
    return !ending || length < ending || strcmp(path + length - ending, volatile_ending);
}

static bool path_of(int fd, char path[PATH_MAX])
{
    static const char deleted[] = " (deleted)";
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return false;
    path[length] = 0;
    size_t ending = sizeof deleted - 1;
    if ((size_t)length > ending && !strcmp(path + length - ending, deleted))
        path[length - ending] = 0;
    return true;
}

static bool follows(int fd)
{
    char path[PATH_MAX];
    int answer = errno;
    bool followed = folder && path_of(fd, path) && below(path);
    errno = answer;
    return followed;
}

/* The name below the folder that `path` stands for, or false when it is elsewhere. */
static bool name_of(int at, const char *path, char name[PATH_MAX])
{
    char parent[PATH_MAX], real[PATH_MAX];
    int answer = errno;
    if (!folder || snprintf(parent, sizeof parent, "%s", path) >= PATH_MAX)
        return false;
    for (size_t end = strlen(parent); end > 1 && parent[end - 1] == '/';)
        parent[--end] = 0;
    char *slash = strrchr(parent, '/');
    const char *last = slash ? slash + 1 : parent;
    char *base = strdupa(last);
    if (slash)
        slash[slash == parent] = 0;
    int fd = syscall(SYS_openat, at, slash ? parent : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool found = fd >= 0 && path_of(fd, real) && strlen(real) + strlen(base) + 2 <= PATH_MAX;
    if (fd >= 0)
        syscall(SYS_close, fd);
    errno = answer;
    if (!found)
        return false;
    strcat(strcat(real, "/"), base);
    if (!below(real))
        return false;
    strcpy(name, real + strlen(folder) + 1);
    return true;
}

/* Content */

/* How many of `length` bytes at `from` of a file of `size` still have room. */
static size_t fitting(off_t from, size_t length, off_t size)
{
    off_t growth = from + (off_t)length - size;
    if (!bounded || growth <= 0)
        return length;
    if (growth <= room) {
        room -= growth;
        return length;
    }
    size_t without = growth < (off_t)length ? length - growth : 0, fits = without + room;
    room = 0;
    if (!fits && --refusals <= 0)
        bounded = false;
    return fits;
}

static ssize_t transfer(int fd, const struct iovec *parts, int count, off_t offset)
{
    return offset < 0 ? syscall(SYS_writev, fd, parts, count) : syscall(SYS_pwritev, fd, parts, count, offset, 0);
}

static ssize_t put(int fd, const struct iovec *parts, int count, off_t offset)
{
    struct stat file;
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += parts[i].iov_len;
    if (!follows(fd) || fstat(fd, &file) < 0 || !S_ISREG(file.st_mode)) {
        if (folder && fd == STDOUT_FILENO) {
            hold();
            record(SAID, 0, 0, parts, length);
            release();
        }
        return transfer(fd, parts, count, offset);
    }
    hold();
    fstat(fd, &file);
    /* Linux appends to a file opened with O_APPEND even when an offset is given. */
    off_t from = fcntl(fd, F_GETFL) & O_APPEND ? file.st_size : offset < 0 ? lseek(fd, 0, SEEK_CUR) : offset;
    size_t fits = fitting(from, length, file.st_size);
    struct iovec first = { parts[0].iov_base, parts[0].iov_len < fits ? parts[0].iov_len : fits };
    ssize_t done = -1;
    errno = ENOSPC;
    if (fits || !length)
        done = fits < length ? transfer(fd, &first, 1, offset) : transfer(fd, parts, count, offset);
    if (done > 0)
        record(WRITE, file.st_ino, from, parts, done);
    release();
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    struct iovec part = { (void *)bytes, length };
    return put(fd, &part, 1, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    struct iovec part = { (void *)bytes, length };
    return put(fd, &part, 1, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) { return put(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return put(fd, parts, count, offset); }
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags)
{
    return flags ? (errno = EOPNOTSUPP, -1) : put(fd, parts, count, offset);
}

static int resized(int fd, long call, long first, off_t offset, off_t length)
{
    struct stat file;
    if (!follows(fd))
        return syscall(call, fd, first, offset, length);
    hold();
    int answer = syscall(call, fd, first, offset, length);
    if (!answer && !fstat(fd, &file))
        record(TRUNCATE, file.st_ino, file.st_size, NULL, 0);
    release();
    return answer;
}

int ftruncate(int fd, off_t length) { return resized(fd, SYS_ftruncate, length, 0, 0); }
int fallocate(int fd, int mode, off_t offset, off_t length) { return resized(fd, SYS_fallocate, mode, offset, length); }
int posix_fallocate(int fd, off_t offset, off_t length) { return fallocate(fd, 0, offset, length) ? errno : 0; }

int truncate(const char *path, off_t length)
{
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
    int answer = fd < 0 ? -1 : ftruncate(fd, length);
    if (fd >= 0)
        syscall(SYS_close, fd);
    return answer;
}

/* The journal is the disk: nothing is asked of the one below it. */
static int synced(int fd, long call)
{
    struct stat file;
    if (!follows(fd))
        return syscall(call, fd);
    if (lying)
        return 0;
    hold();
    bool fails = ++syncs == failing_sync;
    if (!fstat(fd, &file))
        record(fails ? FAILED_SYNC : SYNC, file.st_ino, 0, NULL, 0);
    errno = EIO;
    release();
    return fails ? -1 : 0;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

/* Names */

static int opened(int at, const char *path, int flags, mode_t mode)
{
    char name[PATH_MAX];
    struct stat file;
    if (!(flags & (O_CREAT | O_TRUNC)) || !name_of(at, path, name))
        return syscall(SYS_openat, at, path, flags, mode);
    hold();
    int answer = errno;
    bool existed = !fstatat(at, path, &file, 0);
    errno = answer;
    int fd = syscall(SYS_openat, at, path, flags, mode);
    if (fd >= 0 && !fstat(fd, &file)) {
        if (!existed)
            record_names(CREATE, file.st_ino, name, "");
        else if (flags & O_TRUNC)
            record(TRUNCATE, file.st_ino, 0, NULL, 0);
    }
    release();
    return fd;
}

static mode_t mode_from(int flags, va_list arguments)
{
    return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_from(flags, arguments);
    va_end(arguments);
    return opened(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_from(flags, arguments);
    va_end(arguments);
    return opened(at, path, flags, mode);
}

int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int mkdirat(int at, const char *path, mode_t mode)
{
    char name[PATH_MAX];
    struct stat file;
    if (!name_of(at, path, name))
        return syscall(SYS_mkdirat, at, path, mode);
    hold();
    int answer = syscall(SYS_mkdirat, at, path, mode);
    if (!answer && !fstatat(at, path, &file, 0))
        record_names(FOLDER, file.st_ino, name, "");
    release();
    return answer;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int unlinkat(int at, const char *path, int flags)
{
    char name[PATH_MAX];
    if (!name_of(at, path, name))
        return syscall(SYS_unlinkat, at, path, flags);
    hold();
    int answer = syscall(SYS_unlinkat, at, path, flags);
    if (!answer)
        record_names(UNLINK, 0, name, "");
    release();
    return answer;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

/* Renames and hard links; across the folder's border they answer what another disk answers. */
static int renamed(enum kind kind, int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    char name[PATH_MAX], other[PATH_MAX];
    long call = kind == RENAME ? SYS_renameat2 : SYS_linkat;
    bool from_below = name_of(from_at, from, name), to_below = name_of(to_at, to, other);
    if (!from_below && !to_below)
        return syscall(call, from_at, from, to_at, to, flags);
    if (from_below != to_below || (kind == RENAME && flags & RENAME_EXCHANGE)) {
        errno = EXDEV;
        return -1;
    }
    hold();
    int answer = syscall(call, from_at, from, to_at, to, flags);
    if (!answer)
        record_names(kind, 0, name, other);
    release();
    return answer;
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) { return renamed(RENAME, from_at, from, to_at, to, flags); }
int renameat(int from_at, const char *from, int to_at, const char *to) { return renamed(RENAME, from_at, from, to_at, to, 0); }
int rename(const char *from, const char *to) { return renamed(RENAME, AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int from_at, const char *from, int to_at, const char *to, int flags) { return renamed(LINK, from_at, from, to_at, to, flags); }
int link(const char *from, const char *to) { return renamed(LINK, AT_FDCWD, from, AT_FDCWD, to, 0); }

/* The same calls under their other names: offsets have 64 bits in all of them, and a checked open has no mode. */
#define ALSO(name, also) extern __typeof__(name) also __attribute__((alias(#name), copy(name)))
ALSO(pwrite, pwrite64);
ALSO(pwritev, pwritev64);
ALSO(pwritev2, pwritev64v2);
ALSO(ftruncate, ftruncate64);
ALSO(truncate, truncate64);
ALSO(fallocate, fallocate64);
ALSO(posix_fallocate, posix_fallocate64);
ALSO(open, open64);
ALSO(openat, openat64);
ALSO(creat, creat64);
int __open_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return opened(at, path, flags, 0); }
ALSO(__open_2, __open64_2);
ALSO(__openat_2, __openat64_2);
