#pragma once
#include <spawn.h>
/* glibc 2.34 declares it for _GNU_SOURCE only, with which Swift does not import spawn.h. */
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
