/* openqasm2.y: the grammar of OpenQASM 2 [cross2017]. What Qiskit's reader takes besides is taken too: commas behind the
 * last of a list, empty statements, `barrier;` for all qubits. Every list is left-recursive, so that the parser's stack
 * grows with nesting alone. */

%define api.prefix {qsti_qasm2_}
%define api.pure full
%define api.location.type {qsti_qasm_at}
%define parse.error custom
%locations
%param {qsti_qasm_reading *reading}
%initial-action { @$ = 0; }

%code requires {
#include "qasm/openqasm2.h"
}

%union {
    qsti_qasm_word word;
    qst_operator function;
    const qsti_qasm_symbol *gate;
}

%code {
#define YYMALLOC(n)   qsti_qasm_stack(reading, n)
#define YYFREE(p)     qsti_free(reading->ctx, p)
#define YYMAXDEPTH    (20 * QSTI_QASM_MAX_NESTING)
#define YYLLOC_DEFAULT(current, rhs, n) ((current) = (n) ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))

/* Runs a call of reading.h, which has said what is wrong when it fails. */
#define DO(call)                \
    do {                        \
        if ((call) != QST_OK)   \
            YYABORT;            \
    } while (0)

int qsti_qasm2_lex(QSTI_QASM2_STYPE *value, QSTI_QASM2_LTYPE *at, qsti_qasm_reading *reading);
static void qsti_qasm2_error(const qsti_qasm_at *at, qsti_qasm_reading *reading, const char *message);
}

%token END 0 "the end of the file"
%token OPENQASM "'OPENQASM'" INCLUDE "'include'" QREG "'qreg'" CREG "'creg'" GATE "'gate'" OPAQUE "'opaque'"
%token BARRIER "'barrier'" MEASURE "'measure'" RESET "'reset'" IF "'if'" PI "'pi'"
%token <word> NAME "a name" INTEGER "a whole number" REAL "a real number" STRING "a file's name in quotes"
%token <function> FUNCTION "a function"
%token ARROW "'->'" EQUALS "'=='" REFUSED "what no text holds"

%type <word> new_gate version_number
%type <gate> gate
%type <function> own_function

%left '+' '-'
%left '*' '/'
%precedence SIGN
%right '^'

%%

file: %empty | file statement;

statement: ';'
         | version
         | other { qsti_qasm2_note_statement(reading); }
         ;

other: include
     | QREG NAME '[' INTEGER ']' ';'   { DO(qsti_qasm2_declare(reading, @2, $2, @4, $4, false)); }
     | CREG NAME '[' INTEGER ']' ';'   { DO(qsti_qasm2_declare(reading, @2, $2, @4, $4, true)); }
     | definition
     | quantum
     | barrier
     | condition quantum               { qsti_qasm_end_condition(reading); }
     ;

version: OPENQASM version_number ';';
version_number: REAL    { DO(qsti_qasm2_check_version(reading, @0, @1, $1)); }
              | INTEGER { DO(qsti_qasm2_check_version(reading, @0, @1, $1)); }
              ;

include: INCLUDE STRING ';' { DO(qsti_qasm2_include(reading, @1, @2, $2)); };

/* --- gates that the file defines */

definition: new_gate parameters qubits '{' { DO(qsti_qasm_open_definition(reading, @1, $1, false)); }
            body '}'                       { DO(qsti_qasm_close_definition(reading)); }
          | OPAQUE NAME                    { DO(qsti_qasm_free_name(reading, @2, $2, true)); }
            parameters qubits ';'          { DO(qsti_qasm_open_definition(reading, @2, $2, true));
                                             DO(qsti_qasm_close_definition(reading)); }
          ;
new_gate: GATE NAME { DO(qsti_qasm_free_name(reading, @2, $2, true)); $$ = $2; @$ = @2; };

parameters: %empty | '(' ')' | '(' parameter_names comma ')';
parameter_names: parameter_name | parameter_names ',' parameter_name;
parameter_name: NAME { DO(qsti_qasm_add_local(reading, @1, $1, false)); };
qubits: qubit_names comma;
qubit_names: qubit_name | qubit_names ',' qubit_name;
qubit_name: NAME { DO(qsti_qasm_add_local(reading, @1, $1, true)); };
comma: %empty | ',';

body: %empty | body call | body barrier;

/* --- what acts on qubits */

condition: IF '(' NAME EQUALS INTEGER ')' { DO(qsti_qasm2_begin_condition(reading, @3, $3, @5, $5)); };

quantum: call
       | MEASURE operand ARROW bit_operand ';' { DO(qsti_qasm_add_measure(reading, @1)); }
       | RESET operand ';'                     { DO(qsti_qasm_add_reset(reading, @1)); }
       ;

call: gate arguments operands comma ';' {
          qsti_qasm_call call = {.gate = $1, .at = @1};
          DO(qsti_qasm_add_call(reading, &call));
      };
gate: NAME { DO(qsti_qasm_find_gate(reading, @1, $1, &$$)); };

barrier: BARRIER ';'                { DO(qsti_qasm_add_barrier(reading, @1)); }
       | BARRIER operands comma ';' { DO(qsti_qasm_add_barrier(reading, @1)); }
       ;

operands: operand | operands ',' operand;
operand: NAME                 { DO(qsti_qasm_add_operand(reading, @1, $1, false)); }
       | NAME '[' INTEGER ']' { DO(qsti_qasm2_add_element(reading, @1, $1, false, reading->in_definition ? @2 : @3, $3)); }
       ;
bit_operand: NAME                 { DO(qsti_qasm_add_operand(reading, @1, $1, true)); }
           | NAME '[' INTEGER ']' { DO(qsti_qasm2_add_element(reading, @1, $1, true, @3, $3)); }
           ;

/* --- angles */

arguments: %empty | '(' ')' | '(' angles comma ')';
angles: angle | angles ',' angle;

angle: INTEGER              { DO(qsti_qasm_literal(reading, @1, $1)); }
     | REAL                 { DO(qsti_qasm_literal(reading, @1, $1)); }
     | PI                   { DO(qsti_qasm_number(reading, @1, QSTI_QASM_PI)); }
     | NAME                 { DO(qsti_qasm2_variable(reading, @1, $1)); }
     | '(' angle ')'
     | '+' angle %prec SIGN
     | '-' angle %prec SIGN { DO(qsti_qasm_operator(reading, @1, QST_OPERATOR_NEGATE)); }
     | angle '+' angle      { DO(qsti_qasm_operator(reading, @2, QST_OPERATOR_ADD)); }
     | angle '-' angle      { DO(qsti_qasm_operator(reading, @2, QST_OPERATOR_SUBTRACT)); }
     | angle '*' angle      { DO(qsti_qasm_operator(reading, @2, QST_OPERATOR_MULTIPLY)); }
     | angle '/' angle      { DO(qsti_qasm_operator(reading, @2, QST_OPERATOR_DIVIDE)); }
     | angle '^' angle      { DO(qsti_qasm_operator(reading, @2, QST_OPERATOR_POWER)); }
     | FUNCTION '(' angle ')'     { DO(qsti_qasm_operator(reading, @1, $1)); }
     | own_function angle ')'     { DO(qsti_qasm_operator(reading, @1, $1)); }
     ;
own_function: NAME '('      { DO(qsti_qasm2_find_function(reading, @1, $1, &$$)); };

%%

/* "'}' cannot stand here, expected ';' or ','". */
static int yyreport_syntax_error(const yypcontext_t *context, qsti_qasm_reading *reading)
{
    yysymbol_kind_t expected[QSTI_QASM2_MAX_EXPECTED + 1];
    const char *names[QSTI_QASM2_MAX_EXPECTED];
    if (reading->status != QST_OK) {
        return 0; /* the scanner has said it already */
    }
    int n = yypcontext_expected_tokens(context, expected, QSTI_QASM2_MAX_EXPECTED + 1);
    n = n > QSTI_QASM2_MAX_EXPECTED ? 0 : n;
    for (int i = 0; i < n; i++)
        names[i] = yysymbol_name(expected[i]);
    qsti_qasm2_fail_syntax(reading, *yypcontext_location(context), yypcontext_token(context) == YYSYMBOL_YYEOF, names,
                           (size_t)n);
    return 0;
}

/* Only when bison's stack is at its limit, or memory at its end. */
static void qsti_qasm2_error(const qsti_qasm_at *at, qsti_qasm_reading *reading, const char *message)
{
    (void)message;
    if (reading->status == QST_OK) {
        qsti_qasm2_fail_nesting(reading, *at);
    }
}
