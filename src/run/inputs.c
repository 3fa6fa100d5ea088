/* inputs.c: from a recipe to datasets and given scores; and the line that describes them. */
#include "run/run.h"

#include "base/text.h"

qst_status qsti_run_dataset(const qsti_recipe_values *values, const qst_table *table, uint64_t seed, qst_dataset **out)
{
    qst_dataset_opts opts = values->dataset;
    opts.seed = seed;
    return qst_dataset_create(table, &opts, out);
}

qst_status qsti_run_table_knowledge(const qsti_recipe_values *values, const qst_dataset *dataset, qst_knowledge **out)
{
    const qsti_recipe_model *teacher = &values->teacher;
    qst_matrix scores = {0};
    qst_status status = qst_array_read(dataset->ctx, teacher->scores, &scores);
    if (status != QST_OK)
        return status;
    status = qst_knowledge_from_table(dataset, qst_const_view(scores), teacher->scores_kind,
                                      teacher->scores_temperature, out);
    if (status != QST_OK)
        qsti_fail_within(dataset->ctx, status, "%s", teacher->scores);
    qst_array_free(dataset->ctx, &scores);
    return status;
}

/* 1797 -> "1,797" */
static void add_count(qsti_text *text, size_t n)
{
    if (n >= 1000) {
        add_count(text, n / 1000);
        qsti_text_add(text, ",%03zu", n % 1000);
    } else {
        qsti_text_add(text, "%zu", n);
    }
}

qst_status qsti_run_inputs(const qst_table *table, const qsti_recipe_values *values, qsti_text *out)
{
    static const struct {
        const char *label;
        int n_arguments;
    } steps[] = {
#define QST_PREPROCESS(name, label, n_arguments, about) {label, n_arguments},
#include <qstill/preprocess.def>
#undef QST_PREPROCESS
    };
    size_t n_classes = values->dataset.classes ? values->dataset.n_classes : table->n_classes;
    add_count(out, table->n_rows);
    qsti_text_add(out, " rows, %zu features, %zu classes", table->n_features, n_classes);
    if (n_classes < table->n_classes)
        qsti_text_add(out, " of %zu", table->n_classes);
    for (size_t i = 0; i < values->dataset.n_preprocess; i++) {
        const qst_preprocess_step *step = &values->dataset.preprocess[i];
        qsti_text_add(out, "%s%s", i == 0 ? "; " : ", ", steps[step->kind].label);
        for (int a = 0; a < steps[step->kind].n_arguments; a++) {
            char number[32];
            qsti_format_double(step->arguments[a], number);
            qsti_text_add(out, " %s", number);
        }
    }
    return out->status;
}
