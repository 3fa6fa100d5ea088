/* gnuplot.c: the one place where another program is started. It runs in the folder of its script, with neither input
 * nor output of ours. */
#include "gnuplot.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The status of the finished process, or -1. */
static int run_in(const char *folder, char *const arguments[])
{
    posix_spawn_file_actions_t actions;
    pid_t process;
    int status = -1;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return -1;
    }
    bool ok = posix_spawn_file_actions_addchdir_np(&actions, folder) == 0 &&
              posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
              posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
              posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
              posix_spawnp(&process, arguments[0], &actions, NULL, arguments, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    return ok && waitpid(process, &status, 0) == process ? status : -1;
}

bool cli_gnuplot_run(const char *folder, const char *script, const char *picture)
{
    char path[4096];
    char program[] = "gnuplot", name[256];
    int n = snprintf(path, sizeof path, "%s/%s", folder, script);
    if (n < 0 || (size_t)n >= sizeof path || access(path, R_OK) != 0) {
        return false;
    }
    snprintf(name, sizeof name, "%s", script);
    snprintf(path, sizeof path, "%s/%s", folder, picture);
    int status = run_in(folder, (char *const[]){program, name, NULL});
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return access(path, R_OK) == 0;
    }
    unlink(path);
    return false;
}
