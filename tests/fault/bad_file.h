/* bad_file.h: reads a bad file in a process of its own and holds it to the promises: its status, one line, under 1 s,
 * under 256 MiB, no file left behind. */
#ifndef QSTILL_TESTS_BAD_FILE_H
#define QSTILL_TESTS_BAD_FILE_H

#include <qstill/data.h>

#include "support/support.h"

/* Whether this is built with AddressSanitizer, which makes memory and time say nothing. */
#if defined(__SANITIZE_ADDRESS__)
#define CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHECKED 1
#endif
#endif
#ifndef CHECKED
#define CHECKED 0
#endif

typedef struct bad_file {
    long row; /* of the list of bad inputs, 0: none of it */
    const char *name;
    const void *bytes;
    size_t n_bytes;
    qst_status status;
    const char *message; /* whole, without the folder; "..." stands for anything, once */
    const char *label;   /* for the table */
    const char *suffix;  /* behind the path: ":KEY" */
} bad_file;

/* Writes the file and reads it as a table (with labels unless label is "-"); returns whether all is as promised, and
 * prints what is not. */
bool bad_file_is_refused(const bad_file *bad);

/* The same for a path that is there already. */
bool bad_path_is_refused(const bad_file *bad, const char *path);

#endif
