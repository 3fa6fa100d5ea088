/* kernel_repeats.c: `kernel_repeats KERNEL N` runs one hot kernel N times: what test_kernel_instructions.py counts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_work.h"

int main(int argc, char **argv)
{
    if (argc != 3) {
        for (size_t which = 0; which < n_kernel_names; which++)
            puts(kernel_names[which].name);
        return argc == 1 ? 0 : 2;
    }
    size_t which = 0;
    while (which < n_kernel_names && strcmp(kernel_names[which].name, argv[1]) != 0)
        which++;
    if (which == n_kernel_names)
        return 2;
    kernel_work *work = kernel_work_create();
    for (long i = strtol(argv[2], NULL, 10); i > 0; i--)
        kernel_work_run(work, which);
    kernel_work_free(work);
    return 0;
}
