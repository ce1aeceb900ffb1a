/* Starts a program and prints the milliseconds until it ended, its peak memory in KiB and its wait status. A small
   program of its own: what a large one starts is said to have used at least the memory of the large one. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

int main(int count, char **arguments) {
    posix_spawn_file_actions_t silent;
    posix_spawn_file_actions_init(&silent);
    posix_spawn_file_actions_addopen(&silent, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&silent, 1, "/dev/null", O_WRONLY, 0);
    double start = now();
    pid_t child;
    if (count < 2 || posix_spawnp(&child, arguments[1], &silent, NULL, arguments + 1, environ) != 0) return 127;
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) < 0) return 126;
    printf("%.3f %ld %d\n", now() - start, usage.ru_maxrss, status);
    return 0;
}
