/* extract.c: a teacher's scores for every row of a dataset. The one place where the teacher is asked; students may not
 * include its header. */
#include <qstill/teacher.h>

#include "data/model_binding.h"
#include "knowledge/knowledge.h"

qst_status qst_knowledge_extract(qst_model *teacher, const qst_dataset *dataset, qst_knowledge **out)
{
    qst_status status = QST_OK;
    qst_knowledge *knowledge = NULL;
    QSTI_TRY(qsti_dataset_check_model(dataset, teacher, "teacher"));
    QSTI_TRY(qsti_knowledge_allocate(dataset, qst_model_score_kind(teacher), dataset->n_classes, &knowledge));
    QSTI_TRY(qst_model_scores(teacher, qst_dataset_features(dataset),
                              (qst_matrix){knowledge->scores, knowledge->n_rows, knowledge->n_scores}));
    QSTI_TRY(qst_model_hash(teacher, knowledge->teacher_hash));
    qst_model_measure(teacher, &knowledge->teacher_size);
    *out = knowledge;
    knowledge = NULL;
done:
    qst_knowledge_free(knowledge);
    return status;
}
