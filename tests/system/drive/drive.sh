#!/bin/sh
# Brings a case of tests/system/rights.yaml from opening to closure with curl: drive.sh SOCKET
set -eu
socket=$1

# ask WHO METHOD PATH [JSON]: prints the body; a status of 400 and more ends the script.
ask() {
    curl --silent --show-error --fail-with-body --unix-socket "$socket" --request "$2" \
        --header "Sankofa-As: $1" --header "Content-Type: application/json" \
        --header "Idempotency-Key: curl-$$-$2-$3" ${4:+--data "$4"} "http://sankofa$3"
}

code=$(ask awa POST /v1/cases '{"workflow": "rights", "data": {"place": "Dakar"}}' |
    sed 's/.*"code":"\([^"]*\)".*/\1/')
ask awa POST "/v1/cases/$code/assign" '{"person": "awa"}' >/dev/null
ask awa POST "/v1/cases/$code/transitions/write" '{"data": {"name": "Awa Ba", "age": 9}}' >/dev/null
ask awa POST "/v1/cases/$code/notes" '{"text": "The uncle called."}' >/dev/null
ask binta POST "/v1/cases/$code/transitions/end" '{}' >/dev/null
ask binta GET "/v1/cases/$code" | grep -q '"closed":true'
echo "$code"
