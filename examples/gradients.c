/* gradients.c: a circuit by hand, angles that are polynomials, and its gradients three ways.
 *
 * Two qubits, two features x, three weights w:
 *
 *     q0: RY(w0 x0 + w1) --*-- RX(x0 x1) --
 *                          |
 *     q1: RZ(pi/2) -- H ---X-- RY(w2) -----      outputs m0 = <Z on q0>, m1 = <0.5 ZZ - 1.5 XI>
 *
 * For L = sum of all outputs over the samples the adjoint sweep gives dL/dw and dL/dx at once, whatever the number of
 * outputs; the parameter-shift rule and central differences must agree with it. Ends with 1 when they do not. */
#include <math.h>
#include <stdio.h>

#include <qstill/qstill.h>

#define N_SAMPLES  3
#define N_FEATURES 2
#define N_WEIGHTS  3
#define N_OUTPUTS  2

static qst_status build(qst_ctx *ctx, qst_circuit **out)
{
    const double pi = acos(-1.0);
    const size_t q0 = 0, q1 = 1, q0_q1[] = {0, 1};
    qst_circuit_builder *b = NULL;
    size_t w = 0;
    qst_status status = qst_circuit_begin(ctx, 2, N_FEATURES, QST_PREPARE_ZERO, &b);
    if (status != QST_OK)
        return status;
    const qst_angle ry0 = QST_ANGLE({1.0, QST_WEIGHT(0), QST_FEATURE(0)}, {1.0, QST_WEIGHT(1), QST_ONE});
    const qst_angle rz1 = QST_ANGLE({pi / 2, QST_ONE, QST_ONE});
    const qst_angle rx0 = QST_ANGLE({1.0, QST_FEATURE(0), QST_FEATURE(1)});
    const qst_angle ry1 = QST_ANGLE({1.0, QST_WEIGHT(2), QST_ONE});
    if ((status = qst_circuit_add_weights(b, N_WEIGHTS, QST_WEIGHT_ANGLE, &w)) != QST_OK ||
        (status = qst_circuit_add(b, QST_GATE_ry, &q0, &ry0)) != QST_OK ||
        (status = qst_circuit_add(b, QST_GATE_rz, &q1, &rz1)) != QST_OK ||
        (status = qst_circuit_add(b, QST_GATE_h, &q1, NULL)) != QST_OK ||
        (status = qst_circuit_add(b, QST_GATE_cx, q0_q1, NULL)) != QST_OK ||
        (status = qst_circuit_add(b, QST_GATE_rx, &q0, &rx0)) != QST_OK ||
        (status = qst_circuit_add(b, QST_GATE_ry, &q1, &ry1)) != QST_OK) {
        qst_circuit_abandon(b);
        return status;
    }
    return qst_circuit_finish(b, out);
}

/* L = sum of all outputs over all samples. */
static qst_status loss_at(qst_program *program, const double *weights, qst_const_matrix x, double *out)
{
    double values[N_SAMPLES * N_OUTPUTS];
    qst_status status = qst_program_forward(program, weights, x, (qst_matrix){values, N_SAMPLES, N_OUTPUTS});
    *out = 0;
    for (size_t i = 0; i < N_SAMPLES * N_OUTPUTS; i++)
        *out += values[i];
    return status;
}

int main(void)
{
    double features[N_SAMPLES * N_FEATURES] = {0.3, -1.2, 0.7, 0.1, -0.4, 2.0}, weights[N_WEIGHTS] = {0.9, 0.2, -1.1};
    double ones[N_SAMPLES * N_OUTPUTS], adjoint[N_WEIGHTS], shift[N_WEIGHTS], by_x[N_SAMPLES * N_FEATURES];
    const char *outputs[] = {"IZ", "0.5*ZZ - 1.5*XI"}; /* qubit 0 is right-most */
    const qst_const_matrix x = {features, N_SAMPLES, N_FEATURES};
    for (size_t i = 0; i < N_SAMPLES * N_OUTPUTS; i++)
        ones[i] = 1;

    qst_ctx *ctx = NULL;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    QST_TRY_MAIN(ctx, qst_ctx_create(NULL, &ctx));
    QST_TRY_MAIN(ctx, build(ctx, &circuit));
    QST_TRY_MAIN(ctx, qst_readout_parse(ctx, 2, outputs, N_OUTPUTS, 0, &readout));
    QST_TRY_MAIN(ctx, qst_program_compile(ctx, circuit, readout, NULL, &program));

    const qst_const_matrix cotangent = {ones, N_SAMPLES, N_OUTPUTS};
    QST_TRY_MAIN(ctx, qst_program_vjp(program, weights, x, cotangent, adjoint,
                                      (qst_matrix){by_x, N_SAMPLES, N_FEATURES}, (qst_matrix){NULL, 0, 0}));
    QST_TRY_MAIN(ctx, qst_program_parameter_shift(program, weights, x, cotangent, shift, (qst_matrix){NULL, 0, 0}));

    double worst = 0;
    for (size_t i = 0; i < N_WEIGHTS; i++) {
        const double at = weights[i], h = 1e-5;
        double above = 0, below = 0;
        weights[i] = at + h;
        QST_TRY_MAIN(ctx, loss_at(program, weights, x, &above));
        weights[i] = at - h;
        QST_TRY_MAIN(ctx, loss_at(program, weights, x, &below));
        weights[i] = at;
        const double difference = (above - below) / (2 * h);
        printf("dL/dw%zu   adjoint %+.12f   parameter shift %+.12f   differences %+.9f\n", i, adjoint[i], shift[i],
               difference);
        worst = fmax(worst, fmax(fabs(adjoint[i] - shift[i]) / 1e-12, fabs(adjoint[i] - difference) / 1e-8));
    }
    for (size_t i = 0; i < N_SAMPLES; i++)
        printf("dL/dx of sample %zu   %+.9f %+.9f\n", i, by_x[2 * i], by_x[2 * i + 1]);

    qst_program_free(program);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    qst_ctx_free(ctx);
    return worst <= 1 ? 0 : 1;
}
