/* 04_student.c: stage 4: a circuit of half the qubits learns from the teacher's scores; and its control does without.
 *
 *     04_student WORK        after 03_knowledge
 *
 * Two temperatures are tried; the validation rows choose. The control has the same circuit, initial weights, batches
 * and number of steps, and learns from the labels alone. Kept in WORK/student and WORK/control. */
#include <stdio.h>

#include <qstill/qstill.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: 04_student WORK\n");
        return 2;
    }
    char data[512], scores[512], student_folder[512], control_folder[512];
    snprintf(data, sizeof data, "%s/data", argv[1]);
    snprintf(scores, sizeof scores, "%s/knowledge", argv[1]);
    snprintf(student_folder, sizeof student_folder, "%s/student", argv[1]);
    snprintf(control_folder, sizeof control_folder, "%s/control", argv[1]);

    qst_ctx *ctx = NULL;
    qst_dataset *dataset = NULL;
    qst_knowledge *knowledge = NULL;
    qst_model *student = NULL, *control = NULL;
    QST_TRY_MAIN(ctx, qst_ctx_create(NULL, &ctx));
    QST_TRY_MAIN(ctx, qst_dataset_load(ctx, data, &dataset));
    QST_TRY_MAIN(ctx, qst_knowledge_load(ctx, scores, &knowledge));

    const char *outputs[] = {"probabilities"};
    const qst_model_opts model = {
        .circuit = {.qubits = 2, .ansatz.reps = 3}, .outputs = outputs, .n_outputs = 1, .head = QST_HEAD_linear};
    const qst_train_opts train = {
        .learning_rate = 0.03, .batch = 16, .epochs = 40, .select = QST_SELECT_BEST, .seed = 1};
    const double temperatures[] = {1, 2}, alphas[] = {0.9};
    const qst_distill_opts distill = {
        .loss = QST_LOSS_kd,
        .temperatures = temperatures,
        .n_temperatures = 2,
        .alphas = alphas,
        .n_alphas = 1,
        .label_fraction = 1.0,
    };
    qst_distill_result result;
    QST_TRY_MAIN(ctx, qst_student_distill(dataset, knowledge, &model, &train, &distill, &student, &result));
    QST_TRY_MAIN(ctx, qst_student_control(dataset, knowledge, &model, &train, &distill, &control, NULL));
    QST_TRY_MAIN(ctx, qst_model_save(student, student_folder));
    QST_TRY_MAIN(ctx, qst_model_save(control, control_folder));

    for (size_t i = 0; i < result.n_cells; i++) {
        const qst_distill_cell *cell = &result.cells[i];
        printf("T = %g, alpha = %g: %.1f %% of the validation rows right%s\n", cell->temperature, cell->alpha,
               100 * cell->validation_accuracy, cell->chosen ? ", chosen" : "");
    }

    qst_distill_result_clear(ctx, &result);
    qst_model_free(control);
    qst_model_free(student);
    qst_knowledge_free(knowledge);
    qst_dataset_free(dataset);
    qst_ctx_free(ctx);
    return 0;
}
