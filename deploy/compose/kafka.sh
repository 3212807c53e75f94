# Starts Kafka with the operator's password, and with TLS if there is a certificate; the names of variables are the image's.
set -eu
secrets=/run/secrets
if [ ! -s $secrets/operator-password ]; then
  echo "The secrets of Kafka are missing: run 'make secrets', then the same again." >&2
  sleep 2
  exit 1
fi
password=$(cat $secrets/operator-password)
login=org.apache.kafka.common.security.plain.PlainLoginModule
operator="$login required username=\"operator\" password=\"$password\" user_operator=\"$password\";"
export KAFKA_LISTENER_NAME_CLIENTS_PLAIN_SASL_JAAS_CONFIG="$operator" KAFKA_LISTENER_NAME_CONTROLLER_PLAIN_SASL_JAAS_CONFIG="$operator"
protocol=SASL_PLAINTEXT
if [ -s $secrets/tls.pem ]; then
  protocol=SASL_SSL
  export KAFKA_SSL_KEYSTORE_TYPE=PEM KAFKA_SSL_KEYSTORE_LOCATION=$secrets/tls.pem
  export KAFKA_SSL_TRUSTSTORE_TYPE=PEM KAFKA_SSL_TRUSTSTORE_LOCATION=$secrets/ca.pem
fi
export KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="CLIENTS:$protocol,CONTROLLER:SASL_PLAINTEXT"
exec /etc/kafka/docker/run
