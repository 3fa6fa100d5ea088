/* training_cost.c: what trainings cost, for the order of tasks and for progress: nothing else depends on it.
 *
 * Estimates from the recipe alone, before any data are read: the cost of a sample, times epochs. A circuit's is its
 * rotations times its amplitudes, a network's its multiply-adds, each of which counts as one amplitude.
 */
#include "run/run.h"
#include "student/distillation.h"

/* What a rotation of a sample costs beside its amplitudes, in amplitudes: the ratio of 8-qubit to 4-qubit trainings. */
#define FIXED_COST 80

/* What is not known yet of the inputs and outputs of a network. */
#define USUAL_FEATURES 64
#define USUAL_PIXELS   196
#define USUAL_CLASSES  10

static double circuit_cost(const qst_circuit_opts *circuit)
{
    double layers = (double)(circuit->ansatz.reps ? circuit->ansatz.reps : 3);
    double amplitudes = (double)((size_t)1 << (circuit->qubits < 40 ? circuit->qubits : 40));
    return (FIXED_COST + amplitudes) * (double)circuit->qubits * layers;
}

/* A stack of layers under way: what its last one gives a sample. */
typedef struct stack {
    double cost, features, channels;
} stack;

static void add_dense(stack *s, size_t size)
{
    s->cost += s->features * (double)size;
    s->features = (double)size;
}

static void add_convolution(stack *s, size_t channels, size_t height, size_t width)
{
    s->cost += s->channels * (double)channels * (double)(height * width) * USUAL_PIXELS;
    s->channels = (double)channels;
    s->features = (double)channels * USUAL_PIXELS / 4;
}

static void add_layers(stack *s, const qst_layer *layers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (layers[i].kind == QST_LAYER_dense)
            add_dense(s, layers[i].size);
        else if (layers[i].kind == QST_LAYER_conv)
            add_convolution(s, layers[i].size, layers[i].kernel[0], layers[i].kernel[1]);
    }
}

/* The classical parts of a model. */
static double network_cost(const qst_model_opts *model)
{
    const qst_network_opts *network = &model->network;
    stack s = {.features = USUAL_FEATURES, .channels = 1};
    add_layers(&s, model->before, model->n_before);
    add_layers(&s, model->after, model->n_after);
    add_layers(&s, network->layers, network->n_layers);
    for (size_t i = 0; i < network->n_channels; i++)
        add_convolution(&s, network->channels[i], network->kernel, network->kernel);
    for (size_t i = 0; i < network->n_hidden; i++)
        add_dense(&s, network->hidden[i]);
    add_dense(&s, USUAL_CLASSES);
    return s.cost;
}

double qsti_training_cost(const qsti_recipe_model *model)
{
    if (model->is_table)
        return 0;
    double of_sample = circuit_cost(&model->model.circuit) + network_cost(&model->model);
    return of_sample * (double)model->train.epochs * (double)(model->train.restarts + 1);
}

double qsti_base_cost(const qsti_recipe_values *values)
{
    double cost = qsti_training_cost(&values->teacher) * (double)values->teacher.ensemble;
    double n_cells = (double)qsti_distill_cells(&values->distill);
    for (size_t i = 0; i < values->n_assistants; i++)
        cost += n_cells * qsti_training_cost(&values->assistant_models[i]);
    return cost + n_cells * (double)(values->generations - 1) * qsti_training_cost(&values->student);
}
