/* test_bad_onnx.c: damaged and hostile ONNX files. Each case is a small good model with one thing spoilt. */
#include "support/support.h"

#include <unistd.h>

#include <qstill/import.h>

#include "base/memory.h"
#include "import/onnx_network.h"
#include "import/wire_check.h"

#define IN QST_ERR_INPUT
#define NO QST_ERR_UNSUPPORTED

/* --- a model to spoil -----------------------------------------------------------------------------------------------
 */

/* y = Relu(x W + b), x (rows, 2). */
typedef struct parts {
    QstiOnnx__ModelProto model;
    QstiOnnx__OperatorSetIdProto opset, *opsets[1];
    QstiOnnx__GraphProto graph;
    QstiOnnx__NodeProto nodes[3], *node_list[3];
    QstiOnnx__AttributeProto attributes[2], *attribute_list[2];
    QstiOnnx__TensorProto weights, shifts, *tensors[2];
    QstiOnnx__StringStringEntryProto external[3], *external_list[3];
    QstiOnnx__ValueInfoProto input, output, *inputs[2], *outputs[1];
    QstiOnnx__TypeProto type;
    QstiOnnx__TypeProto__Tensor tensor_type;
    QstiOnnx__TensorShapeProto shape;
    QstiOnnx__TensorShapeProto__Dimension dims[3], *dim_list[3];
    char *names[3][3];
    int64_t weight_dims[4], shift_dims[1];
    float numbers[8];
} parts;

static char x_name[] = "x", w_name[] = "w", b_name[] = "b", z_name[] = "z", y_name[] = "y", nobody[] = "nobody";
static char gemm[] = "Gemm", relu[] = "Relu", domain[] = "";

static void add_node(parts *p, size_t i, char *operation, char *first, char *second, char *third, char *output)
{
    QstiOnnx__NodeProto *node = &p->nodes[i];
    qsti_onnx__node_proto__init(node);
    p->names[i][0] = first;
    p->names[i][1] = second;
    p->names[i][2] = third;
    node->op_type = operation;
    node->domain = domain;
    node->input = p->names[i];
    node->n_input = third != NULL ? 3 : second != NULL ? 2 : 1;
    node->output = (char **)malloc(sizeof(char *));
    node->output[0] = output;
    node->n_output = 1;
    p->node_list[i] = node;
}

static void make_tensor(QstiOnnx__TensorProto *tensor, char *name, int64_t *dims, size_t n_dims, float *numbers,
                        size_t n)
{
    qsti_onnx__tensor_proto__init(tensor);
    tensor->name = name;
    tensor->dims = dims;
    tensor->n_dims = n_dims;
    tensor->has_data_type = 1;
    tensor->data_type = QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->float_data = numbers;
    tensor->n_float_data = n;
}

static void make_input(parts *p)
{
    qsti_onnx__value_info_proto__init(&p->input);
    qsti_onnx__value_info_proto__init(&p->output);
    qsti_onnx__type_proto__init(&p->type);
    qsti_onnx__type_proto__tensor__init(&p->tensor_type);
    qsti_onnx__tensor_shape_proto__init(&p->shape);
    for (size_t d = 0; d < 3; d++) {
        qsti_onnx__tensor_shape_proto__dimension__init(&p->dims[d]);
        p->dim_list[d] = &p->dims[d];
    }
    p->dims[1].value_case = QSTI_ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    p->dims[1].dim_value = 2;
    p->shape.dim = p->dim_list;
    p->shape.n_dim = 2;
    p->tensor_type.has_elem_type = 1;
    p->tensor_type.elem_type = QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    p->tensor_type.shape = &p->shape;
    p->type.value_case = QSTI_ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    p->type.tensor_type = &p->tensor_type;
    p->input.name = x_name;
    p->input.type = &p->type;
    p->output.name = y_name;
    p->output.type = &p->type;
}

static void make(parts *p)
{
    *p = (parts){.weight_dims = {2, 2}, .shift_dims = {2}, .numbers = {1, 2, 3, 4, 0.5F, -0.5F}};
    qsti_onnx__model_proto__init(&p->model);
    qsti_onnx__operator_set_id_proto__init(&p->opset);
    qsti_onnx__graph_proto__init(&p->graph);
    p->opset.has_version = 1;
    p->opset.version = 13;
    p->opset.domain = domain;
    p->opsets[0] = &p->opset;
    make_tensor(&p->weights, w_name, p->weight_dims, 2, p->numbers, 4);
    make_tensor(&p->shifts, b_name, p->shift_dims, 1, p->numbers + 4, 2);
    p->tensors[0] = &p->weights;
    p->tensors[1] = &p->shifts;
    add_node(p, 0, gemm, x_name, w_name, b_name, z_name);
    add_node(p, 1, relu, z_name, NULL, NULL, y_name);
    make_input(p);
    p->inputs[0] = p->inputs[1] = &p->input;
    p->outputs[0] = &p->output;
    p->graph.node = p->node_list;
    p->graph.n_node = 2;
    p->graph.initializer = p->tensors;
    p->graph.n_initializer = 2;
    p->graph.input = p->inputs;
    p->graph.output = p->outputs;
    p->graph.n_input = p->graph.n_output = 1;
    p->model.opset_import = p->opsets;
    p->model.n_opset_import = 1;
    p->model.graph = &p->graph;
}

static void clear(parts *p)
{
    for (size_t i = 0; i < 3; i++)
        free(p->nodes[i].output);
}

static uint8_t *pack(const parts *p, size_t *out_n)
{
    uint8_t *bytes = malloc(qsti_onnx__model_proto__get_packed_size(&p->model));
    assert_non_null(bytes);
    *out_n = qsti_onnx__model_proto__pack(&p->model, bytes);
    return bytes;
}

/* --- what is spoilt
 * --------------------------------------------------------------------------------------------------- */

static char *location;
static char outside_up[] = "../../etc/passwd", outside_in[] = "a/../../x", outside_root[] = "/etc/passwd",
            outside_link[] = "link", outside_dot[] = "..", outside_none[] = "", beside[] = "weights.bin",
            missing_file[] = "missing.bin", key_location[] = "location", key_offset[] = "offset",
            key_length[] = "length", negative[] = "-1", beyond[] = "9", huge[] = "18446744073709551615", wrong[] = "12";

static void put_outside(parts *p, char *offset, char *length)
{
    char *pairs[3][2] = {{key_location, location}, {key_offset, offset}, {key_length, length}};
    p->weights.n_float_data = 0;
    p->weights.has_data_location = 1;
    p->weights.data_location = QSTI_ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    p->weights.external_data = p->external_list;
    for (size_t i = 0; i < 3; i++) {
        if (pairs[i][1] == NULL)
            continue;
        qsti_onnx__string_string_entry_proto__init(&p->external[i]);
        p->external[i].key = pairs[i][0];
        p->external[i].value = pairs[i][1];
        p->external_list[p->weights.n_external_data++] = &p->external[i];
    }
}

#define OUTSIDE(name, where, offset, length) \
    static void name(parts *p)               \
    {                                        \
        location = where;                    \
        put_outside(p, offset, length);      \
    }
OUTSIDE(up, outside_up, NULL, NULL)
OUTSIDE(in_and_up, outside_in, NULL, NULL)
OUTSIDE(from_root, outside_root, NULL, NULL)
OUTSIDE(by_link, outside_link, NULL, NULL)
OUTSIDE(the_parent, outside_dot, NULL, NULL)
OUTSIDE(no_name, outside_none, NULL, NULL)
OUTSIDE(no_location, NULL, NULL, NULL)
OUTSIDE(not_there, missing_file, NULL, NULL)
OUTSIDE(negative_offset, beside, negative, NULL)
OUTSIDE(offset_beyond, beside, beyond, NULL)
OUTSIDE(huge_offset, beside, huge, NULL)
OUTSIDE(wrong_length, beside, NULL, wrong)

static char lstm[] = "LSTM";
static void unknown_operator(parts *p)
{
    p->nodes[1].op_type = lstm;
}
static void open_width(parts *p)
{
    p->dims[1].value_case = QSTI_ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE__NOT_SET;
}
static void no_shape(parts *p)
{
    p->tensor_type.shape = NULL;
}
static void opset_99(parts *p)
{
    p->opset.version = 99;
}
static void no_initializer(parts *p)
{
    p->graph.n_initializer = 1;
}
static void no_graph(parts *p)
{
    p->model.graph = NULL;
}
static void no_output(parts *p)
{
    p->graph.n_output = 0;
}
static void nobody_makes_it(parts *p)
{
    p->output.name = nobody;
}
static void product_overflows(parts *p)
{
    p->weight_dims[0] = p->weight_dims[1] = INT64_MAX;
}
static void negative_dimension(parts *p)
{
    p->weight_dims[0] = -2;
}
static void too_few_numbers(parts *p)
{
    p->weights.n_float_data = 3;
}
static void raw_of_wrong_length(parts *p)
{
    p->weights.n_float_data = 0;
    p->weights.has_raw_data = 1;
    p->weights.raw_data = (ProtobufCBinaryData){15, (uint8_t *)p->numbers};
}
static void raw_and_listed(parts *p)
{
    p->weights.has_raw_data = 1;
    p->weights.raw_data = (ProtobufCBinaryData){16, (uint8_t *)p->numbers};
}
static void a_string(parts *p)
{
    p->weights.data_type = QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__STRING;
}
static void a_nan(parts *p)
{
    p->numbers[2] = NAN;
}
static void infinite(parts *p)
{
    p->numbers[5] = INFINITY;
}
static void cycle(parts *p)
{
    p->names[0][0] = y_name;
}
static void same_names(parts *p)
{
    p->nodes[1].output[0] = z_name;
    p->output.name = z_name;
}
static void matrix_of_other_width(parts *p)
{
    p->weight_dims[0] = 4;
    p->weight_dims[1] = p->shift_dims[0] = 1;
    p->shifts.n_float_data = 1;
}
static char add[] = "Add";
static void another_input(parts *p)
{
    static QstiOnnx__ValueInfoProto second;
    qsti_onnx__value_info_proto__init(&second);
    second.name = nobody;
    second.type = &p->type;
    p->inputs[1] = &second;
    p->graph.n_input = 2;
    p->nodes[1].op_type = add;
    p->names[1][1] = nobody;
    p->nodes[1].n_input = 2;
}
static void no_opset(parts *p)
{
    p->model.n_opset_import = 0;
}
static void branches(parts *p)
{
    add_node(p, 2, add, z_name, y_name, NULL, nobody);
    p->graph.n_node = 3;
    p->output.name = nobody;
}
static void constant_scores(parts *p)
{
    p->names[0][0] = w_name;
}

static const struct {
    int row;
    void (*spoil)(parts *p);
    qst_status status;
    const char *message;
} cases[] = {
    {96, up, IN, "bad.onnx: its weights: \"../../etc/passwd\" is not the plain name of a file in the same folder"},
    {96, in_and_up, IN, "\"a/../../x\" is not the plain name"},
    {96, from_root, IN, "\"/etc/passwd\" is not the plain name"},
    {96, the_parent, IN, "\"..\" is not the plain name"},
    {96, no_name, IN, "\"\" is not the plain name"},
    {96, no_location, IN, "tensor \"w\": its data lie elsewhere, but where is not said"},
    {96, by_link, QST_ERR_SYSTEM, "bad.onnx: its weights: link: cannot be opened"},
    {96, not_there, QST_ERR_SYSTEM, "bad.onnx: its weights: missing.bin: cannot be opened"},
    {96, negative_offset, IN, "tensor \"w\": where its data lie is no number"},
    {96, offset_beyond, IN, "tensor \"w\": its data lie beyond the end of their file"},
    {96, huge_offset, IN, "tensor \"w\": its data lie beyond the end of their file"},
    {96, wrong_length, IN, "tensor \"w\": 4 values are announced, 3 are there"},
    {98, unknown_operator, NO, "bad.onnx: the operator LSTM is not one that qstill reads itself"},
    {98, open_width, NO, "bad.onnx: a dimension of its input behind the batch is not fixed"},
    {98, no_shape, NO, "bad.onnx: its input has no dimensions behind the batch"},
    {98, opset_99, NO, "bad.onnx: operators of version 99: 7..24 are read"},
    {98, no_opset, IN, "bad.onnx: does not say which version its operators are of"},
    {98, no_initializer, IN, "bad.onnx: node 0 (Gemm) uses \"b\", which nothing before it makes"},
    {98, no_graph, IN, "bad.onnx: has no graph"},
    {98, no_output, IN, "bad.onnx: has no output of numbers"},
    {98, nobody_makes_it, IN, "bad.onnx: nothing makes the output \"nobody\""},
    {99, product_overflows, IN, "tensor \"w\": more values than can be counted"},
    {99, negative_dimension, IN, "tensor \"w\": a negative dimension"},
    {99, too_few_numbers, IN, "tensor \"w\": 4 values are announced, 3 are there"},
    {99, raw_of_wrong_length, IN, "tensor \"w\": 4 values are announced, 3 are there"},
    {99, raw_and_listed, IN, "tensor \"w\": its values are there twice"},
    {99, a_string, NO, "tensor \"w\": elements of type 8 are not read"},
    {99, matrix_of_other_width, IN, "node 0 (Gemm): a matrix for 4 features, the data have 2"},
    {100, cycle, IN, "node 0 (Gemm) uses \"y\", which nothing before it makes"},
    {100, same_names, IN, "two values are called \"z\""},
    {100, branches, NO, "node 2 (Add): otherwise than of data and a constant"},
    {100, another_input, NO, "bad.onnx: has several inputs, such as \"nobody\" and \"x\": a teacher has one"},
    {100, constant_scores, NO, "bad.onnx: its scores depend on no input"},
    {101, a_nan, IN, "tensor \"w\": value 2 (from 0) is NaN"},
    {101, infinite, IN, "tensor \"b\": value 1 (from 0) is infinite"},
};

/* --- tests
 * ------------------------------------------------------------------------------------------------------------ */

static qst_status open_bytes(qst_ctx *ctx, const void *bytes, size_t n)
{
    qst_import *import = NULL;
    qst_status status = qst_import_open(ctx, support_write("bad.onnx", bytes, n), QST_THROUGH_QSTILL, &import);
    assert_true((status == QST_OK) == (import != NULL));
    qst_import_free(import);
    return status;
}

static void each_case(void **state)
{
    (void)state;
    size_t n_wrong = 0;
    const char text[] = "0123456789abcdef";
    support_write("weights.bin", text, 16);
    unlink(support_path("link"));
    assert_int_equal(symlink("weights.bin", support_path("link")), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        parts p;
        size_t n = 0;
        qst_ctx *ctx = support_ctx(1);
        make(&p);
        cases[i].spoil(&p);
        uint8_t *bytes = pack(&p, &n);
        qst_status status = open_bytes(ctx, bytes, n);
        if (status != cases[i].status || strstr(qst_ctx_message(ctx), cases[i].message) == NULL) {
            print_error("row %d: %s: %s\n  instead of %s\n", cases[i].row, qst_status_name(status),
                        qst_ctx_message(ctx), cases[i].message);
            n_wrong++;
        }
        free(bytes);
        clear(&p);
        qst_ctx_free(ctx);
    }
    assert_int_equal(n_wrong, 0);
}

/* Every prefix of a good file, and the whole one. */
static void truncated(void **state)
{
    (void)state;
    parts p;
    size_t n = 0;
    qst_ctx *ctx = support_ctx(1);
    make(&p);
    uint8_t *bytes = pack(&p, &n);
    for (size_t length = 0; length < n; length++) {
        qst_status status = open_bytes(ctx, bytes, length);
        assert_true(status == IN || status == NO);
    }
    assert_ok(ctx, open_bytes(ctx, bytes, n));
    free(bytes);
    clear(&p);
    qst_ctx_free(ctx);
}

/* The bytes of the wire themselves: varints, lengths, groups, depth, repeated parts. */
static void the_wire(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *message;
    } wires[] = {
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12,
         "byte 1: not a well-formed model: a number without an end"},
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11,
         "byte 1: not a well-formed model: a number without an end"},
        {"\x08\x80", 2, "a number without an end"},
        {"\x3a\x05\x0a", 3, "byte 2: not a well-formed model: a length beyond the end"},
        {"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, "a length beyond the end"},
        {"\x0b\x0c", 2, "a field of a type that is not in use"},
        {"\x00\x00", 2, "a field that cannot be"},
        {"\x38\x01", 2, "byte 0: not a well-formed model: a field of the wrong type"},
        {"\x3a\x00\x3a\x00", 4, "a part that may be there once comes again"},
        {"\x12\x03\x61\x00\x62", 5, "a name with a zero byte in it"},
        {"PK\x03\x04", 4, "not a well-formed model"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        qst_ctx *ctx = support_ctx(1);
        assert_status(ctx, open_bytes(ctx, wires[i].bytes, wires[i].n), IN);
        assert_message(ctx, wires[i].message);
        qst_ctx_free(ctx);
    }
}

/* Graphs in attributes in nodes in graphs, 10,000 levels deep: a limit, not a full stack. */
static void nested(void **state)
{
    (void)state;
    enum { LEVELS = 10000 };
    static const uint8_t tags[] = {0x3a, 0x0a, 0x2a, 0x32}; /* model.graph, graph.node, node.attribute, attribute.g */
    uint8_t *bytes = malloc(12 * (LEVELS + 1));
    assert_non_null(bytes);
    size_t end = 12 * (size_t)(LEVELS + 1), at = end;
    for (size_t level = LEVELS; level-- > 0;) { /* from the inside out */
        uint64_t length = end - at;
        uint8_t field[12];
        size_t n = 0;
        field[n++] = level == 0 ? tags[0] : tags[1 + (level - 1) % 3];
        for (; length > 127; length >>= 7)
            field[n++] = (uint8_t)(length | 128);
        field[n++] = (uint8_t)length;
        at -= n;
        memcpy(bytes + at, field, n);
    }
    qst_ctx *ctx = support_ctx(1);
    assert_status(ctx, open_bytes(ctx, bytes + at, end - at), QST_ERR_LIMIT);
    assert_message(ctx, "parts are nested more than 64 deep");
    free(bytes);
    qst_ctx_free(ctx);
}

/* Two bytes a node: unpacked they would take a hundred times as much. */
static void many_parts(void **state)
{
    (void)state;
    size_t n_nodes = QSTI_WIRE_MAX_ITEMS + 1, n = 2 * n_nodes;
    uint8_t *bytes = calloc(n + 8, 1), head[8] = {0x3a};
    size_t n_head = 1;
    assert_non_null(bytes);
    for (uint64_t length = n; length > 0; length >>= 7)
        head[n_head++] = (uint8_t)(length > 127 ? length | 128 : length);
    memcpy(bytes, head, n_head);
    for (size_t i = 0; i < n_nodes; i++)
        bytes[n_head + 2 * i] = 0x0a;
    support_memory memory = {0};
    qst_ctx *ctx = support_memory_ctx(&memory);
    qsti_onnx *onnx = NULL;
    assert_status(ctx, qsti_onnx_unpack(ctx, "many", bytes, n_head + n, &onnx), QST_ERR_LIMIT);
    assert_message(ctx, "more than 1048576 parts");
    free(bytes);
    qst_ctx_free(ctx);
}

/* Row 102: weights in half precision and bfloat16 are read, and so are integers. */
static void other_types(void **state)
{
    static const struct {
        int32_t type;
        size_t n_bytes;
        const char *raw;
        double values[4];
    } types[] = {
        {QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16, 8, "\x00\x3c\x00\xc0\x01\x00\xff\x7b", {1, -2, 0x1p-24, 65504}},
        {QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16, 8, "\x80\x3f\x00\xc0\x40\x40\x00\x00", {1, -2, 3, 0}},
        {QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__INT8, 4, "\x01\xff\x80\x7f", {1, -1, -128, 127}},
        {QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__UINT8, 4, "\x01\xff\x80\x7f", {1, 255, 128, 127}},
        {QSTI_ONNX__TENSOR_PROTO__DATA_TYPE__INT16, 8, "\x01\x00\xff\xff\x00\x80\x00\x01", {1, -1, -32768, 256}},
    };
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        parts p;
        qsti_onnx onnx = {.ctx = ctx};
        qsti_onnx_tensor tensor;
        make(&p);
        p.weights.data_type = types[i].type;
        p.weights.n_float_data = 0;
        p.weights.has_raw_data = 1;
        p.weights.raw_data = (ProtobufCBinaryData){types[i].n_bytes, (uint8_t *)types[i].raw};
        assert_ok(ctx, qsti_onnx_tensor_read(&onnx, &p.weights, &tensor));
        for (size_t j = 0; j < 4; j++)
            assert_close(tensor.values[j], types[i].values[j], 0);
        qsti_free(ctx, tensor.values);
        clear(&p);
    }
    qst_ctx_free(ctx);
}

/* --- out of memory
 * ---------------------------------------------------------------------------------------------------- */

static qst_status open_all(qst_ctx *ctx, void *path)
{
    qst_import *import = NULL;
    qst_import_info info;
    double x[256] = {0}, scores[16];
    qst_score_kind kind;
    qst_status status = qst_import_open(ctx, path, QST_THROUGH_QSTILL, &import);
    if (status != QST_OK)
        return status;
    qst_import_describe(import, &info);
    status = qst_import_scores(import, (qst_const_matrix){x, 1, info.n_inputs}, QST_SCORE_COUNT,
                               (qst_matrix){scores, 1, info.n_scores}, &kind);
    qst_import_free(import);
    return status;
}

static void each_allocation(void **state)
{
    static char cnn[] = QSTILL_SOURCE_DIR "/tests/golden/models/keras_cnn_rgb.onnx";
    static char external[] = QSTILL_SOURCE_DIR "/tests/golden/models/torch_external.onnx";
    static char pipeline[] = QSTILL_SOURCE_DIR "/tests/golden/models/sklearn_pipeline.onnx";
    (void)state;
    support_fail_each_allocation(open_all, cnn);
    support_fail_each_allocation(open_all, external);
    support_fail_each_allocation(open_all, pipeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case),       cmocka_unit_test(truncated),  cmocka_unit_test(the_wire),
        cmocka_unit_test(nested),          cmocka_unit_test(many_parts), cmocka_unit_test(other_types),
        cmocka_unit_test(each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
