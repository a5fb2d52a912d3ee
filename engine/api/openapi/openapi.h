/* The description of the socket, OpenAPI 3.1: made at build time of the tables of routes and
 * problems and of engine/api/openapi/paths.py. */
#ifndef SANKOFA_API_OPENAPI_H
#define SANKOFA_API_OPENAPI_H

extern const char openapi_json[];

#endif
