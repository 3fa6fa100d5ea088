/* test_noise_rules.c: which gates and qubits a rule is for, over_rotation, devices, and what is refused. */
#include "dense_noise.h"

#define TOLERANCE 1e-13
#define PI        3.14159265358979323846

/* --- which gates -------------------------------------------------------------------------------------------------- */

static size_t count(qst_ctx *ctx, const qst_noise *noise, qst_gate gate, const size_t *qubits)
{
    event_list list;
    assert_ok(ctx, events_behind(ctx, noise, 1, 5, gate, qubits, &list));
    return list.n;
}

static void rules_choose_gates_and_qubits(void **state)
{
    (void)state;
    static const qst_gate named[] = {QST_GATE_cx, QST_GATE_h};
    static const size_t marked[] = {3, 1};
    static const size_t qubits[] = {1, 2, 0, 3, 4};
    const qst_channel flip = {QST_CHANNEL_bit_flip, {0.1}}, mix = {QST_CHANNEL_depolarizing, {0.1}};
    const struct {
        qst_noise_rule rule;
        size_t n_h, n_cx, n_cz, n_ccx;
    } cases[] = {
        {{.channel = flip}, 1, 2, 2, 3},
        {{.channel = mix}, 1, 1, 1, 1},
        {{.channel = mix, .each = true}, 1, 2, 2, 3},
        {{.channel = flip, .gates = named, .n_gates = 2}, 1, 2, 0, 0},
        {{.channel = flip, .gates = named, .n_gates = 1}, 0, 2, 0, 0},
        {{.channel = flip, .gates = named}, 0, 0, 0, 0},
        {{.channel = flip, .gate_qubits = 2}, 0, 2, 2, 0},
        {{.channel = flip, .gates = named, .n_gates = 2, .gate_qubits = 1}, 1, 0, 0, 0},
        {{.channel = flip, .qubits = marked, .n_qubits = 2}, 1, 1, 1, 1},
        {{.channel = mix, .qubits = marked, .n_qubits = 1}, 0, 0, 0, 0},
        {{.channel = mix, .qubits = qubits, .n_qubits = 2}, 1, 1, 1, 1},
    };
    qst_ctx *ctx = support_ctx(1);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        qst_noise *noise = noise_of(ctx, &cases[c].rule);
        assert_int_equal(count(ctx, noise, QST_GATE_h, qubits), cases[c].n_h);
        assert_int_equal(count(ctx, noise, QST_GATE_cx, qubits), cases[c].n_cx);
        assert_int_equal(count(ctx, noise, QST_GATE_cz, qubits), cases[c].n_cz);
        assert_int_equal(count(ctx, noise, QST_GATE_ccx, qubits), cases[c].n_ccx);
        assert_int_equal(count(ctx, noise, QST_GATE_gphase, qubits), 0);
        qst_noise_free(noise);
    }
    qst_ctx_free(ctx);
}

static void rules_act_in_their_order(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    event_list list;
    qst_noise *noise = noise_of(ctx, &(qst_noise_rule){.channel = {QST_CHANNEL_amplitude_damping, {0.1}}}),
              *copy = NULL;
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {0.2}},
                                                          .qubits = (const size_t[]){0, 2},
                                                          .n_qubits = 2}));
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_rotation_z, {0.3}}}));
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_bit_flip, {0}}}));
    assert_ok(ctx, qst_noise_copy(noise, &copy));
    qst_noise_free(noise);
    assert_ok(ctx, events_behind(ctx, copy, 1, 4, QST_GATE_ccx, (const size_t[]){2, 1, 0}, &list));
    const qsti_noise_kind kinds[] = {QSTI_NOISE_RELAXATION, QSTI_NOISE_RELAXATION, QSTI_NOISE_RELAXATION,
                                     QSTI_NOISE_PAULI,      QSTI_NOISE_ROTATION,   QSTI_NOISE_ROTATION,
                                     QSTI_NOISE_ROTATION};
    assert_int_equal(list.n, 7);
    for (size_t e = 0; e < list.n; e++)
        assert_int_equal(list.events[e].kind, kinds[e]);
    assert_true(list.events[3].n_qubits == 2 && list.events[3].qubits[0] == 2 && list.events[3].qubits[1] == 0);
    qst_noise_free(copy);
    qst_ctx_free(ctx);
}

static void sorts_are_counted(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    qsti_noise_sorts sorts;
    const size_t qubits[] = {0, 1};
    const qst_gate ry = QST_GATE_ry;
    qst_noise *noise = noise_of(ctx, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {0.2}}});
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_amplitude_damping, {0.1}}}));
    assert_ok(ctx,
              qst_noise_add(
                  noise, &(qst_noise_rule){.channel = {QST_CHANNEL_over_rotation, {0.1}}, .gates = &ry, .n_gates = 1}));
    assert_ok(ctx, qst_circuit_begin(ctx, 2, 2, QST_PREPARE_AMPLITUDE, &builder));
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_cx, qubits, NULL));
    assert_ok(ctx, qst_circuit_add(builder, QST_GATE_ry, qubits, &QST_ANGLE({1, QST_FEATURE(0), QST_ONE})));
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    assert_ok(ctx, qsti_noise_count(noise, circuit, &sorts));
    assert_true(sorts.n_paulis == 2 && sorts.n_relaxations == 3 && sorts.n_rotations == 1);
    qst_circuit_free(circuit);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

/* --- over_rotation ------------------------------------------------------------------------------------------------ */

#define OVER 0.17

typedef struct part {
    const char *gate;
    double angle;
    size_t qubits[2];
} part;

/* Gates (all angles 0) and what they are when each rotation turns by OVER more. */
static const struct {
    qst_gate gate;
    part parts[3];
} turned[] = {
    {QST_GATE_rx, {{"rx", OVER, {0}}}},
    {QST_GATE_ry, {{"ry", OVER, {0}}}},
    {QST_GATE_p, {{"rz", OVER, {0}}}},
    {QST_GATE_z, {{"rz", PI + OVER, {0}}}},
    {QST_GATE_tdg, {{"rz", -PI / 4 - OVER, {0}}}},
    {QST_GATE_sx, {{"rx", PI / 2 + OVER, {0}}}},
    {QST_GATE_sxdg, {{"rx", -PI / 2 - OVER, {0}}}},
    {QST_GATE_y, {{"rz", PI + OVER, {0}}, {"x", 0, {0}}}},
    {QST_GATE_h, {{"ry", PI / 2 + OVER, {0}}, {"x", 0, {0}}}},
    {QST_GATE_cz, {{"cp", PI + 2 * OVER, {0, 1}}}},
    {QST_GATE_cp, {{"cp", 2 * OVER, {0, 1}}}},
    {QST_GATE_crx, {{"crx", 2 * OVER, {0, 1}}}},
    {QST_GATE_cry, {{"cry", 2 * OVER, {0, 1}}}},
    {QST_GATE_crz, {{"crz", 2 * OVER, {0, 1}}}},
    {QST_GATE_rxx, {{"rxx", OVER, {0, 1}}}},
    {QST_GATE_rzx, {{"rzx", OVER, {0, 1}}}},
    {QST_GATE_cy, {{"rz", -PI / 2 - OVER, {1}}, {"cx", 0, {0, 1}}, {"rz", PI / 2 + OVER, {1}}}},
    {QST_GATE_ch, {{"ry", PI / 4 + OVER, {1}}, {"cx", 0, {0, 1}}, {"ry", -PI / 4 - OVER, {1}}}},
    {QST_GATE_ecr, {{"rzx", PI / 2 + OVER, {0, 1}}, {"x", 0, {0}}}},
    {QST_GATE_id, {{"id", 0, {0}}}},
};

static void over_rotation_turns_each_rotation(void **state)
{
    (void)state;
    static const double zeros[QST_MAX_GATE_ANGLES];
    static const size_t qubits[] = {0, 1};
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {5};
    qst_noise *noise = noise_of(ctx, &(qst_noise_rule){.channel = {QST_CHANNEL_over_rotation, {OVER}}});
    for (size_t g = 0; g < sizeof turned / sizeof *turned; g++) {
        dense ours, theirs;
        event_list list;
        dense_random(&rng, 2, &ours);
        theirs = ours;
        dense_gate(&ours, qst_gate_describe(turned[g].gate)->name, zeros, qubits);
        assert_ok(ctx, events_behind(ctx, noise, 1, 2, turned[g].gate, qubits, &list));
        dense_events(&ours, &list);
        for (size_t p = 0; p < 3 && turned[g].parts[p].gate != NULL; p++)
            dense_gate(&theirs, turned[g].parts[p].gate, &turned[g].parts[p].angle, turned[g].parts[p].qubits);
        if (dense_distance(&ours, &theirs) > TOLERANCE)
            print_error("gate %s\n", qst_gate_describe(turned[g].gate)->name);
        assert_close(dense_distance(&ours, &theirs), 0, TOLERANCE);
    }
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

static void over_rotation_is_refused_where_it_is_no_rotation_behind(void **state)
{
    (void)state;
    static const qst_gate refused[] = {QST_GATE_x,  QST_GATE_cx, QST_GATE_swap, QST_GATE_u,
                                       QST_GATE_u2, QST_GATE_r,  QST_GATE_ccx};
    static const size_t qubits[] = {0, 1, 2}, other[] = {4};
    qst_ctx *ctx = support_ctx(1);
    event_list list;
    qst_noise *noise = noise_of(ctx, &(qst_noise_rule){.channel = {QST_CHANNEL_over_rotation, {OVER}}});
    for (size_t g = 0; g < sizeof refused / sizeof *refused; g++) {
        assert_status(ctx, events_behind(ctx, noise, 1, 3, refused[g], qubits, &list), QST_ERR_UNSUPPORTED);
        assert_message(ctx, "over_rotation behind gate");
    }
    qst_noise_free(noise);
    noise = noise_of(
        ctx, &(qst_noise_rule){.channel = {QST_CHANNEL_over_rotation, {OVER}}, .qubits = qubits, .n_qubits = 1});
    assert_int_equal(count(ctx, noise, QST_GATE_cz, qubits), 1);
    assert_int_equal(count(ctx, noise, QST_GATE_rz, other), 0);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

/* --- devices ------------------------------------------------------------------------------------------------------ */

static const char device_text[] =
    "{\"format\": \"qstill-device/1\", \"n_qubits\": 3, \"qubits\": ["
    "{\"t1_ns\": 30000, \"t2_ns\": 20000, \"frequency_hz\": 5e9}, {\"t1_ns\": 50000, \"frequency_hz\": 4e9, "
    "\"m1p0\": 0.02, \"m0p1\": 0.05}, {\"t1_ns\": 90000, \"t2_ns\": 120000, \"m1p0\": 0.01, \"m0p1\": 0.02}], "
    "\"gates\": [{\"name\": \"cz\", \"qubits\": [2, 1], \"time_ns\": 300, \"error\": 0.03}, "
    "{\"name\": \"cx\", \"qubits\": [0, 1], \"time_ns\": 400, \"error\": 0.02}, "
    "{\"name\": \"ccx\", \"qubits\": [2, 0, 1], \"time_ns\": 900, \"error\": 0.1}, "
    "{\"name\": \"sx\", \"qubits\": [1], \"time_ns\": 35, \"error\": 0.004}, "
    "{\"name\": \"rz\", \"qubits\": [1], \"time_ns\": 0, \"error\": 0}]}";

static qst_device *read_device(qst_ctx *ctx, const char *text)
{
    qst_device *device = NULL;
    const char *path = support_write("device.json", text, strlen(text));
    assert_ok(ctx, qst_device_read(ctx, &path, 1, NULL, &device));
    return device;
}

/* rho' by the superoperator on the gate's qubits, written as a sum of matrix units. */
static void apply_superoperator(const ref_complex *matrix, size_t k, const size_t *qubits, dense *at)
{
    size_t bits[2 * DENSE_MAX_QUBITS];
    for (size_t q = 0; q < k; q++) { /* element (i, j) is number j 2^k + i */
        bits[q] = qubits[q];
        bits[k + q] = at->n + qubits[q];
    }
    ref_apply(at->rho, 2 * at->n, matrix, 2 * k, bits);
}

static void devices_are_their_superoperators(void **state)
{
    (void)state;
    static const struct {
        qst_gate gate;
        size_t n, qubits[3]; /* of the circuit: qubit i is layout[i] */
    } cases[] = {{QST_GATE_cz, 2, {0, 2}},
                 {QST_GATE_cz, 2, {2, 0}},
                 {QST_GATE_cx, 2, {1, 0}},
                 {QST_GATE_ccx, 3, {2, 1, 0}},
                 {QST_GATE_sx, 1, {0}}};
    static const size_t layout[] = {1, 0, 2};
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {6};
    qst_device *device = read_device(ctx, device_text);
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_from_device(ctx, device, &(qst_noise_device_opts){layout, 3, 50, 0}, &noise));
    assert_false(qst_noise_is_none(noise));
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        static ref_complex matrix[64 * 64];
        size_t there[3];
        qst_gate_noise expected;
        event_list list;
        dense ours, theirs;
        for (size_t q = 0; q < cases[c].n; q++)
            there[q] = layout[cases[c].qubits[q]];
        assert_ok(ctx, qst_device_gate_noise(device, qst_gate_describe(cases[c].gate)->name, there, cases[c].n, 50,
                                             &expected));
        qst_noise_superoperator(&expected, matrix);
        assert_ok(ctx, events_behind(ctx, noise, 1, 3, cases[c].gate, cases[c].qubits, &list));
        assert_int_equal(list.n, 1 + cases[c].n);
        dense_random(&rng, 3, &ours);
        theirs = ours;
        dense_events(&ours, &list);
        apply_superoperator(matrix, cases[c].n, cases[c].qubits, &theirs);
        assert_close(dense_distance(&ours, &theirs), 0, TOLERANCE);
    }
    qst_noise_free(noise);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

static void devices_refuse_what_they_do_not_have(void **state)
{
    (void)state;
    static const size_t both[] = {0, 1}, turned_pair[] = {1, 0}, twice[] = {1, 1}, far[] = {0, 7};
    qst_ctx *ctx = support_ctx(1);
    event_list list;
    qst_device *device = read_device(ctx, device_text);
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_from_device(ctx, device, &(qst_noise_device_opts){both, 2, 0, 0}, &noise));
    assert_ok(ctx, events_behind(ctx, noise, 1, 2, QST_GATE_cx, both, &list));
    assert_status(ctx, events_behind(ctx, noise, 1, 2, QST_GATE_cx, turned_pair, &list), QST_ERR_MISMATCH);
    assert_message(ctx, "gate cx: has no entry for qubits 1, 0");
    assert_status(ctx, events_behind(ctx, noise, 1, 2, QST_GATE_h, both, &list), QST_ERR_MISMATCH);
    assert_message(ctx, "has no gate h");
    assert_status(ctx, events_behind(ctx, noise, 1, 3, QST_GATE_cx, both, &list), QST_ERR_MISMATCH);
    assert_message(ctx, "the circuit has 3 qubits, and the layout");
    assert_ok(ctx, events_behind(ctx, noise, 1, 2, QST_GATE_id, both, &list));
    assert_int_equal(list.n, 0);
    assert_ok(ctx, events_behind(ctx, noise, 1, 2, QST_GATE_rz, turned_pair, &list));
    assert_int_equal(list.n, 0);
    qst_noise_free(noise);
    noise = NULL;
    assert_status(ctx, qst_noise_from_device(ctx, device, &(qst_noise_device_opts){twice, 2, 0, 0}, &noise),
                  QST_ERR_USAGE);
    assert_message(ctx, "qubit 1 is there twice");
    assert_status(ctx, qst_noise_from_device(ctx, device, &(qst_noise_device_opts){far, 2, 0, 0}, &noise),
                  QST_ERR_USAGE);
    assert_message(ctx, "7 is no qubit");
    assert_status(ctx, qst_noise_from_device(ctx, device, &(qst_noise_device_opts){NULL, 0, NAN, 0}, &noise),
                  QST_ERR_USAGE);
    assert_null(noise);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

static void devices_refuse_prepared_features(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *device = read_device(ctx, device_text);
    qst_noise *noise = NULL;
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    qsti_noise_sorts sorts;
    assert_ok(ctx, qst_noise_from_device(ctx, device, NULL, &noise));
    assert_ok(ctx, qst_circuit_begin(ctx, 2, 2, QST_PREPARE_BASIS, &builder));
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    assert_status(ctx, qsti_noise_count(noise, circuit, &sorts), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "a basis state");
    qst_circuit_free(circuit);
    qst_noise_free(noise);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

/* --- what is refused, what is nothing ----------------------------------------------------------------------------- */

static void wrong_numbers_are_named(void **state)
{
    (void)state;
    static const struct {
        qst_channel channel;
        const char *message;
    } cases[] = {
        {{QST_CHANNEL_depolarizing, {1.34}}, "depolarizing: p = 1.34 is not in 0..1.33333"},
        {{QST_CHANNEL_bit_flip, {-0.1}}, "bit_flip: p = -0.1 is not in 0..1"},
        {{QST_CHANNEL_phase_flip, {NAN}}, "phase_flip: p = nan"},
        {{QST_CHANNEL_pauli, {0.5, 0.4, 0.2}}, "pauli: x + y + z = 1.1 is more than 1"},
        {{QST_CHANNEL_pauli, {0, 0, -1}}, "pauli: z = -1"},
        {{QST_CHANNEL_amplitude_damping, {0.1, 2}}, "amplitude_damping: excited = 2"},
        {{QST_CHANNEL_phase_damping, {1.1}}, "phase_damping: lambda = 1.1"},
        {{QST_CHANNEL_thermal_relaxation, {0}}, "thermal_relaxation: t1 = 0 is not above 0"},
        {{QST_CHANNEL_thermal_relaxation, {10, 21, 1}}, "thermal_relaxation: t2 = 21 is more than 2 t1 = 20"},
        {{QST_CHANNEL_thermal_relaxation, {10, 10, -1}}, "thermal_relaxation: time = -1 is not 0 or more"},
        {{QST_CHANNEL_rotation_x, {INFINITY}}, "rotation_x: angle = inf"},
        {{QST_CHANNEL_over_rotation, {NAN}}, "over_rotation: angle = nan"},
        {{QST_CHANNEL_COUNT, {0}}, "channel 12"},
    };
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        assert_status(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = cases[c].channel}), QST_ERR_USAGE);
        assert_message(ctx, cases[c].message);
    }
    assert_status(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {0}, .gate_qubits = 6}), QST_ERR_USAGE);
    assert_status(ctx,
                  qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_over_rotation, {1}}, .each = true}),
                  QST_ERR_USAGE);
    assert_status(ctx, qst_noise_add_readout(noise, 0, 1.5, 0), QST_ERR_USAGE);
    assert_status(ctx, qst_noise_add_readout(noise, 0, 0, NAN), QST_ERR_USAGE);
    assert_true(qst_noise_is_none(noise));
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

static void too_much_for_the_gate_is_refused(void **state)
{
    (void)state;
    static const size_t qubits[] = {0, 1, 2, 3};
    qst_ctx *ctx = support_ctx(1);
    event_list list;
    qst_noise *noise = noise_of(ctx, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {1.2}}});
    assert_ok(ctx, events_behind(ctx, noise, 1, 4, QST_GATE_x, qubits, &list));
    assert_status(ctx, events_behind(ctx, noise, 1, 4, QST_GATE_cx, qubits, &list), QST_ERR_USAGE);
    assert_message(ctx, "p = 1.2 is more than 1.06667 on 2 qubits");
    assert_status(ctx, events_behind(ctx, noise, 1, 4, QST_GATE_c3x, qubits, &list), QST_ERR_UNSUPPORTED);
    assert_message(ctx, "together on 4 qubits");
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = NULL;
    qst_device *ideal = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    assert_true(qst_noise_is_none(noise));
    for (int kind = 0; kind < QST_CHANNEL_COUNT; kind++) {
        qst_channel channel = {(qst_channel_kind)kind, {0}};
        if (channel.kind == QST_CHANNEL_thermal_relaxation)
            channel.numbers[0] = channel.numbers[1] = 10;
        assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = channel}));
    }
    assert_ok(ctx, qst_noise_add_readout(noise, 3, 0.1, 0.1));
    assert_false(qst_noise_is_none(noise));
    assert_ok(ctx, qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0, 0));
    assert_true(qst_noise_is_none(noise));
    assert_ok(ctx, qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_phase_damping, {1e-9}}}));
    assert_false(qst_noise_is_none(noise));
    qst_noise_free(noise);
    assert_ok(ctx, qst_device_generic(ctx, &(qst_device_generic_opts){.n_qubits = 3}, &ideal));
    assert_ok(ctx, qst_noise_from_device(ctx, ideal, NULL, &noise));
    assert_true(qst_noise_is_none(noise));
    qst_noise_free(noise);
    qst_device_free(ideal);
    qst_ctx_free(ctx);
}

static void channels_are_found_by_name(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_channel_kind kind;
    for (int k = 0; k < QST_CHANNEL_COUNT; k++) {
        const qst_channel_info *info = qst_channel_describe((qst_channel_kind)k);
        assert_ok(ctx, qst_channel_find(ctx, info->name, &kind));
        assert_int_equal(kind, k);
        assert_true(info->n_numbers >= 1 && info->n_numbers <= QST_CHANNEL_NUMBERS);
    }
    assert_status(ctx, qst_channel_find(ctx, "depolarising", &kind), QST_ERR_USAGE);
    assert_message(ctx, "did you mean depolarizing?");
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_choose_gates_and_qubits),
        cmocka_unit_test(rules_act_in_their_order),
        cmocka_unit_test(sorts_are_counted),
        cmocka_unit_test(over_rotation_turns_each_rotation),
        cmocka_unit_test(over_rotation_is_refused_where_it_is_no_rotation_behind),
        cmocka_unit_test(devices_are_their_superoperators),
        cmocka_unit_test(devices_refuse_what_they_do_not_have),
        cmocka_unit_test(devices_refuse_prepared_features),
        cmocka_unit_test(wrong_numbers_are_named),
        cmocka_unit_test(too_much_for_the_gate_is_refused),
        cmocka_unit_test(nothing_is_nothing),
        cmocka_unit_test(channels_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
