/* place_cases.c: see place_cases.h. */
#include "place_cases.h"

#include "base/rng.h"

#define DEVICES QSTILL_SOURCE_DIR "/tests/golden/devices/"

qst_device *cases_ibm(qst_ctx *ctx, const char *name)
{
    char conf[1024], props[1024];
    const char *paths[] = {conf, props};
    qst_device *device = NULL;
    snprintf(conf, sizeof conf, DEVICES "conf_%s.json", name);
    snprintf(props, sizeof props, DEVICES "props_%s.json", name);
    assert_ok(ctx, qst_device_read(ctx, paths, 2, NULL, &device));
    return device;
}

size_t cases_pairs(qst_ctx *ctx, size_t n_qubits, qst_topology topology, size_t (*out)[2])
{
    qst_device *device = NULL;
    qst_device_info info;
    assert_ok(ctx,
              qst_device_generic(ctx, &(qst_device_generic_opts){.n_qubits = n_qubits, .topology = topology}, &device));
    qst_device_describe(device, &info);
    for (size_t e = 0; e < info.n_edges; e++) {
        out[e][0] = qst_device_edges(device)[e].a;
        out[e][1] = qst_device_edges(device)[e].b;
    }
    qst_device_free(device);
    return info.n_edges;
}

qst_device *cases_random_device(qst_ctx *ctx, uint64_t seed, size_t n_qubits, const size_t (*pairs)[2], size_t n_pairs,
                                const char *entangler, double dead)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_TEST, 0, 0);
    const size_t capacity = 4096 + 1024 * (n_qubits + n_pairs);
    char *text = calloc(capacity, 1);
    size_t at = 0;
    qst_device *device = NULL;
#define PRINT(...) at += (size_t)snprintf(text + at, capacity - at, __VA_ARGS__)
    PRINT("{\"format\": \"qstill-device/1\", \"n_qubits\": %zu, \"qubits\": [", n_qubits);
    for (size_t q = 0; q < n_qubits; q++) {
        double error = 0.002 + 0.05 * qsti_rng_uniform(&rng);
        PRINT("%s{\"t1_ns\": 1e5, \"t2_ns\": 8e4, \"m1p0\": %.17g, \"m0p1\": %.17g, \"readout_error\": %.17g}",
              q ? ", " : "", error, 1.5 * error, 1.25 * error);
    }
    PRINT("], \"gates\": [");
    for (size_t q = 0; q < n_qubits; q++) {
        double error = 1e-4 + 2e-3 * qsti_rng_uniform(&rng);
        PRINT("%s{\"name\": \"rz\", \"qubits\": [%zu], \"error\": 0, \"time_ns\": 0}", q ? ", " : "", q);
        for (int name = 0; name < 2; name++)
            PRINT(", {\"name\": \"%s\", \"qubits\": [%zu], \"error\": %.17g, \"time_ns\": 35}", name ? "x" : "sx", q,
                  error);
    }
    for (size_t e = 0; e < n_pairs; e++) {
        double error = qsti_rng_uniform(&rng) < dead ? 1 : 3e-3 + 0.03 * qsti_rng_uniform(&rng);
        bool turned = qsti_rng_uniform(&rng) < 0.5;
        for (int way = 0; way < (strcmp(entangler, "cx") == 0 ? 2 : 1); way++)
            PRINT(", {\"name\": \"%s\", \"qubits\": [%zu, %zu], \"error\": %.17g, \"time_ns\": %d}", entangler,
                  pairs[e][turned ^ (way == 1)], pairs[e][!turned ^ (way == 1)], error, 300 + 20 * (int)(e % 5));
    }
    PRINT("]}");
#undef PRINT
    const char *path = support_write("random_device.json", text, at);
    assert_ok(ctx, qst_device_read(ctx, &path, 1, NULL, &device));
    free(text);
    return device;
}

qst_circuit *cases_circuit(qst_ctx *ctx, size_t n_qubits, const char *entanglement, size_t reps)
{
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    size_t first;
    assert_ok(ctx, qst_circuit_begin(ctx, n_qubits, n_qubits + 1, QST_PREPARE_ZERO, &builder));
    for (size_t q = 0; q < n_qubits; q += 2)
        assert_ok(ctx, qst_circuit_add(builder, QST_GATE_h, &q, NULL));
    assert_ok(ctx, qst_circuit_append_encoding(builder, &(qst_encoding_opts){.name = "reupload"}));
    assert_ok(ctx, qst_circuit_append_ansatz(builder, &(qst_ansatz_opts){.name = "two_local",
                                                                         .reps = reps,
                                                                         .entanglement = entanglement,
                                                                         .rotations = "ry rx rz",
                                                                         .entangler = "cx"}));
    assert_ok(ctx, qst_circuit_add_weights(builder, 1, QST_WEIGHT_SCALE, &first));
    for (size_t q = 0; q < n_qubits; q++) {
        assert_ok(ctx, qst_circuit_add(builder, QST_GATE_ry, &q,
                                       &QST_ANGLE({0.5, QST_WEIGHT((int32_t)first), QST_FEATURE(0)}, {0.25, 0, 0})));
    }
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    return circuit;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

enum { ROWS = 3 };

static void run(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout, double *values, double *by_weight,
                double *by_feature)
{
    const size_t n_weights = qst_circuit_weights(circuit), d = qst_circuit_features(circuit),
                 k = qst_readout_outputs(readout);
    double *weights = calloc(n_weights + 1, sizeof *weights), *x = calloc(ROWS * d + 1, sizeof *x),
           *cotangent = calloc(ROWS * k, sizeof *cotangent);
    qsti_rng rng = qsti_rng_init(11, QSTI_PURPOSE_TEST, 1, 0);
    qst_program *program = NULL;
    for (size_t i = 0; i < n_weights; i++)
        weights[i] = 3 * qsti_rng_normal(&rng);
    for (size_t i = 0; i < ROWS * d; i++)
        x[i] = qsti_rng_normal(&rng);
    for (size_t i = 0; i < ROWS * k; i++)
        cotangent[i] = qsti_rng_normal(&rng);
    assert_ok(ctx, qst_program_compile(ctx, circuit, readout, NULL, &program));
    assert_ok(ctx,
              qst_program_vjp(program, weights, (qst_const_matrix){x, ROWS, d}, (qst_const_matrix){cotangent, ROWS, k},
                              by_weight, (qst_matrix){by_feature, ROWS, d}, (qst_matrix){values, ROWS, k}));
    qst_program_free(program);
    free(weights);
    free(x);
    free(cotangent);
}

void cases_assert_same(qst_ctx *ctx, const qst_circuit *circuit, const qst_placed *placed, const char *const *words,
                       size_t n_words, size_t n_classes)
{
    qst_readout *readout = NULL, *there = NULL;
    assert_ok(ctx, qst_readout_parse(ctx, qst_circuit_qubits(circuit), words, n_words, n_classes, &readout));
    assert_ok(ctx, qst_placed_readout(placed, readout, &there));
    const qst_circuit *made = qst_placed_circuit(placed);
    const size_t n_weights = qst_circuit_weights(circuit), d = qst_circuit_features(circuit),
                 k = qst_readout_outputs(readout), n = ROWS * (k + d) + n_weights;
    assert_int_equal(qst_circuit_weights(made), n_weights);
    assert_int_equal(qst_circuit_features(made), d);
    assert_int_equal(qst_readout_outputs(there), k);
    double *expected = calloc(2 * n, sizeof *expected), *actual = expected + n;
    run(ctx, circuit, readout, expected, expected + ROWS * k, expected + ROWS * k + n_weights);
    run(ctx, made, there, actual, actual + ROWS * k, actual + ROWS * k + n_weights);
    for (size_t i = 0; i < n; i++)
        assert_close(actual[i], expected[i], 1e-12 * (1 + fabs(expected[i])) * (i < ROWS * k ? 1 : 10));
    free(expected);
    qst_readout_free(readout);
    qst_readout_free(there);
}

/* --- what is allowed ---------------------------------------------------------------------------------------------- */

void cases_assert_fits(const qst_device *device, const qst_placed *placed)
{
    const qst_circuit *circuit = qst_placed_circuit(placed);
    qst_placed_info info;
    size_t n_pairs = 0;
    qst_placed_describe(placed, &info);
    assert_int_equal(qst_circuit_qubits(circuit), info.n_qubits);
    for (size_t q = 1; q < info.n_qubits; q++)
        assert_true(info.qubits[q - 1] < info.qubits[q]);
    for (size_t i = 0; i < qst_circuit_operations(circuit); i++) {
        qst_operation operation;
        size_t on[QST_MAX_GATE_QUBITS], entry;
        qst_circuit_operation(circuit, i, &operation);
        const qst_gate_info *gate = qst_gate_describe(operation.gate);
        for (int k = 0; k < gate->n_qubits; k++)
            on[k] = info.qubits[operation.qubits[k]];
        assert_int_equal(qst_device_find(device, gate->name, on, (size_t)gate->n_qubits, &entry), QST_OK);
        assert_false(qst_device_gate_dead(device, entry));
        n_pairs += gate->n_qubits == 2;
    }
    assert_int_equal(n_pairs, info.two_qubit_gates);
    assert_true(info.fidelity > 0 && info.fidelity <= 1);
    assert_true(n_pairs == 0 || info.duration_ns > 0);
}
