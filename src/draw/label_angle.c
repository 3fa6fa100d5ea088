/* label_angle.c: angles in a label. A number is written by qsti_label_number(); an expression in parameters as infix
 * text with the number of a sum or product in front, "1 + 2*a", as Qiskit prints it. Qiskit also expands and sorts, and
 * gives all digits; here an expression stays as it was written otherwise, and its numbers have those of a number alone.
 */
#include <math.h>
#include <string.h>

#include "draw/label.h"

/* Longer expressions are told by an ellipsis: nobody reads them in a box. The depth of the walk is bounded by it. */
#define MAX_TOKENS 128

typedef struct printer {
    qsti_text *out;
    const qst_assembly *assembly;
    const qsti_number_form *form;
    qst_token tokens[MAX_TOKENS];
    uint8_t first[MAX_TOKENS]; /* where the operand that ends here begins */
    size_t n_tokens;
} printer;

typedef struct operator_form {
    const char *text;
    int binding; /* how tightly it holds: an operand that binds less stands in parentheses */
    int n_operands;
} operator_form;

static operator_form form_of(qst_operator kind)
{
    switch (kind) {
    case QST_OPERATOR_NUMBER:
    case QST_OPERATOR_VARIABLE:
        return (operator_form){"", 5, 0};
    case QST_OPERATOR_ADD:
        return (operator_form){" + ", 1, 2};
    case QST_OPERATOR_SUBTRACT:
        return (operator_form){" - ", 1, 2};
    case QST_OPERATOR_MULTIPLY:
        return (operator_form){"*", 2, 2};
    case QST_OPERATOR_DIVIDE:
        return (operator_form){"/", 2, 2};
    case QST_OPERATOR_POWER:
        return (operator_form){"**", 4, 2};
    case QST_OPERATOR_NEGATE:
        return (operator_form){"-", 2, 1};
    case QST_OPERATOR_SIN:
        return (operator_form){"sin", 5, 1};
    case QST_OPERATOR_COS:
        return (operator_form){"cos", 5, 1};
    case QST_OPERATOR_TAN:
        return (operator_form){"tan", 5, 1};
    case QST_OPERATOR_EXP:
        return (operator_form){"exp", 5, 1};
    case QST_OPERATOR_LN:
        return (operator_form){"log", 5, 1};
    case QST_OPERATOR_SQRT:
        return (operator_form){"sqrt", 5, 1};
    case QST_OPERATOR_ARCSIN:
        return (operator_form){"asin", 5, 1};
    case QST_OPERATOR_ARCCOS:
        return (operator_form){"acos", 5, 1};
    case QST_OPERATOR_ARCTAN:
        return (operator_form){"atan", 5, 1};
    }
    return (operator_form){"?", 5, 0};
}

/* Finds where each operand begins; false for what is no expression. */
static bool find_operands(printer *p)
{
    uint8_t stack[MAX_TOKENS];
    size_t depth = 0;
    for (size_t t = 0; t < p->n_tokens; t++) {
        size_t n_operands = (size_t)form_of(p->tokens[t].kind).n_operands;
        if (depth < n_operands) {
            return false;
        }
        depth -= n_operands;
        p->first[t] = n_operands ? stack[depth] : (uint8_t)t;
        stack[depth++] = p->first[t];
    }
    return depth == 1;
}

/* Whole numbers stay whole, also where others have decimals. */
static void print_number(const printer *p, double value)
{
    if (p->form->decimals >= 0 && value == round(value) && fabs(value) < 1e6) {
        qsti_text_add(p->out, "%.0f", value);
    } else {
        qsti_label_number(p->out, value, p->form);
    }
}

static bool is_number(const printer *p, size_t token)
{
    return p->tokens[token].kind == QST_OPERATOR_NUMBER;
}

static void print_operand(const printer *p, size_t last, int least_binding);

static void print_binary(const printer *p, size_t last, operator_form form)
{
    qst_operator kind = p->tokens[last].kind;
    size_t right = last - 1, left = p->first[right] - 1u;
    bool is_sum = kind == QST_OPERATOR_ADD || kind == QST_OPERATOR_SUBTRACT;
    if ((is_sum || kind == QST_OPERATOR_MULTIPLY) && is_number(p, right) && !is_number(p, left)) {
        double number = p->tokens[right].number;
        print_number(p, kind == QST_OPERATOR_SUBTRACT ? -number : number);
        qsti_text_add(p->out, "%s", is_sum ? " + " : form.text);
        print_operand(p, left, form.binding);
        return;
    }
    bool is_left_only = kind == QST_OPERATOR_SUBTRACT || kind == QST_OPERATOR_DIVIDE;
    print_operand(p, left, form.binding + (kind == QST_OPERATOR_POWER));
    qsti_text_add(p->out, "%s", form.text);
    print_operand(p, right, form.binding + is_left_only);
}

/* The operand that ends at token `last`. Nested at most MAX_TOKENS deep. */
static void print_operand(const printer *p, size_t last, int least_binding)
{
    const qst_token *token = &p->tokens[last];
    operator_form form = form_of(token->kind);
    bool is_function = form.n_operands == 1 && token->kind != QST_OPERATOR_NEGATE;
    bool in_parentheses = form.binding < least_binding;
    qsti_text_add(p->out, in_parentheses ? "(" : "");
    if (token->kind == QST_OPERATOR_NUMBER) {
        print_number(p, token->number);
    } else if (token->kind == QST_OPERATOR_VARIABLE) {
        qsti_label_name(p->out, qst_assembly_parameter(p->assembly, token->variable), p->form->ascii);
    } else if (form.n_operands == 2) {
        print_binary(p, last, form);
    } else {
        qsti_text_add(p->out, "%s%s", form.text, is_function ? "(" : "");
        print_operand(p, last - 1, is_function ? 0 : form.binding + 1);
        qsti_text_add(p->out, is_function ? ")" : "");
    }
    qsti_text_add(p->out, in_parentheses ? ")" : "");
}

/* Appends the tokens of sign * expression + shift; a constant stays one number. */
static bool collect(printer *p, const qst_expression *expression, double sign, double shift)
{
    if (expression->n_tokens == 1 && expression->tokens[0].kind == QST_OPERATOR_NUMBER) {
        p->tokens[p->n_tokens++] = (qst_token){QST_OPERATOR_NUMBER, 0, sign * expression->tokens[0].number + shift};
        return true;
    }
    if (expression->n_tokens + 3 > MAX_TOKENS) {
        return false;
    }
    memcpy(p->tokens, expression->tokens, expression->n_tokens * sizeof *p->tokens);
    p->n_tokens = expression->n_tokens;
    if (sign < 0) {
        p->tokens[p->n_tokens++] = (qst_token){QST_OPERATOR_NEGATE, 0, 0};
    }
    if (shift != 0) {
        p->tokens[p->n_tokens++] = (qst_token){QST_OPERATOR_NUMBER, 0, shift};
        p->tokens[p->n_tokens++] = (qst_token){QST_OPERATOR_ADD, 0, 0};
    }
    return true;
}

void qsti_label_angle(qsti_text *out, const qst_assembly *assembly, const qsti_action *action, size_t index,
                      const qsti_number_form *form)
{
    qsti_action_angle how = action->is_gate ? action->angles[index] : (qsti_action_angle){index, 1, 0};
    printer p = {.out = out, .assembly = assembly, .form = form};
    if (!collect(&p, &action->instruction.angles[how.from], how.sign, how.shift) || !find_operands(&p)) {
        qsti_text_add(out, "...");
    } else if (p.n_tokens == 1 && is_number(&p, 0)) {
        qsti_label_number(out, p.tokens[0].number, form);
    } else {
        print_operand(&p, p.n_tokens - 1, 0);
    }
}

void qsti_label_angles(qsti_text *out, const qst_assembly *assembly, const qsti_action *action, const char *between,
                       const qsti_number_form *form)
{
    size_t n_angles = action->instruction.n_angles;
    for (size_t a = 0; a < n_angles; a++) {
        qsti_text_add(out, "%s", a ? between : "(");
        qsti_label_angle(out, assembly, action, a, form);
    }
    qsti_text_add(out, n_angles ? ")" : "");
}
