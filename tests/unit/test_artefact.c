/* test_artefact.c: a JSON file and a tensor file that belong together: read back, each checked against the other. */
#include "support/support.h"

#include "base/artefact.h"
#include "base/memory.h"

#include <sys/stat.h>
#include <unistd.h>

static qst_ctx *ctx;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

static const double values[3] = {1, -2.5, 1e-300};

static qst_status write_artefact(qst_ctx *own, const char *folder, int64_t number)
{
    const qsti_tensor tensor = {"values", QSTI_F64, 1, {3}, values};
    json_t *json = json_object();
    assert_int_equal(json_object_set_new(json, "number", json_integer(number)), 0);
    qst_status status = qsti_artefact_write(own, folder, "thing", json, &tensor, 1);
    json_decref(json);
    return status;
}

static void assert_reads(const char *folder, qst_status expected, const char *part)
{
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    assert_status(ctx, qsti_artefact_read(ctx, folder, "thing", &json, &tensors), expected);
    assert_message(ctx, part);
    assert_null(json);
    assert_null(tensors);
}

/* Copies a file of one folder over that of another. */
static void copy(const char *from, const char *to, const char *name)
{
    char path[1100], *bytes = NULL;
    size_t n = 0;
    (void)snprintf(path, sizeof path, "%s/%s", from, name);
    assert_ok(ctx, qsti_file_read(ctx, path, 1 << 20, &bytes, &n));
    (void)snprintf(path, sizeof path, "%s/%s", to, name);
    assert_ok(ctx, qsti_file_write(ctx, path, bytes, n));
    qsti_free(ctx, bytes);
}

static void write_text(const char *folder, const char *name, const char *text)
{
    char path[1100];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(ctx, qsti_file_write(ctx, path, text, strlen(text)));
}

static void reads_back(void **state)
{
    (void)state;
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    const qsti_tensor *tensor = NULL;
    const char *folder = support_path("deep/er/thing");
    assert_ok(ctx, write_artefact(ctx, folder, 7));
    assert_ok(ctx, qsti_artefact_read(ctx, folder, "thing", &json, &tensors));
    assert_string_equal(json_string_value(json_object_get(json, "format")), "qstill-thing/1");
    assert_string_equal(json_object_iter_key(json_object_iter(json)), "format");
    assert_int_equal(json_integer_value(json_object_get(json, "number")), 7);
    assert_ok(ctx, qsti_tensors_get(ctx, tensors, "values", QSTI_F64, 1, &tensor));
    assert_memory_equal(tensor->data, values, sizeof values);
    json_decref(json);
    qsti_tensors_free(ctx, tensors);
}

static void equal_artefacts_are_equal_bytes(void **state)
{
    (void)state;
    const char *const names[] = {"thing.json", "thing.safetensors"};
    assert_ok(ctx, write_artefact(ctx, support_path("same-a"), 7));
    assert_ok(ctx, write_artefact(ctx, support_path("same-b"), 7));
    for (size_t i = 0; i < 2; i++) {
        char path[1100], *bytes[2];
        size_t n[2];
        for (size_t k = 0; k < 2; k++) {
            (void)snprintf(path, sizeof path, "%s/%s", support_path(k ? "same-b" : "same-a"), names[i]);
            assert_ok(ctx, qsti_file_read(ctx, path, 1 << 20, &bytes[k], &n[k]));
        }
        assert_int_equal(n[0], n[1]);
        assert_memory_equal(bytes[0], bytes[1], n[0]);
        qsti_free(ctx, bytes[0]);
        qsti_free(ctx, bytes[1]);
    }
}

/* A crash between the two files leaves the new one with the old other. */
static void files_of_two_artefacts_are_refused(void **state)
{
    (void)state;
    const char *folder = support_path("pair");
    const char *const names[] = {"thing.json", "thing.safetensors"};
    for (size_t i = 0; i < 2; i++) {
        assert_ok(ctx, write_artefact(ctx, folder, 7));
        assert_ok(ctx, write_artefact(ctx, support_path("other"), 8));
        copy(support_path("other"), folder, names[i]);
        assert_reads(folder, QST_ERR_DAMAGED, "its SHA-256 is not the one recorded in");
    }
    /* Even a space more in the JSON. */
    assert_ok(ctx, write_artefact(ctx, folder, 7));
    write_text(folder, "thing.json", "{\"format\": \"qstill-thing/1\", \"number\":  7}\n");
    assert_reads(folder, QST_ERR_DAMAGED, "thing.json: its SHA-256");
}

static void missing_files(void **state)
{
    (void)state;
    char path[1100];
    assert_reads(support_path("nowhere"), QST_ERR_SYSTEM, "there is no thing in this folder (thing.json is missing)");
    const char *folder = support_path("half");
    assert_ok(ctx, write_artefact(ctx, folder, 7));
    (void)snprintf(path, sizeof path, "%s/thing.safetensors", folder);
    assert_int_equal(unlink(path), 0);
    assert_reads(folder, QST_ERR_SYSTEM, "thing.safetensors");
}

static void other_formats(void **state)
{
    (void)state;
    const char *folder = support_path("formats");
    assert_ok(ctx, write_artefact(ctx, folder, 7));
    write_text(folder, "thing.json", "{\"format\": \"qstill-thing/2\"}\n");
    assert_reads(folder, QST_ERR_DAMAGED,
                 "format qstill-thing/2 was written by a newer release: this one reads "
                 "qstill-thing/1");
    write_text(folder, "thing.json", "{\"format\": \"qstill-model/1\"}\n");
    assert_reads(folder, QST_ERR_DAMAGED, "format is \"qstill-model/1\", \"qstill-thing/1\" is needed");
    write_text(folder, "thing.json", "{\"number\": 7}\n");
    assert_reads(folder, QST_ERR_DAMAGED, "format");
    write_text(folder, "thing.json", "{\"format\": 7}\n");
    assert_reads(folder, QST_ERR_DAMAGED, "format");
    write_text(folder, "thing.json", "[]\n");
    assert_reads(folder, QST_ERR_DAMAGED, "thing.json");
    write_text(folder, "thing.json", "");
    assert_reads(folder, QST_ERR_DAMAGED, "thing.json");
    write_text(folder, "thing.json", "{\"format\": \"qstill-thing/1\", \"number\": nan}");
    assert_reads(folder, QST_ERR_DAMAGED, "thing.json:1:");
}

static void folders_are_claimed_once(void **state)
{
    (void)state;
    const char *folder = support_path("claimed");
    assert_ok(ctx, qsti_folder_claim(ctx, folder));
    assert_ok(ctx, qsti_folder_claim(ctx, folder)); /* empty still */
    write_text(folder, "a", "x");
    assert_status(ctx, qsti_folder_claim(ctx, folder), QST_ERR_SYSTEM);
    assert_message(ctx, "exists and is not an empty folder: name another one");
    write_text(support_folder(), "file", "x");
    assert_status(ctx, qsti_folder_claim(ctx, support_path("file")), QST_ERR_SYSTEM);
}

static qst_status write_and_read(qst_ctx *own, void *arg)
{
    json_t *json = NULL;
    qsti_tensors *tensors = NULL;
    qst_status status = write_artefact(own, arg, 7);
    if (status == QST_OK) {
        status = qsti_artefact_read(own, arg, "thing", &json, &tensors);
    }
    json_decref(json);
    qsti_tensors_free(own, tensors);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s", support_path("memory"));
    support_fail_each_allocation(write_and_read, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back),
        cmocka_unit_test(equal_artefacts_are_equal_bytes),
        cmocka_unit_test(files_of_two_artefacts_are_refused),
        cmocka_unit_test(missing_files),
        cmocka_unit_test(other_formats),
        cmocka_unit_test(folders_are_claimed_once),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
