"""The allow-list of system calls of the privacy proof, as data: what each process may call."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

# Not recorded: reading, memory, time, waiting, signals, identity; reading from and writing to what is open already.
HARMLESS = (
    *("read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "pwritev2"),
    *("sendfile", "splice", "tee", "copy_file_range", "recvfrom", "recvmsg", "recvmmsg", "shutdown", "listen"),
    *("accept", "accept4", "getsockname", "getpeername", "getsockopt", "setsockopt", "socketpair", "pipe", "pipe2"),
    *("close", "close_range", "dup", "dup2", "dup3", "fcntl", "flock", "lseek", "fsync", "fdatasync", "fadvise64"),
    *("stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2"),
    *("readlink", "readlinkat", "getdents", "getdents64", "getcwd", "getxattr", "lgetxattr", "listxattr"),
    *("mmap", "mprotect", "munmap", "mremap", "madvise", "mlock", "mincore", "brk", "membarrier", "mbind"),
    *("memfd_create", "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "arch_prctl"),
    *("poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait"),
    *("epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "signalfd4", "inotify_init1", "timerfd_create"),
    *("timerfd_settime", "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time"),
    *("alarm", "setitimer", "getitimer", "times", "getrusage", "pause", "sched_yield", "sched_getaffinity"),
    *("sched_getparam", "sched_getscheduler", "getpriority", "getcpu", "rt_sigaction", "rt_sigprocmask"),
    *("rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigpending", "sigaltstack", "restart_syscall"),
    *("kill", "tkill", "tgkill", "getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid"),
    *("getresuid", "getresgid", "getgroups", "getpgid", "getpgrp", "getsid", "setsid", "setpgid", "setuid"),
    *("setgid", "setgroups", "setresuid", "setresgid", "umask", "capget", "uname", "sysinfo", "getrandom"),
    *("getrlimit", "setrlimit", "prlimit64", "set_tid_address", "clone", "clone3", "fork", "vfork", "wait4"),
    *("waitid", "exit", "exit_group", "chdir", "fchdir", "io_setup", "io_destroy"),
)
# Of `ioctl`: is it a terminal, how wide; is something there to read, and shall reading wait.
QUESTIONS = re.compile(r"<[^>]*>, (?:TCGETS2?|TIOCGWINSZ|FION(?:READ|BIO|CLEX)|FIOCLEX|FIOASYNC)\b")

# As regular expressions of what strace writes, without numbers of descriptors. {folder} is the installation's; the
# others are programs and the port of the mail server.
EVERYONES = (
    # The C library asks for a cache of user names.
    r'connect\(<socket>, \{sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"\}',
    r"socket\(AF_UNIX, SOCK_STREAM\b",
    r'openat\(AT_FDCWD<[^>]*>, "/dev/null", ',
)
DATABASE = (r'connect\(<socket>, \{sa_family=AF_UNIX, sun_path="{folder}/postgres/\.s\.PGSQL\.5432"\}',)


def gunicorn(name: str) -> tuple[str, ...]:
    """Its socket, and a worker's heartbeat: the times of a file in memory that has no name any more."""
    sock = rf"{{folder}}/run/{name}\.sock"
    beat = r"/dev/shm/wgunicorn-\w+"  # noqa: S108 - only compared
    return (
        r'execve\("{python}", ',
        rf'(?:bind|connect)\(<socket>, \{{sa_family=AF_UNIX, sun_path="{sock}"\}}',
        rf'chown\("{sock}", ',
        rf'unlink\("{sock}"',
        rf'openat\(AT_FDCWD<[^>]*>, "{beat}", O_RDWR\|O_CREAT\|O_EXCL\|O_NOFOLLOW\|O_CLOEXEC, 0600',
        rf'unlink\("{beat}"',
        rf"(?:fchown|fchmod|utimensat)\(<{beat}>\(deleted\), ",
    )


# Loading the worker's schedule (croniter) asks how wide this machine's words are, which Python learns from `file`.
PLATFORM = (r'execve\("/[\w./-]+/file", ',)
# `check --deploy`, in words on the page of operations, asks whether the clock is kept right; modes 0 changes nothing.
CLOCK = (r"clock_adjtime\(CLOCK_REALTIME, \{modes=0\b",)
MAIL = (
    r"socket\(AF_INET, SOCK_STREAM\|SOCK_CLOEXEC, IPPROTO_TCP\b",
    r'connect\(<socket>, \{sa_family=AF_INET, sin_port=htons\({mail}\), sin_addr=inet_addr\("127\.0\.0\.1"\)\}',
)
WEB_SERVER = (
    r'execve\("{nginx}", ',
    r'(?:openat\(AT_FDCWD<[^>]*>, |unlink\()"{folder}/run/nginx\.pid"',
    r'(?:mkdir|chown)\("{folder}/run/nginx/(?:body|proxy|fastcgi|uwsgi|scgi)", ',
    # Listens.
    r"socket\(AF_INET, SOCK_STREAM, IPPROTO_IP\b",
    r'bind\(<socket>, \{sa_family=AF_INET, sin_port=htons\(\d+\), sin_addr=inet_addr\("127\.0\.0\.1"\)\}',
    # Passes requests on.
    r'connect\(<socket>, \{sa_family=AF_UNIX, sun_path="{folder}/run/(?:public|staff|sources)\.sock"\}',
)
# The process whose system calls are seeds.
CARELESS = "noisy"
CALLS: Final[Mapping[str, Sequence[str]]] = {
    "public": (*EVERYONES, *DATABASE, *gunicorn("public")),
    "sources": (*EVERYONES, *DATABASE, *gunicorn("sources")),
    "staff": (*EVERYONES, *DATABASE, *gunicorn("staff"), *PLATFORM, *CLOCK, *MAIL),
    "intake": (*EVERYONES, *DATABASE, r'execve\("{python}", ', *PLATFORM),
    "worker": (*EVERYONES, *DATABASE, r'execve\("{python}", ', *PLATFORM, *MAIL),
    "nginx": (*EVERYONES, *WEB_SERVER),
    # The careless application of the planted leaks, judged as the public surface is.
    CARELESS: (*EVERYONES, *DATABASE, *gunicorn("noisy")),
}
