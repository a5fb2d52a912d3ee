/* The parser's own faults in plain words. Inside yaml/ alone. */
#ifndef SANKOFA_YAML_FAULT_H
#define SANKOFA_YAML_FAULT_H

#include <yaml.h>

#include "yaml/source.h"

/* Adds the error that stopped `parser`. */
void yaml_fault_add(const yaml_parser_t *parser, struct source *source, struct diag_list *diags);

#endif
