/* training_cost.c: what trainings cost, for the order of tasks and for progress. */
#include "run/run.h"
#include "student/distillation.h"

/* What a rotation of a sample costs beside its amplitudes, in amplitudes: the ratio of 8-qubit to 4-qubit trainings. */
#define FIXED_COST 80

double qsti_training_cost(const qsti_recipe_model *model)
{
    if (model->is_table)
        return 0;
    double layers = (double)(model->model.circuit.ansatz.reps ? model->model.circuit.ansatz.reps : 3);
    double qubits = (double)model->model.circuit.qubits;
    double amplitudes = (double)((size_t)1 << (model->model.circuit.qubits < 40 ? model->model.circuit.qubits : 40));
    return (FIXED_COST + amplitudes) * qubits * layers * (double)model->train.epochs *
           (double)(model->train.restarts + 1);
}

double qsti_base_cost(const qsti_recipe_values *values)
{
    double cost = qsti_training_cost(&values->teacher) * (double)values->teacher.ensemble;
    double n_cells = (double)qsti_distill_cells(&values->distill);
    for (size_t i = 0; i < values->n_assistants; i++)
        cost += n_cells * qsti_training_cost(&values->assistant_models[i]);
    return cost + n_cells * (double)(values->generations - 1) * qsti_training_cost(&values->student);
}
