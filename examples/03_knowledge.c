/* 03_knowledge.c: stage 3: what the teacher says about every row, frozen.
 *
 *     03_knowledge WORK      after 02_teacher
 *
 * Keeps the scores in WORK/knowledge, with the hashes of teacher and dataset, and shows three rows as probabilities at
 * two temperatures. */
#include <stdio.h>

#include <qstill/qstill.h>

#define FIRST_SHOWN 69 /* near the border of two kinds */
#define N_SHOWN     3

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: 03_knowledge WORK\n");
        return 2;
    }
    char data[512], model[512], folder[512];
    snprintf(data, sizeof data, "%s/data", argv[1]);
    snprintf(model, sizeof model, "%s/teacher", argv[1]);
    snprintf(folder, sizeof folder, "%s/knowledge", argv[1]);

    qst_ctx *ctx = NULL;
    qst_dataset *dataset = NULL;
    qst_model *teacher = NULL;
    qst_knowledge *knowledge = NULL;
    QST_TRY_MAIN(ctx, qst_ctx_create(NULL, &ctx));
    QST_TRY_MAIN(ctx, qst_dataset_load(ctx, data, &dataset));
    QST_TRY_MAIN(ctx, qst_model_load(ctx, model, &teacher));
    QST_TRY_MAIN(ctx, qst_knowledge_extract(teacher, dataset, &knowledge));
    QST_TRY_MAIN(ctx, qst_knowledge_save(knowledge, folder));

    double space[N_SHOWN * 3];
    qst_const_matrix scores = qst_knowledge_scores(knowledge);
    qst_matrix p = {space, N_SHOWN, scores.n_cols};
    const int64_t *labels = qst_dataset_labels(dataset) + FIRST_SHOWN;
    scores.data += FIRST_SHOWN * scores.n_cols;
    scores.n_rows = N_SHOWN;
    const double temperatures[] = {1, 4};
    for (size_t t = 0; t < 2; t++) {
        double temperature = temperatures[t];
        QST_TRY_MAIN(ctx, qst_scores_to_probabilities(ctx, qst_knowledge_kind(knowledge), scores, temperature, p));
        for (size_t i = 0; i < p.n_rows; i++)
            printf("T = %g, row %zu: %-10s %.3f %.3f %.3f\n", temperature, FIRST_SHOWN + i,
                   qst_dataset_class_name(dataset, (size_t)labels[i]), p.data[3 * i], p.data[3 * i + 1],
                   p.data[3 * i + 2]);
    }

    qst_knowledge_free(knowledge);
    qst_model_free(teacher);
    qst_dataset_free(dataset);
    qst_ctx_free(ctx);
    return 0;
}
