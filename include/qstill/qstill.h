/* qstill.h: the whole library.
 *
 * A complete program: train a teacher on the handwritten digits, distil it into a circuit of half the qubits, compare.
 *
 *     #include <stdio.h>
 *     #include <qstill/qstill.h>
 *     int main(void)
 *     {
 *         qst_ctx *ctx = NULL;
 *         qst_recipe *recipe = NULL;
 *         qst_report *report = NULL;
 *         const char *quick[] = {"teacher.train.epochs=5", "student.train.epochs=5"};
 *         QST_TRY_MAIN(ctx, qst_ctx_create(NULL, &ctx));
 *         QST_TRY_MAIN(ctx, qst_recipe_load(ctx, NULL, quick, 2, &recipe));
 *         QST_TRY_MAIN(ctx, qst_run(recipe, NULL, &report));
 *         puts(qst_report_page(report));
 *         qst_report_free(report);
 *         qst_recipe_free(recipe);
 *         qst_ctx_free(ctx);
 *         return 0;
 *     }
 *
 * The headers in the order of the data: data.h, teacher.h, knowledge.h, student.h, verify.h, deploy.h, run.h; below
 * them circuit.h, simulate.h, network.h, loss.h, model.h and base.h. Each is its own manual.
 */
#ifndef QSTILL_H
#define QSTILL_H

#include <qstill/algorithms.h>
#include <qstill/assembly.h>
#include <qstill/base.h>
#include <qstill/circuit.h>
#include <qstill/data.h>
#include <qstill/density.h>
#include <qstill/deploy.h>
#include <qstill/device.h>
#include <qstill/draw.h>
#include <qstill/execute.h>
#include <qstill/import.h>
#include <qstill/job.h>
#include <qstill/knowledge.h>
#include <qstill/loss.h>
#include <qstill/measure.h>
#include <qstill/model.h>
#include <qstill/network.h>
#include <qstill/noise.h>
#include <qstill/place.h>
#include <qstill/qasm.h>
#include <qstill/run.h>
#include <qstill/simulate.h>
#include <qstill/student.h>
#include <qstill/teacher.h>
#include <qstill/transpile.h>
#include <qstill/verify.h>

#endif
