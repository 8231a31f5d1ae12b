#!/bin/sh
# Fills nginx.conf in and becomes nginx. A value that could end a string or a line of it is refused.
set -eu
broker=${LAMPFIELD_WEB_BROKER:-mosquitto:9001}
username=${LAMPFIELD_WEB_USERNAME:-wall}
root=${LAMPFIELD_TOPIC_ROOT:-lampfield/v1}
for pair in "LAMPFIELD_WEB_BROKER=$broker" "LAMPFIELD_WEB_USERNAME=$username" "LAMPFIELD_TOPIC_ROOT=$root"; do
  case ${pair#*=} in
    *[!A-Za-z0-9._:/-]*) echo "web-wall: ${pair%%=*}: allowed: letters, digits and . _ : / -" >&2; exit 2 ;;
  esac
done
# The name server that the container was given; an IPv6 address stands in brackets.
resolver=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2); exit }' /etc/resolv.conf)
sed -e "s|@RESOLVER@|${resolver:-127.0.0.11}|" -e "s|@BROKER@|$broker|" -e "s|@USERNAME@|$username|" \
  -e "s|@ROOT@|$root|" /usr/local/share/web-wall/nginx.conf >/tmp/nginx.conf
# By TLS as well, where somebody mounted a certificate (deploy/web-tls.yml).
if [ -e /run/tls/certificate.pem ]; then
  [ -r /run/tls/key.pem ] || { echo "web-wall: the key cannot be read by user $(id -u)" >&2; exit 2; }
  sed -i -e 's|# @TLS@ ||' /tmp/nginx.conf
fi
exec nginx -e stderr -c /tmp/nginx.conf -g 'daemon off;'
