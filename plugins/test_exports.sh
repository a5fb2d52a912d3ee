#!/bin/sh
# A plugin exports sankofa_plugin and nothing else, and needs nothing but libc and what stands here.
#
#     test_exports.sh FILE.so...
set -eu

allowed() {
    case "$1" in
    document) echo libhpdf ;;
    exec) echo libjansson ;;
    http) echo 'libcurl\|libjansson' ;;
    *) echo libc ;;
    esac
}

for file in "$@"; do
    # Sanitizers put names of their own into what they instrument.
    names=$(nm -D --defined-only "$file" | awk '{print $3}' | grep -v -e '^__' -e '^_init$' -e '^_fini$' || true)
    if [ "$names" != sankofa_plugin ]; then
        echo "$file exports: $names" >&2
        exit 1
    fi
    needs=$(objdump -p "$file" | awk '$1 == "NEEDED" {print $2}' | grep -v -e '^libc\.so' -e '^lib[a-z]*san\.so' \
        -e "^\($(allowed "$(basename "$file" .so)")\)[.-]" || true)
    if [ -n "$needs" ]; then
        echo "$file needs: $needs" >&2
        exit 1
    fi
done
