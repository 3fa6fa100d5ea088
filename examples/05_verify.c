/* 05_verify.c: stage 5: student, teacher, control and floor answer the held-out rows.
 *
 *     05_verify WORK         after 04_student
 *
 * Prints the page for people. One seed shows how it is done and proves nothing: no verdict is said below five. `qstill
 * run` goes through all stages once a seed. */
#include <stdio.h>

#include <qstill/qstill.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: 05_verify WORK\n");
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
    qst_report *report = NULL;
    QST_TRY_MAIN(ctx, qst_ctx_create(NULL, &ctx));
    QST_TRY_MAIN(ctx, qst_dataset_load(ctx, data, &dataset));
    QST_TRY_MAIN(ctx, qst_knowledge_load(ctx, scores, &knowledge));
    QST_TRY_MAIN(ctx, qst_model_load(ctx, student_folder, &student));
    QST_TRY_MAIN(ctx, qst_model_load(ctx, control_folder, &control));
    QST_TRY_MAIN(ctx, qst_verify(dataset, knowledge, student, control, &report));
    puts(qst_report_page(report));

    qst_report_free(report);
    qst_model_free(control);
    qst_model_free(student);
    qst_knowledge_free(knowledge);
    qst_dataset_free(dataset);
    qst_ctx_free(ctx);
    return 0;
}
