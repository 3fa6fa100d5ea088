/* replay.c: runs a fuzz target on every file of some folders, and on mutations of each: prefixes, changed bytes, pieces
 * moved about. The mutations are the same every time. */
#include <dirent.h>

#include "base/rng.h"
#include "fuzz/fuzz.h"

#define MAX_FILE    65536
#define N_MUTATIONS 300

static size_t mutate(qsti_rng *rng, const uint8_t *bytes, size_t n, uint8_t *out)
{
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, ',', '"', '\n', '\r', '(', '9', '-', 'e', '\'', ' '};
    memcpy(out, bytes, n);
    for (uint64_t change = 1 + qsti_rng_below(rng, 4); n > 0 && change > 0; change--) {
        size_t at = (size_t)qsti_rng_below(rng, n);
        switch (qsti_rng_below(rng, 5)) {
        case 0:
            out[at] ^= (uint8_t)(1U << qsti_rng_below(rng, 8));
            break;
        case 1:
            out[at] = telling[qsti_rng_below(rng, sizeof telling)];
            break;
        case 2: /* take a byte out */
            memmove(out + at, out + at + 1, n - at - 1);
            n--;
            break;
        case 3: /* put one in */
            if (n < MAX_FILE) {
                memmove(out + at + 1, out + at, n - at);
                out[at] = telling[qsti_rng_below(rng, sizeof telling)];
                n++;
            }
            break;
        default:
            n = at;
            break;
        }
    }
    return n;
}

static int run_file(const char *path, uint32_t number)
{
    static uint8_t bytes[MAX_FILE], mutated[MAX_FILE];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, n);
    for (uint32_t m = 0; m < N_MUTATIONS; m++) {
        qsti_rng rng = qsti_rng_init(1, QSTI_PURPOSE_TEST, number, m);
        size_t length = mutate(&rng, bytes, n, mutated);
        LLVMFuzzerTestOneInput(mutated, length);
    }
    return 0;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int run_folder(const char *folder)
{
    struct dirent **entries = NULL;
    char path[4096];
    int failed = 0, n = scandir(folder, &entries, is_visible, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        failed |= run_file(path, (uint32_t)i);
        free(entries[i]);
    }
    free(entries);
    printf("%s: %d files, %d mutations of each\n", folder, n, N_MUTATIONS);
    return failed || n <= 0;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;
    for (int i = 1; i < argc; i++)
        failed |= run_folder(argv[i]);
    return failed;
}
