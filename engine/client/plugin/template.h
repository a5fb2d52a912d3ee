/* The files of contrib/plugin-template, as `embed` there builds them into the program. */
#ifndef SANKOFA_CLIENT_TEMPLATE_H
#define SANKOFA_CLIENT_TEMPLATE_H

enum { TEMPLATE_FILE_COUNT = 4 };

struct template_file {
    const char *name; /* with @NAME@ where the plugin's name goes, as in the text */
    const char *text;
};

extern const struct template_file template_files[TEMPLATE_FILE_COUNT];

#endif
