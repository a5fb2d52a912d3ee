/* `secrets` of a plugin in sankofad.yaml: {NAME: {file: PATH}} or {NAME: {credential: NAME}}. */
#ifndef SANKOFA_DAEMON_CONFIG_SECRETS_H
#define SANKOFA_DAEMON_CONFIG_SECRETS_H

#include "base/diag.h"
#include "steps/steps.h"
#include "yaml/yaml.h"

/* Paths are relative to `folder`; the files are looked at when a host is started. Everything lives
 * in diags->arena. */
void config_read_secrets(struct diag_list *diags, const char *folder, const struct yaml_node *node,
                         struct steps_plugin *plugin);

#endif
