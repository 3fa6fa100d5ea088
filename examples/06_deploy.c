/* 06_deploy.c: stage 6: the student leaves: as a C file that needs libm alone, and as OpenQASM for a sample.
 *
 *     06_deploy WORK         after 04_student
 *
 * Compile the C file with  cc -std=c17 -O2 -DQSTILL_MAIN WORK/student.c -lm  and feed it rows of raw inputs as CSV. */
#include <stdio.h>

#include <qstill/qstill.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: 06_deploy WORK\n");
        return 2;
    }
    char folder[512], c_file[512], qasm_file[512];
    snprintf(folder, sizeof folder, "%s/student", argv[1]);
    snprintf(c_file, sizeof c_file, "%s/student.c", argv[1]);
    snprintf(qasm_file, sizeof qasm_file, "%s/student.qasm", argv[1]);

    qst_ctx *ctx = NULL;
    qst_model *student = NULL;
    qst_table *table = NULL;
    char *program = NULL, *qasm = NULL;
    size_t program_bytes = 0, qasm_bytes = 0;
    QST_TRY_MAIN(ctx, qst_ctx_create(NULL, &ctx));
    QST_TRY_MAIN(ctx, qst_model_load(ctx, folder, &student));
    QST_TRY_MAIN(ctx, qst_model_deploy(student, &(qst_deploy_opts){.form = QST_DEPLOY_C}, &program, &program_bytes));
    QST_TRY_MAIN(ctx, qst_file_write(ctx, c_file, program, program_bytes));

    QST_TRY_MAIN(ctx, qst_table_load(ctx, &(qst_table_opts){.source = "iris"}, &table));
    qst_const_matrix rows = qst_table_features(table);
    const qst_deploy_opts opts = {.form = QST_DEPLOY_QASM2, .sample = rows.data, .n_sample = rows.n_cols};
    QST_TRY_MAIN(ctx, qst_model_deploy(student, &opts, &qasm, &qasm_bytes));
    QST_TRY_MAIN(ctx, qst_file_write(ctx, qasm_file, qasm, qasm_bytes));
    printf("%s: %zu bytes of C\n%s: the first row of the source, as OpenQASM\n", c_file, program_bytes, qasm_file);

    qst_deploy_free(student, qasm);
    qst_deploy_free(student, program);
    qst_table_free(table);
    qst_model_free(student);
    qst_ctx_free(ctx);
    return 0;
}
