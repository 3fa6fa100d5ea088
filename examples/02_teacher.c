/* 02_teacher.c: stage 2: a large model, trained on the labels.
 *
 *     02_teacher WORK        after 01_data
 *
 * A circuit of four qubits that reads the features anew before each of its layers; kept in WORK/teacher. */
#include <stdio.h>

#include <qstill/qstill.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: 02_teacher WORK\n");
        return 2;
    }
    char data[512], folder[512];
    snprintf(data, sizeof data, "%s/data", argv[1]);
    snprintf(folder, sizeof folder, "%s/teacher", argv[1]);

    qst_ctx *ctx = NULL;
    qst_dataset *dataset = NULL;
    qst_model *teacher = NULL;
    QST_TRY_MAIN(ctx, qst_ctx_create(NULL, &ctx));
    QST_TRY_MAIN(ctx, qst_dataset_load(ctx, data, &dataset));

    const char *outputs[] = {"z", "zz"};
    const qst_model_opts model = {
        .circuit = {.qubits = 4, .encoding.name = "reupload", .ansatz = {.name = "strongly_entangling", .reps = 3}},
        .outputs = outputs,
        .n_outputs = 2,
        .head = QST_HEAD_linear,
    };
    const qst_train_opts train = {
        .loss = QST_LOSS_ce,
        .optimizer = QST_OPTIMIZER_adam,
        .learning_rate = 0.03,
        .batch = 16,
        .epochs = 40,
        .select = QST_SELECT_BEST,
        .seed = 1,
    };
    qst_train_result result;
    QST_TRY_MAIN(ctx, qst_teacher_train(dataset, &model, &train, &teacher, &result));
    QST_TRY_MAIN(ctx, qst_model_save(teacher, folder));

    qst_model_size size;
    qst_model_measure(teacher, &size);
    printf("teacher: %zu qubits, %zu CX, %zu + %zu parameters; %.1f %% of the validation rows right after epoch %zu\n",
           size.circuit.qubits, size.circuit.two_qubit_gates, size.quantum_parameters, size.classical_parameters,
           100 * result.validation_accuracy, result.selected_epoch);

    qst_model_free(teacher);
    qst_dataset_free(dataset);
    qst_ctx_free(ctx);
    return 0;
}
