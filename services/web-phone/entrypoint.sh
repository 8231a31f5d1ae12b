#!/bin/sh
# Fills nginx.conf in and becomes nginx. A value that could end a string or a line of it is refused.
set -eu
control=${LAMPFIELD_PHONE_CONTROL:-call-control:8081}
sip=${LAMPFIELD_PHONE_SIP:-host.docker.internal:5066}
guest=${LAMPFIELD_PHONE_GUEST_SIP:-host.docker.internal:5067}
broker=${LAMPFIELD_PHONE_BROKER:-mosquitto:9001}
for pair in "LAMPFIELD_PHONE_CONTROL=$control" "LAMPFIELD_PHONE_SIP=$sip" "LAMPFIELD_PHONE_GUEST_SIP=$guest" \
  "LAMPFIELD_PHONE_BROKER=$broker"; do
  case ${pair#*=} in
    *[!A-Za-z0-9._:-]*) echo "web-phone: ${pair%%=*}: allowed: a host and a port, as in pbx.example:5066" >&2; exit 2 ;;
  esac
done
share=/usr/local/share/web-phone
config=/phone/config.json
[ -e "$config" ] || config=$share/config.json
# Where the pages may connect to besides this host: what config.json names, and nothing else.
connect=$(grep -oE '(wss?|https?)://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]+)?' "$config" | sort -u | tr '\n' ' ' || true)
# The name server that the container was given; an IPv6 address stands in brackets.
resolver=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
sed -e "s|@RESOLVER@|${resolver:-127.0.0.11}|" -e "s|@CONNECT@|${connect:+ ${connect% }}|" -e "s|@CONFIG@|$config|" \
  -e "s|@CONTROL@|$control|" -e "s|@SIP@|$sip|" -e "s|@GUEST_SIP@|$guest|" -e "s|@BROKER@|$broker|" \
  -e "s|@SOCKET@|$share/socket.conf|" "$share/nginx.conf" >/tmp/nginx.conf
exec nginx -e stderr -c /tmp/nginx.conf -g 'daemon off;'
