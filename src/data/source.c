/* source.c: see source.h. */
#include "data/source.h"

#include <string.h>
#include <unistd.h>

#include "data/idx.h"

/* --- names -------------------------------------------------------------------------------------------------------- */

static bool ends_with(const char *text, size_t n, const char *ending)
{
    size_t n_ending = strlen(ending);
    return n >= n_ending && memcmp(text + n - n_ending, ending, n_ending) == 0;
}

typedef struct ending {
    const char *text;
    qsti_file_kind kind;
    bool gzip;
} ending;

static const ending endings[] = {
    {".csv", QSTI_FILE_CSV, false},        {".csv.gz", QSTI_FILE_CSV, true},
    {".npy", QSTI_FILE_NPY, false},        {".npz", QSTI_FILE_NPZ, false},
    {".idx", QSTI_FILE_IDX, false},        {".idx.gz", QSTI_FILE_IDX, true},
    {"-idx1-ubyte", QSTI_FILE_IDX, false}, {"-idx1-ubyte.gz", QSTI_FILE_IDX, true},
    {"-idx3-ubyte", QSTI_FILE_IDX, false}, {"-idx3-ubyte.gz", QSTI_FILE_IDX, true},
};

static const ending *find_ending(const char *text, size_t n)
{
    for (size_t e = 0; e < sizeof endings / sizeof endings[0]; e++) {
        if (ends_with(text, n, endings[e].text)) {
            return &endings[e];
        }
    }
    return NULL;
}

/* The colon of "FILE.npz:KEY", or NULL. */
static const char *find_key(const char *text)
{
    const char *colon = NULL;
    for (const char *c = strstr(text, ".npz:"); c; c = strstr(c + 1, ".npz:")) {
        colon = c + 4;
    }
    return colon;
}

bool qsti_source_is_known(const char *text)
{
    return strcmp(text, "-") == 0 || find_key(text) || find_ending(text, strlen(text));
}

static qst_status fail_ending(qst_ctx *ctx, const char *text)
{
    static const struct {
        const char *ending, *what;
    } others[] = {
        {".pkl", "pickle files can run programs"},
        {".pickle", "pickle files can run programs"},
        {".joblib", "pickle files can run programs"},
        {".pt", "it is a pickle file"},
        {".pth", "it is a pickle file"},
        {".parquet", "Parquet is not read"},
        {".xlsx", "spreadsheets are not read"},
        {".txt", "text needs commas between its cells"},
        {".tsv", "tabs are not read"},
    };
    int descriptor = -1;
    size_t n_bytes = 0, n = strlen(text);
    qst_status status = qsti_file_open(ctx, text, &descriptor, &n_bytes);
    if (status != QST_OK) {
        return status;
    }
    close(descriptor);
    for (size_t o = 0; o < sizeof others / sizeof others[0]; o++) {
        if (ends_with(text, n, others[o].ending)) {
            return qsti_fail(ctx, QST_ERR_UNSUPPORTED, "%s: %s: save it as .npy (numpy.save) or .csv", text,
                             others[o].what);
        }
    }
    return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                     "%s: the name tells no format: .csv, .csv.gz, .npy, .npz, .idx and .idx.gz are read", text);
}

qst_status qsti_source_parse(qst_ctx *ctx, const char *text, qsti_source *out)
{
    qst_status status = QST_OK;
    qsti_source source = {.ctx = ctx};
    const char *colon = find_key(text);
    size_t n = colon ? (size_t)(colon - text) : strlen(text);
    if (strcmp(text, "-") == 0) {
        source.kind = QSTI_FILE_CSV;
    } else {
        const ending *found = find_ending(text, n);
        if (found == NULL) {
            QSTI_TRY(fail_ending(ctx, text));
        } else {
            source.kind = found->kind;
            source.gzip = found->gzip;
        }
    }
    QSTI_TRY(qsti_strndup(ctx, text, n, &source.path));
    if (colon) {
        QSTI_TRY(qsti_strdup(ctx, colon + 1, &source.key));
    }
    *out = source;
    source = (qsti_source){.ctx = ctx};
done:
    qsti_source_clear(&source);
    return status;
}

void qsti_source_clear(qsti_source *source)
{
    if (source->ctx) {
        qsti_free(source->ctx, source->path);
        qsti_free(source->ctx, source->key);
    }
    *source = (qsti_source){.ctx = NULL};
}

qst_status qsti_source_open(const qsti_source *source, qsti_stream **out)
{
    qsti_stream *stream = NULL;
    qst_status status = qsti_stream_open_file(source->ctx, source->path, source->kind == QSTI_FILE_CSV, &stream);
    if (status == QST_OK && source->gzip) {
        status = qsti_stream_open_gzip(stream, &stream);
    }
    if (status == QST_OK) {
        *out = stream;
    }
    return status;
}

/* --- arrays in binary files --------------------------------------------------------------------------------------- */

/* Where the bytes come from, so that they can be read twice. */
typedef struct origin {
    qst_ctx *ctx;
    const qsti_source *source;
    qsti_npz *npz;
    size_t index;
} origin;

typedef struct header {
    bool is_idx;
    qsti_idx idx;
    qsti_npy npy;
    size_t n_rows, n_cols, n_dims;
    const size_t *shape;
} header;

static qst_status open_header(const origin *from, header *out, qsti_stream **out_stream)
{
    qst_status status = QST_OK;
    qsti_stream *stream = NULL;
    header head = {.is_idx = from->source != NULL && from->source->kind == QSTI_FILE_IDX};
    QSTI_TRY(from->source ? qsti_source_open(from->source, &stream) : qsti_npz_stream(from->npz, from->index, &stream));
    if (head.is_idx) {
        QSTI_TRY(qsti_idx_read_header(stream, &head.idx));
        head.n_rows = head.idx.n_rows;
        head.n_cols = head.idx.n_cols;
        head.n_dims = head.idx.n_dims;
    } else {
        QSTI_TRY(qsti_npy_read_header(stream, &head.npy));
        head.n_rows = head.npy.n_rows;
        head.n_cols = head.npy.n_cols;
        head.n_dims = head.npy.n_dims;
    }
    *out = head;
    out->shape = head.is_idx ? out->idx.shape : out->npy.shape;
    *out_stream = stream;
    stream = NULL;
done:
    qsti_stream_close(stream);
    return status;
}

static qst_status read_values(qsti_stream *stream, const header *head, double *out)
{
    return head->is_idx ? qsti_idx_read_values(stream, &head->idx, out) : qsti_npy_read_values(stream, &head->npy, out);
}

static qst_status load(const origin *from, qsti_array *out)
{
    qst_status status = QST_OK;
    qsti_stream *stream = NULL;
    double *values = NULL;
    header head;
    size_t n_values = 0, n_bytes = 0;
    QSTI_TRY(open_header(from, &head, &stream));
    if (!qsti_mul(head.n_rows, head.n_cols, &n_values) || !qsti_mul(n_values, sizeof(double), &n_bytes)) {
        QSTI_TRY(qsti_fail(from->ctx, QST_ERR_INPUT, "%s: more values than can be addressed", stream->name));
    }
    if (n_bytes > QSTI_CHECK_FIRST_BYTES) {
        size_t n_rows = head.n_rows, n_cols = head.n_cols;
        QSTI_TRY(read_values(stream, &head, NULL));
        qsti_stream_close(stream);
        stream = NULL;
        QSTI_TRY(open_header(from, &head, &stream));
        if (head.n_rows != n_rows || head.n_cols != n_cols) {
            QSTI_TRY(qsti_fail(from->ctx, QST_ERR_SYSTEM, "%s: changed while it was read", stream->name));
        }
    }
    QSTI_TRY(QSTI_NEW(from->ctx, n_values, &values));
    QSTI_TRY(read_values(stream, &head, values));
    *out = (qsti_array){.values = values, .n_rows = head.n_rows, .n_cols = head.n_cols, .n_dims = head.n_dims};
    memcpy(out->shape, head.shape, head.n_dims * sizeof *head.shape);
    values = NULL;
done:
    qsti_free(from->ctx, values);
    qsti_stream_close(stream);
    return status;
}

qst_status qsti_array_load(const qsti_source *source, qsti_array *out)
{
    return load(&(origin){source->ctx, source, NULL, 0}, out);
}

qst_status qsti_array_load_entry(qsti_npz *npz, size_t index, qsti_array *out)
{
    return load(&(origin){qsti_npz_ctx(npz), NULL, npz, index}, out);
}
