/* recipe_docs.c: the generated part of docs/recipe.md: the option table and the lists of choices, from the .def files.
 *
 *   recipe_docs_writer --write FILE   puts it between the markers
 *   recipe_docs_writer --check FILE   exits 1 when it is not what stands there
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qstill/run.h>

#include "base/file.h"
#include "base/text.h"

#define BEGIN_MARK "<!-- begin: made from src/recipe/options.def by `recipe_docs` -->\n"
#define END_MARK   "<!-- end -->\n"

/* A table's cell: `|` would end it. */
static void add_cell(qsti_text *out, const char *text)
{
    qsti_text_add(out, " ");
    for (; *text; text++)
        qsti_text_add(out, *text == '|' ? "\\%c" : "%c", *text);
    qsti_text_add(out, " |");
}

static size_t group_length(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? (size_t)(dot - path) : 0;
}

static void add_keys(qsti_text *out)
{
    const qst_recipe_key *keys;
    size_t n = qst_recipe_keys(&keys);
    for (size_t i = 0; i < n; i++) {
        size_t length = group_length(keys[i].path);
        bool same =
            i > 0 && group_length(keys[i - 1].path) == length && strncmp(keys[i].path, keys[i - 1].path, length) == 0;
        if (!same) {
            qsti_text_add(out, "\n### %.*s\n\n", length ? (int)length : 8, length ? keys[i].path : "Top keys");
            qsti_text_add(out, "| key | type and range | default | meaning |\n| --- | --- | --- | --- |\n");
        }
        qsti_text_add(out, "| `%s` |", keys[i].path + (length ? length + 1 : 0));
        add_cell(out, keys[i].type);
        if (keys[i].fallback[0])
            qsti_text_add(out, " `%s` |", keys[i].fallback);
        else
            qsti_text_add(out, " |");
        add_cell(out, keys[i].about);
        qsti_text_add(out, "\n");
    }
}

typedef struct choice {
    const char *group, *name, *about;
} choice;

static const choice choices[] = {
#define QST_LOSS(name, level, takes, needs_teacher, needs_labels, uses, about) {"Losses", #name, about},
#include <qstill/losses.def>
#undef QST_LOSS
#define QST_OPTIMIZER(name, about) {"Optimizers", #name, about},
#include <qstill/optimizers.def>
#undef QST_OPTIMIZER
#define QST_SCHEDULE(name, about) {"Schedules", #name, about},
#include <qstill/schedules.def>
#undef QST_SCHEDULE
#define QST_PREPROCESS(name, label, n_arguments, about) {"Preprocessing steps", label, about},
#include <qstill/preprocess.def>
#undef QST_PREPROCESS
#define QST_SCORE(name, about) {"Kinds of scores", #name, about},
#include <qstill/scores.def>
#undef QST_SCORE
#define QST_HEAD(name, about) {"Heads", #name, about},
#include <qstill/heads.def>
#undef QST_HEAD
#define QSTI_ENCODING(name, reps, about) {"Encodings", #name, about},
#include "circuit/encodings.def"
#undef QSTI_ENCODING
#define QSTI_ANSATZ(name, rotations, entangler, entanglement, options, about) {"Ansätze", #name, about},
#include "circuit/ansatze.def"
#undef QSTI_ANSATZ
#define QSTI_ENTANGLEMENT(name, pairs) {"Entanglements", #name, pairs},
#include "circuit/entanglements.def"
#undef QSTI_ENTANGLEMENT
#define QST_TOPOLOGY(name, about) {"Topologies", #name, about},
#include <qstill/topologies.def>
#undef QST_TOPOLOGY
#define QST_CHANNEL(name, n_numbers, about) {"Channels", #name, about},
#include <qstill/channels.def>
#undef QST_CHANNEL
};

static void add_choices(qsti_text *out)
{
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        if (i == 0 || strcmp(choices[i].group, choices[i - 1].group) != 0)
            qsti_text_add(out, "\n### %s\n\n| name | what it is |\n| --- | --- |\n", choices[i].group);
        qsti_text_add(out, "| `%s` |", choices[i].name);
        add_cell(out, choices[i].about);
        qsti_text_add(out, "\n");
    }
}

static int fail(qst_ctx *ctx, const char *path, const char *message)
{
    fprintf(stderr, "recipe_docs: %s: %s\n", path, message);
    qst_ctx_free(ctx);
    return 1;
}

int main(int argc, char **argv)
{
    qst_ctx *ctx = NULL;
    char *page = NULL;
    size_t n_bytes = 0;
    if (argc != 3 || (strcmp(argv[1], "--write") != 0 && strcmp(argv[1], "--check") != 0))
        return fail(NULL, "usage", "recipe_docs_writer --write|--check FILE");
    if (qst_ctx_create(NULL, &ctx) != QST_OK)
        return fail(NULL, argv[2], "no memory");
    if (qsti_file_read(ctx, argv[2], (size_t)1 << 20, &page, &n_bytes) != QST_OK)
        return fail(ctx, argv[2], qst_ctx_message(ctx));
    const char *begin = strstr(page, BEGIN_MARK), *end = begin ? strstr(begin, END_MARK) : NULL;
    int code = 1;
    qsti_text made;
    qsti_text_init(&made, ctx);
    if (end) {
        qsti_text_add_bytes(&made, page, (size_t)(begin - page) + strlen(BEGIN_MARK));
        add_keys(&made);
        add_choices(&made);
        qsti_text_add(&made, "\n%s", end);
        bool same = made.status == QST_OK && made.length == n_bytes && memcmp(made.bytes, page, n_bytes) == 0;
        bool write = strcmp(argv[1], "--write") == 0;
        code = same || (write && qsti_file_write(ctx, argv[2], made.bytes, made.length) == QST_OK) ? 0 : 1;
    }
    if (code)
        fprintf(stderr, "recipe_docs: %s: %s\n", argv[2], end ? "not up to date; build recipe_docs" : "no markers");
    qsti_text_clear(&made);
    qsti_free(ctx, page);
    qst_ctx_free(ctx);
    return code;
}
